/// The TLS sessions of a server's live control connections: they can be resumed for as long as the connection lives.
///
/// A TLS 1.2 client keeps the session that it got at its login, perhaps for days. OpenSSL's own cache would forget it: after a time, when others
/// crowd it out, or after an error on any connection that resumes it, which may be a stranger's who has read its ID on the wire.
private import COpenSSL
import Glibc
import Synchronization

final class LiveSessions: Sendable {
    private struct State {
        /// How many connections there are of a binding ID.
        var counts: [[UInt8]: Int] = [:]
        /// Sessions of TLS 1.2 clients that use no tickets, by session ID. A session that several connections use is that of the newest.
        var cached: [[UInt8]: [Cached]] = [:]
    }

    private struct Cached {
        let owner: [UInt8]
        /// On no connection, so that nothing changes it.
        let session: TLSSession
    }

    private let state = Mutex(State())

    func begin(_ owner: [UInt8]) { state.withLock { $0.counts[owner, default: 0] += 1 } }

    /// - Parameter sessionID: what `keep` gave for the connection.
    func end(_ owner: [UInt8], sessionID: [UInt8]?) {
        state.withLock { state in
            let count = state.counts[owner, default: 1] - 1
            state.counts[owner] = count == 0 ? nil : count
            guard let sessionID, var entries = state.cached[sessionID] else { return }
            if let index = entries.lastIndex(where: { $0.owner == owner }) { entries.remove(at: index) }
            state.cached[sessionID] = entries.isEmpty ? nil : entries
        }
    }

    func contains(_ owner: [UInt8]) -> Bool { state.withLock { $0.counts[owner] != nil } }

    /// Keeps a copy of a session that can be resumed by its ID, which is returned; nil for one that cannot.
    func keep(_ session: OpaquePointer, of owner: [UInt8]) -> [UInt8]? {
        var count: UInt32 = 0
        guard unsafe SSL_SESSION_get_protocol_version(session) == TLS1_2_VERSION, let start = unsafe SSL_SESSION_get_id(session, &count), count > 0,
            let copy = unsafe SSL_SESSION_dup(session)
        else { return nil }
        let id = unsafe Array(UnsafeBufferPointer(start: start, count: Int(count)))
        let entry = Cached(owner: owner, session: unsafe TLSSession(owning: copy))
        state.withLock { $0.cached[id, default: []].append(entry) }
        return id
    }

    /// A copy of the session of an ID, as if it were new. The caller frees it.
    func copy(of sessionID: [UInt8]) -> OpaquePointer? {
        guard let entry = state.withLock({ $0.cached[sessionID]?.last }), let copy = unsafe SSL_SESSION_dup(entry.session.pointer) else { return nil }
        unsafe Self.renew(copy)
        return unsafe copy
    }

    /// Begins the session's life time anew.
    static func renew(_ session: OpaquePointer) { _ = unsafe SSL_SESSION_set_time(session, time(nil)) }
}
