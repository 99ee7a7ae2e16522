/// How a data connection proves to which control connection it belongs: a random ID inside the TLS session tickets.
///
/// Sessions made on a control connection carry its ID as application data, in the ticket or, for TLS 1.2 clients that use no
/// tickets (curl), in `LiveSessions`; the session that a data connection resumes gives it back.
/// State travels to OpenSSL's callbacks as ex-data: retained once by `attach`, released once by `detach`.
private import COpenSSL

final class TicketBinding {
    /// Nil on data connections, and on those of clients.
    let own: [UInt8]?
    let hosts: HostChoice
    fileprivate(set) var newestSession: TLSSession?
    fileprivate let live: LiveSessions?
    private var keptSessionID: [UInt8]?

    /// - Parameters:
    ///   - own: the ID of a control connection.
    ///   - live: the server's.
    init(own: [UInt8]?, hosts: HostChoice = HostChoice([]), live: LiveSessions? = nil) {
        self.own = own
        self.hosts = hosts
        self.live = live
        if let own { live?.begin(own) }
    }

    deinit { if let own { live?.end(own, sessionID: keptSessionID) } }

    /// Makes a session that was made or resumed on the control connection its own.
    func adopt(_ session: OpaquePointer) {
        guard let own, let live else { return }
        _ = unsafe mark(session)
        if keptSessionID == nil { keptSessionID = unsafe live.keep(session, of: own) }
    }

    private static let index: Int32 = phr_SSL_get_ex_new_index()

    static func attach(_ binding: TicketBinding, to ssl: OpaquePointer) {
        unsafe SSL_set_ex_data(ssl, index, Unmanaged.passRetained(binding).toOpaque())
    }

    static func detach(from ssl: OpaquePointer) {
        guard let pointer = unsafe SSL_get_ex_data(ssl, index) else { return }
        unsafe SSL_set_ex_data(ssl, index, nil)
        unsafe Unmanaged<TicketBinding>.fromOpaque(pointer).release()
    }

    static func of(_ ssl: OpaquePointer) -> TicketBinding? {
        guard let pointer = unsafe SSL_get_ex_data(ssl, index) else { return nil }
        return unsafe Unmanaged<TicketBinding>.fromOpaque(pointer).takeUnretainedValue()
    }

    static func installServerCallbacks(_ context: OpaquePointer) {
        unsafe SSL_CTX_set_session_ticket_cb(context, ticketGenerated, ticketDecrypted, nil)
        unsafe SSL_CTX_sess_set_new_cb(context, sessionMade)
        unsafe SSL_CTX_sess_set_get_cb(context, sessionAsked)
    }

    /// Writes the connection's own ID into its session.
    func mark(_ session: OpaquePointer) -> Int32 {
        guard let own else { return 1 }
        return unsafe own.withUnsafeBytes { unsafe SSL_SESSION_set1_ticket_appdata(session, $0.baseAddress, $0.count) }
    }

    /// The ID in a session.
    static func id(in session: OpaquePointer?) -> [UInt8]? {
        guard let session = unsafe session else { return nil }
        var data: UnsafeMutableRawPointer?
        var length = 0
        guard unsafe SSL_SESSION_get0_ticket_appdata(session, &data, &length) == 1, let data = unsafe data, length > 0 else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: data, count: length))
    }

    static func installClientCallbacks(_ context: OpaquePointer) {
        unsafe SSL_CTX_sess_set_new_cb(context, sessionReceived)
    }
}

private func ticketGenerated(_ ssl: OpaquePointer?, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    guard let ssl = unsafe ssl, let session = unsafe SSL_get_session(ssl) else { return 0 }
    // A control connection writes its own ID, also over one that came with a resumed ticket. A data connection issues none.
    return unsafe TicketBinding.of(ssl)?.mark(session) ?? 1
}

private func ticketDecrypted(
    _ ssl: OpaquePointer?, _ session: OpaquePointer?, _ keyName: UnsafePointer<UInt8>?, _ keyNameLength: Int,
    _ status: SSL_TICKET_STATUS, _ argument: UnsafeMutableRawPointer?
) -> SSL_TICKET_RETURN {
    switch Int32(status) {
    case SSL_TICKET_SUCCESS, SSL_TICKET_SUCCESS_RENEW:
        let binding = unsafe ssl.flatMap { unsafe TicketBinding.of($0) }
        // However old the ticket: it is good while its connection lives.
        if let session = unsafe session, let id = unsafe TicketBinding.id(in: session), binding?.live?.contains(id) == true {
            unsafe LiveSessions.renew(session)
        }
        // A control connection issues its own ticket at once. A data connection may use a ticket but gets no new one.
        let renews = binding?.own != nil
        return SSL_TICKET_RETURN(renews ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE)
    default:
        return SSL_TICKET_RETURN(SSL_TICKET_RETURN_IGNORE_RENEW)
    }
}

/// A handshake has made a session. One that its client will name by the session's ID gets the binding ID that a ticket would carry.
private func sessionMade(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    if let ssl = unsafe ssl, let session = unsafe session { unsafe TicketBinding.of(ssl)?.adopt(session) }
    return 0  // no reference kept
}

private func sessionAsked(
    _ ssl: OpaquePointer?, _ id: UnsafePointer<UInt8>?, _ count: Int32, _ isShared: UnsafeMutablePointer<Int32>?
) -> OpaquePointer? {
    unsafe isShared?.pointee = 0  // the caller's own
    guard let ssl = unsafe ssl, let id = unsafe id, let live = unsafe TicketBinding.of(ssl)?.live else { return nil }
    return unsafe live.copy(of: Array(UnsafeBufferPointer(start: id, count: Int(count))))
}

private func sessionReceived(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    guard let ssl = unsafe ssl, let session = unsafe session, let binding = unsafe TicketBinding.of(ssl) else { return 0 }
    binding.newestSession = unsafe TLSSession(owning: session)
    return 1  // the reference is ours now
}
