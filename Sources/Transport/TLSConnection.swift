/// One OpenSSL connection object over a non-blocking descriptor: steps that either finish or say what they wait for.
private import COpenSSL
import Glibc

/// Which side of the handshake to play.
package enum TLSRole {
    /// `bindingID` is put into tickets issued on this connection (control connections only); without it no tickets are issued.
    /// `host` is whose certificate to show: on a control connection unless the client asks for none (SNI), on a data connection always.
    case server(bindingID: [UInt8]?, host: TLSHostName? = nil)
    /// `name` is sent as SNI and, if the context verifies names, checked against the certificate.
    case client(name: String, resuming: TLSSession?)
}

// Sendable: used by its `Connection` only, on the connection's loop.
@safe package final class TLSConnection: @unchecked Sendable {
    private let ssl: OpaquePointer
    private let context: TLSContext
    private var isFreed = false
    private var sentCloseNotify = false
    private let binding: TicketBinding
    private let verifiesPin: Bool

    init(_ context: TLSContext, role: TLSRole, descriptor: Int32) throws(TransportError) {
        guard let ssl = unsafe SSL_new(context.pointer) else { throw .tls(drainErrorQueue()) }
        unsafe self.ssl = ssl
        self.context = context
        unsafe SSL_set_fd(ssl, descriptor)
        switch role {
        case .server(let bindingID, let host):
            let hosts = HostChoice(context.hosts, demanded: host)
            binding = TicketBinding(own: bindingID, hosts: hosts, live: context.liveSessions)
            unsafe SSL_set_accept_state(ssl)
            if let chosen = hosts.demandedContext { unsafe SSL_set_SSL_CTX(ssl, chosen.pointer) }
            if bindingID == nil { unsafe SSL_set_num_tickets(ssl, 0) }
            verifiesPin = false
        case .client(let name, let session):
            binding = TicketBinding(own: nil)
            unsafe SSL_set_connect_state(ssl)
            if SocketAddress(numeric: name, port: 0) == nil {
                unsafe phr_SSL_set_tlsext_host_name(ssl, name)
                unsafe SSL_set1_host(ssl, name)
            } else {
                unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name)
            }
            // A copy: an error on this connection marks its session as spoilt, and others go on to resume the original.
            if let session, let copy = unsafe SSL_SESSION_dup(session.pointer) {
                unsafe SSL_set_session(ssl, copy)
                unsafe SSL_SESSION_free(copy)
            }
            verifiesPin = true
        }
        unsafe TicketBinding.attach(binding, to: ssl)
    }

    deinit { free() }

    func free() {
        guard !isFreed else { return }
        isFreed = true
        unsafe TicketBinding.detach(from: ssl)
        unsafe SSL_free(ssl)
    }

    // MARK: Steps

    func handshake() -> IOOutcome {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        guard result == 1 else { return explain(result, isReading: false) }
        // A control connection may itself have resumed a session.
        if isResumed, let session = unsafe SSL_get_session(ssl) { unsafe binding.adopt(session) }
        if verifiesPin, let problem = context.pinProblem(peerCertificateDER) { return .failed(.untrusted(problem)) }
        return .done(0)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> IOOutcome {
        ERR_clear_error()
        let result = unsafe SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        return result > 0 ? .done(Int(result)) : explain(result, isReading: true)
    }

    func write(_ bytes: UnsafeRawBufferPointer) -> IOOutcome {
        ERR_clear_error()
        let result = unsafe SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count))
        return result > 0 ? .done(Int(result)) : explain(result, isReading: false)
    }

    func sendCloseNotify() -> IOOutcome {
        guard !sentCloseNotify else { return .done(0) }
        ERR_clear_error()
        let result = unsafe SSL_shutdown(ssl)
        guard result < 0 else {
            sentCloseNotify = true
            return .done(0)
        }
        return explain(result, isReading: false)
    }

    private func explain(_ result: Int32, isReading: Bool) -> IOOutcome {
        let code = errno
        switch unsafe SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsRead
        case SSL_ERROR_WANT_WRITE: return .wantsWrite
        case SSL_ERROR_ZERO_RETURN: return isReading ? .done(0) : .failed(.disconnected("the peer closed the TLS connection"))
        case SSL_ERROR_SYSCALL where code != 0: return .failed(.disconnected("the connection was lost: \(systemMessage(code))"))
        case SSL_ERROR_SYSCALL: return .failed(.truncated)
        default:
            let cause = ERR_GET_REASON(ERR_peek_error())
            let isUnexpectedEnd = cause == SSL_R_UNEXPECTED_EOF_WHILE_READING
            let trust = unsafe SSL_get_verify_result(ssl)
            let text = drainErrorQueue()
            if isUnexpectedEnd { return .failed(.truncated) }
            if trust != Int(X509_V_OK), verifiesPin || cause == SSL_R_CERTIFICATE_VERIFY_FAILED {
                let reason = unsafe String(cString: X509_verify_cert_error_string(trust))
                return .failed(.untrusted("the \(verifiesPin ? "server" : "client")'s certificate is not trusted: \(reason)"))
            }
            return .failed(.tls(text))
        }
    }

    // MARK: Facts

    /// `TLSv1.3` or `TLSv1.2`.
    package var version: String { unsafe String(cString: SSL_get_version(ssl)) }

    package var cipherSuite: String {
        guard let cipher = unsafe SSL_get_current_cipher(ssl) else { return "" }
        return unsafe String(cString: SSL_CIPHER_get_name(cipher))
    }

    package var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// The binding ID of the control connection whose session was resumed.
    package var resumedBindingID: [UInt8]? { isResumed ? unsafe TicketBinding.id(in: SSL_get_session(ssl)) : nil }

    package var peerCertificateDER: [UInt8]? {
        guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe TLSContext.derBytes(of: certificate)
    }

    /// What the peer's certificate says; it comes with a resumed session too.
    package var peerCertificate: CertificateFacts? {
        guard let certificate = unsafe SSL_get1_peer_certificate(ssl) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe CertificateFacts(certificate)
    }

    /// Whether the peer's certificate chains to an authority that the context trusts.
    package var isPeerVerified: Bool { unsafe SSL_get_verify_result(ssl) == Int(X509_V_OK) }

    /// The name that the client asked for (SNI), in lower case (server side).
    package var requestedName: String? {
        unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0).lowercased() }
    }

    /// Whose certificate is shown (server side).
    package var host: TLSHostName { binding.hosts.chosen }

    /// The newest session that the server offered (client side).
    package var session: TLSSession? {
        if let newest = binding.newestSession { return newest }
        guard let pointer = unsafe SSL_get1_session(ssl) else { return nil }
        return unsafe TLSSession(owning: pointer)
    }

    /// Queues a fresh TLS 1.3 session ticket, which goes out with the next write (server side).
    package func issueTicket() {
        guard unsafe SSL_version(ssl) == TLS1_3_VERSION else { return }
        unsafe SSL_new_session_ticket(ssl)
    }
}

/// A resumable TLS session of the client side.
@safe package final class TLSSession: @unchecked Sendable {  // SSL_SESSION is reference counted and safe to share
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe SSL_SESSION_free(pointer) }
}

/// The reasons in this thread's OpenSSL error queue, which is emptied.
func drainErrorQueue() -> String {
    var reasons: [String] = []
    while true {
        let code = ERR_get_error()
        if code == 0 { break }
        if let text = unsafe ERR_reason_error_string(code) { reasons.append(unsafe String(cString: text)) }
    }
    return reasons.isEmpty ? "unknown error" : reasons.joined(separator: "; ")
}
