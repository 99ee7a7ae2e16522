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

@safe package final class TLSContext: @unchecked Sendable {  // SSL_CTX is reference counted and thread-safe once it is set up
    let pointer: OpaquePointer
    private let pin: [UInt8]?

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

    /// A server's context. One serves control and data connections, so that tickets of the one resume on the other.
    /// - Parameters:
    ///   - certificateChain: PEM file, leaf first.
    ///   - privateKey: PEM file that nobody else may read.
    package static func server(certificateChain: String, privateKey: String, minimum: TLSVersion = .tls12) throws -> TLSContext {
        let context = unsafe try TLSContext(method: unsafe TLS_server_method())
        let pointer = unsafe context.pointer
        unsafe phr_SSL_CTX_set_min_proto_version(pointer, minimum.number)
        unsafe SSL_CTX_set_options(pointer, phr_SSL_OP_CIPHER_SERVER_PREFERENCE)
        guard unsafe SSL_CTX_use_certificate_chain_file(pointer, certificateChain) == 1 else {
            throw TransportError.tls("cannot read the certificate \(certificateChain): \(drainErrorQueue())")
        }
        guard unsafe SSL_CTX_use_PrivateKey_file(pointer, privateKey, SSL_FILETYPE_PEM) == 1 else {
            throw TransportError.tls("cannot read the private key \(privateKey): \(drainErrorQueue())")
        }
        guard unsafe SSL_CTX_check_private_key(pointer) == 1 else {
            throw TransportError.tls("the private key \(privateKey) does not belong to the certificate \(certificateChain)")
        }
        let sessionContext: [UInt8] = Array("phrd".utf8)
        unsafe SSL_CTX_set_session_id_context(pointer, sessionContext, UInt32(sessionContext.count))
        unsafe SSL_CTX_set_timeout(pointer, 24 * 3600)
        unsafe phr_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_SERVER))
        unsafe SSL_CTX_set_num_tickets(pointer, 1)
        unsafe SSL_CTX_set_max_early_data(pointer, 0)
        unsafe SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, nil)
        unsafe TicketBinding.installServerCallbacks(pointer)
        return context
    }

    // MARK: Client

    package static func client(trust: TLSTrust) throws -> TLSContext {
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
        unsafe phr_SSL_CTX_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        unsafe TicketBinding.installClientCallbacks(pointer)
        return context
    }

    /// What is wrong with the server's certificate under a pin; nil if it is the pinned one or there is no pin.
    func pinProblem(_ certificateDER: [UInt8]?) -> String? {
        guard let pin else { return nil }
        guard let certificateDER else { return "the server sent no certificate" }
        return Self.sha256(certificateDER) == pin ? nil : "the server's certificate is not the pinned one; if it was renewed, log in again with its new fingerprint"
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

    /// The SHA-256 of the leaf certificate's DER form and the seconds until it expires; for the operator's check-up.
    package var certificateFacts: (sha256: [UInt8], secondsLeft: Int)? {
        guard let certificate = unsafe SSL_CTX_get0_certificate(pointer), let der = unsafe Self.derBytes(of: certificate) else { return nil }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard unsafe ASN1_TIME_diff(&days, &seconds, nil, X509_get0_notAfter(certificate)) == 1 else { return nil }
        return (Self.sha256(der), Int(days) * 86_400 + Int(seconds))
    }
}

/// Accepts ALPN `ftp` and `ftp-data`; a client that offers only other protocols (a web browser led astray) gets an alert.
private func selectProtocol(
    _ ssl: OpaquePointer?, _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ outLength: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32, _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    guard let out = unsafe out, let outLength = unsafe outLength, let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    var index = 0
    while index < list.count {
        let length = Int(unsafe list[index])
        guard index + 1 + length <= list.count else { break }
        let name = unsafe list[(index + 1)..<(index + 1 + length)]
        if unsafe name.elementsEqual("ftp".utf8) || name.elementsEqual("ftp-data".utf8) {
            unsafe out.pointee = offered + index + 1
            unsafe outLength.pointee = UInt8(length)
            return SSL_TLSEXT_ERR_OK
        }
        index += 1 + length
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
