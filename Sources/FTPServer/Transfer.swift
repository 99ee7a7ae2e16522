/// The running transfer of a session, as far as others need to know it: progress, and how to stop it.
import FTPProtocol
import Transport

// Sendable: confined to the session's loop.
final class Transfer: @unchecked Sendable {
    var byteCount: UInt64 = 0
    let name: String
    /// The data connection is not there yet, or not protected yet.
    private(set) var awaitsConnection: Bool
    private(set) var isCancelled = false
    private var dataConnection: Connection?
    private var plan: DataPlan = .none
    private var closing: (() async -> Void)?
    private var giveUp: (() -> Void)?

    /// - Parameter name: the command.
    init(_ name: String, awaitsConnection: Bool) {
        self.name = name
        self.awaitsConnection = awaitsConnection
    }

    func use(_ plan: DataPlan) { self.plan = plan }

    func use(_ connection: Connection) {
        dataConnection = connection
        awaitsConnection = false
        if isCancelled { connection.close() }
    }

    /// The data connection outlives the transfer.
    func release() { dataConnection = nil }

    /// Work that waits for something else than the data connection.
    func whenCancelled(_ work: @escaping () -> Void) {
        giveUp = work
        if isCancelled { work() }
    }

    /// Ends the transfer: its data connection is closed, so that whatever waits on it fails.
    func cancel() {
        isCancelled = true
        plan.cancel()
        dataConnection?.close()
        giveUp?()
    }

    /// Waits as the account's rate demands for bytes that have passed; an aborted transfer waits no longer.
    func pace(_ count: Int, by bucket: TokenBucket?, on loop: EventLoop) async {
        guard let bucket else { return }
        var wait = bucket.take(count)
        while wait > .zero, !isCancelled {
            let step = min(wait, .milliseconds(250))
            await loop.sleep(for: step)
            wait -= step
        }
    }

    /// Work for after the final reply: waiting for the client's side to close, so that no reset overtakes the data.
    func afterwards(_ work: @escaping () async -> Void) { closing = work }

    func linger() async {
        let work = closing
        closing = nil
        await work?()
        dataConnection?.close()
    }

    func waitForEnd(on loop: EventLoop, _ isOver: () -> Bool) async {
        while !isOver() { await loop.sleep(for: .milliseconds(2)) }
    }
}
