/// Which certificate a server shows: by the name that the client asks for (SNI, RFC 6066 §3), or by the name it gave before (HOST, RFC 7151).
///
/// Only control connections look at SNI. A data connection shows what its control connection showed, whatever name the client asks for.
private import COpenSSL

/// A host of a server: one of those with a certificate of their own, or the server itself.
package enum TLSHostName: Sendable, Hashable {
    case server
    /// The first of the host's names.
    case named(String)
}

final class HostChoice {
    private let hosts: [(names: [String], context: TLSContext)]
    private let demanded: TLSHostName?
    private(set) var chosen: TLSHostName

    init(_ hosts: [(names: [String], context: TLSContext)], demanded: TLSHostName? = nil) {
        self.hosts = hosts
        self.demanded = demanded
        chosen = demanded ?? .server
    }

    /// The context with the certificate of the demanded host, if it is not the server's own.
    var demandedContext: TLSContext? { context(of: chosen) }

    private func context(of name: TLSHostName) -> TLSContext? {
        guard case .named(let first) = name else { return nil }
        return hosts.first { $0.names.first == first }?.context
    }

    static func install(_ context: OpaquePointer) {
        unsafe phr_SSL_CTX_set_servername_callback(context, serverNameRead)
    }

    /// Takes the name in the client's hello. False: it contradicts the host that was demanded before.
    fileprivate func use(_ requested: String, on ssl: OpaquePointer) -> Bool {
        let name = requested.lowercased()
        let found = hosts.first { $0.names.contains(name) }?.names.first.map { TLSHostName.named($0) } ?? .server
        if let demanded { return demanded == found }
        chosen = found
        if let context = context(of: found) { unsafe SSL_set_SSL_CTX(ssl, context.pointer) }
        return true
    }
}

private func serverNameRead(_ ssl: OpaquePointer?, _ alert: UnsafeMutablePointer<Int32>?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    guard let ssl = unsafe ssl, let binding = unsafe TicketBinding.of(ssl), binding.own != nil else { return SSL_TLSEXT_ERR_OK }
    guard let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return SSL_TLSEXT_ERR_NOACK }
    if unsafe binding.hosts.use(String(cString: name), on: ssl) { return SSL_TLSEXT_ERR_OK }
    unsafe alert?.pointee = SSL_AD_UNRECOGNIZED_NAME
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
