/// The settings shared by many TLS connections: certificate and key of a server, or whom a client trusts.
private import COpenSSL
import Glibc

/// Whom a client accepts as the server.
package enum TLSTrust: Sendable {
    case systemRoots
    /// The certificate authorities in a PEM file; the server's name or address is checked too.
    case certificateAuthority(path: String)
    /// Exactly the certificate with this SHA-256 over its DER form.
    case pinned(sha256: [UInt8])
}

/// Which TLS versions a server speaks.
package enum TLSVersion: String, Sendable {
    case tls12 = "1.2"
    case tls13 = "1.3"

    fileprivate var number: Int32 { self == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION }
}

/// Whether a server asks its clients for certificates. One that does not chain to the authority ends the handshake.
///
/// Revocations are a PEM file with the authority's list, or lists. With it, an authority without a valid list vouches for nobody.
package enum TLSClientCertificates: Sendable, Equatable {
    case off
    /// Without an authority (a PEM file), any certificate is taken, and whoever knows its fingerprint decides what it is worth.
    case optional(authority: String?, revocations: String? = nil)
    case required(authority: String, revocations: String? = nil)
}

/// What a client shows a server that asks for a certificate: the chain, leaf first, and its key, both PEM files.
package struct TLSIdentity: Sendable, Equatable {
    package let certificateChain: String
    package let privateKey: String

    package init(certificateChain: String, privateKey: String) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

/// A name that a server goes by, with a certificate of its own.
package struct TLSHost: Sendable {
    /// Lower case.
    package let names: [String]
    package let certificateChain: String
    package let privateKey: String

    package init(names: [String], certificateChain: String, privateKey: String) {
        self.names = names
        self.certificateChain = certificateChain
        self.privateKey = privateKey
    }
}

@safe package final class TLSContext: @unchecked Sendable {  // SSL_CTX is reference counted and thread-safe once it is set up
    let pointer: OpaquePointer
    private let pin: [UInt8]?
    /// The certificates beside the context's own, chosen by name.
    private(set) var hosts: [(names: [String], context: TLSContext)] = []
    /// Of a server.
    let liveSessions = LiveSessions()

    private init(method: OpaquePointer?, pin: [UInt8]? = nil) throws(TransportError) {
        phr_OPENSSL_init()
        ERR_clear_error()
        guard let pointer = unsafe SSL_CTX_new(method) else { throw .tls(drainErrorQueue()) }
        unsafe self.pointer = pointer
        self.pin = pin
        unsafe phr_SSL_CTX_set_min_proto_version(pointer, TLS1_2_VERSION)
        unsafe SSL_CTX_set_options(pointer, phr_SSL_OP_NO_RENEGOTIATION | phr_SSL_OP_NO_COMPRESSION)
        unsafe phr_SSL_CTX_set_mode(
            pointer, Int(SSL_MODE_ENABLE_PARTIAL_WRITE) | Int(SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER) | Int(SSL_MODE_RELEASE_BUFFERS))
        unsafe phr_SSL_CTX_set_read_ahead(pointer, 1)
        unsafe SSL_CTX_set_default_read_buffer_len(pointer, 64 * 1024)
        // AEAD suites with forward secrecy only (SP 800-52r2); the TLS 1.3 suites are all of that kind.
        unsafe SSL_CTX_set_cipher_list(pointer, "ECDHE+AESGCM:ECDHE+CHACHA20")
        // X25519 first spares the clients that offer it a second round trip; the NIST curves are for the others.
        unsafe phr_SSL_CTX_set1_groups_list(pointer, "X25519:P-256:P-384")
    }

    deinit { unsafe SSL_CTX_free(pointer) }

    // MARK: Server

    /// A server's context. One serves control and data connections of all its hosts, so that tickets of the one resume on the other.
    /// - Parameters:
    ///   - certificateChain: PEM file, leaf first.
    ///   - privateKey: PEM file that nobody else may read.
    ///   - hosts: further certificates, for clients that ask for one of their names (SNI, RFC 6066 §3).
    ///   - sessionLifetime: how long sessions and tickets can be resumed whose control connection has ended, in whole seconds.
    package static func server(
        certificateChain: String, privateKey: String, hosts: [TLSHost] = [], clients: TLSClientCertificates = .off, minimum: TLSVersion = .tls12,
        sessionLifetime: Duration = .seconds(24 * 3600)
    ) throws -> TLSContext {
        let context = try bareServer(certificateChain: certificateChain, privateKey: privateKey, clients: clients, minimum: minimum)
        unsafe SSL_CTX_set_timeout(context.pointer, Int(sessionLifetime.components.seconds))
        context.hosts = try hosts.map { host in
            (
                host.names,
                try bareServer(certificateChain: host.certificateChain, privateKey: host.privateKey, clients: clients, minimum: minimum)
            )
        }
        unsafe HostChoice.install(context.pointer)
        return context
    }

    private static func bareServer(
        certificateChain: String, privateKey: String, clients: TLSClientCertificates, minimum: TLSVersion
    ) throws -> TLSContext {
        let context = unsafe try TLSContext(method: unsafe TLS_server_method())
        let pointer = unsafe context.pointer
        unsafe phr_SSL_CTX_set_min_proto_version(pointer, minimum.number)
        unsafe SSL_CTX_set_options(pointer, phr_SSL_OP_CIPHER_SERVER_PREFERENCE)
        let foreignKey = TransportError.tls("the private key \(privateKey) does not belong to the certificate \(certificateChain)")
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, certificateChain) == 1 else {
            throw TransportError.tls("cannot read the certificate \(certificateChain): \(drainErrorQueue())")
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(pointer, privateKey, SSL_FILETYPE_PEM) == 1 else {
            // A key of the certificate's kind is compared here, another one below.
            let isOther = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH
            throw isOther ? foreignKey : TransportError.tls("cannot read the private key \(privateKey): \(drainErrorQueue())")
        }
        guard unsafe SSL_CTX_check_private_key(pointer) == 1 else { throw foreignKey }
        // The same for all hosts: a session may be resumed whichever certificate it began with.
        let sessionContext: [UInt8] = Array("phrd".utf8)
        unsafe SSL_CTX_set_session_id_context(pointer, sessionContext, UInt32(sessionContext.count))
        // Sessions without tickets are those of `LiveSessions` alone.
        unsafe phr_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL))
        unsafe SSL_CTX_set_num_tickets(pointer, 1)
        unsafe SSL_CTX_set_max_early_data(pointer, 0)
        unsafe ProtocolChoice.install(pointer)
        unsafe TicketBinding.installServerCallbacks(pointer)
        try context.ask(for: clients)
        return context
    }

    private func ask(for clients: TLSClientCertificates) throws(TransportError) {
        let authority: String?, revocations: String?
        var mode = SSL_VERIFY_PEER
        switch clients {
        case .off: return
        case .optional(let path, let list): (authority, revocations) = (path, list)
        case .required(let path, let list):
            (authority, revocations) = (path, list)
            mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        }
        guard let authority else {
            // The handshake still proves that the client holds the key; the result of the check stays on the connection.
            return unsafe SSL_CTX_set_verify(pointer, mode) { _, _ in 1 }
        }
        guard unsafe SSL_CTX_load_verify_file(pointer, authority) == 1, let names = unsafe SSL_load_client_CA_file(authority) else {
            throw .tls("cannot read the certificate authority of clients, \(authority): \(drainErrorQueue())")
        }
        unsafe SSL_CTX_set_client_CA_list(pointer, names)  // takes the list over
        if let revocations {
            guard unsafe X509_STORE_load_file(SSL_CTX_get_cert_store(pointer), revocations) == 1 else {
                throw .tls("cannot read the revocation list \(revocations): \(drainErrorQueue())")
            }
            unsafe X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(pointer), UInt(X509_V_FLAG_CRL_CHECK))
        }
        unsafe SSL_CTX_set_verify(pointer, mode, nil)
    }

    // MARK: Client

    package static func client(trust: TLSTrust, identity: TLSIdentity? = nil) throws -> TLSContext {
        var pin: [UInt8]?
        if case .pinned(let digest) = trust { pin = digest }
        let context = unsafe try TLSContext(method: unsafe TLS_client_method(), pin: pin)
        let pointer = unsafe context.pointer
        switch trust {
        case .systemRoots:
            unsafe SSL_CTX_set_default_verify_paths(pointer)
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        case .certificateAuthority(let path):
            guard unsafe SSL_CTX_load_verify_file(pointer, path) == 1 else {
                throw TransportError.tls("cannot read the certificate authority \(path): \(drainErrorQueue())")
            }
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        case .pinned:
            unsafe SSL_CTX_set_verify(pointer, SSL_VERIFY_NONE, nil)  // the pin is checked after the handshake, before any byte is sent
        }
        if let identity {
            guard unsafe SSL_CTX_use_certificate_chain_file(pointer, identity.certificateChain) == 1,
                unsafe SSL_CTX_use_PrivateKey_file(pointer, identity.privateKey, SSL_FILETYPE_PEM) == 1
            else { throw TransportError.tls("cannot use the client certificate \(identity.certificateChain): \(drainErrorQueue())") }
        }
        unsafe phr_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        unsafe TicketBinding.installClientCallbacks(pointer)
        return context
    }

    /// What is wrong with the server's certificate under a pin; nil if it is the pinned one or there is no pin.
    func pinProblem(_ certificateDER: [UInt8]?) -> String? {
        guard let pin else { return nil }
        guard let certificateDER else { return "the server sent no certificate" }
        return Self.sha256(certificateDER) == pin
            ? nil : "the server's certificate is not the pinned one; if it was renewed, log in again with its new fingerprint"
    }

    // MARK: Certificates

    static func derBytes(of certificate: OpaquePointer) -> [UInt8]? {
        var pointer: UnsafeMutablePointer<UInt8>?
        let length = unsafe i2d_X509(certificate, &pointer)
        guard length > 0, let bytes = unsafe pointer else { return nil }
        defer { unsafe CRYPTO_free(bytes, "", 0) }
        return unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(length)))
    }

    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        _ = unsafe SHA256(bytes, bytes.count, &digest)
        return digest
    }

    /// What the context's own certificate says.
    package var certificate: CertificateFacts? {
        guard let certificate = unsafe SSL_CTX_get0_certificate(pointer) else { return nil }
        return unsafe CertificateFacts(certificate)
    }

    /// Whether the context's own certificate is for this name or address.
    package func certifies(_ name: String) -> Bool {
        guard let certificate = unsafe SSL_CTX_get0_certificate(pointer) else { return false }
        if SocketAddress(numeric: name, port: 0) != nil { return unsafe X509_check_ip_asc(certificate, name, 0) == 1 }
        return unsafe X509_check_host(certificate, name, name.utf8.count, 0, nil) == 1
    }
}
