/// A passive data connection from PASV or EPSV on: who connects is a candidate, and the first that proves to be the client's is taken.
///
/// Candidates are examined side by side, so that none can keep the client out, neither by silence nor by nonsense. When there are too many,
/// those that have had their time give way.
///
/// TLS handshakes begin with the command, or when the client waits for its handshake without one. Most clients send the ClientHello and then
/// the command. Some (aioftp) end the handshake before they give the command: waiting for it would last for ever. Beginning at once would harm
/// those that use OpenSSL: it spends a TLS 1.3 ticket when a handshake ends, and curl's parallel transfers share one; and a TLS 1.2 session is
/// spoilt when the connection is then closed without a transfer.
import Transport

// Sendable: confined to the session's loop.
final class PassiveConnection: @unchecked Sendable {
    /// How long a client must have been silent, its ClientHello sent, to be taken for one that waits.
    static let patience: Duration = .seconds(1)
    /// How long the client may still come when somebody has ended a handshake without a proof; longer if others are connected.
    private static let grace: Duration = .seconds(1)
    private static let longGrace: Duration = .seconds(3)
    private static let look: Duration = .milliseconds(100)
    private static let maximumCandidates = 16

    let listener: Listener
    private let loop: EventLoop
    private let startsAtOnce: Bool
    private let examine: @Sendable (DataCandidate, PassiveConnection) async -> Examination
    private var candidates: [DataCandidate] = []
    /// Until then somebody must have connected; from the command on, the client.
    private var deadline: ContinuousClock.Instant
    private var isAccepting = true
    private var hasCommand = false
    private var lastCommand = ContinuousClock.now
    /// What to say if nobody proves to be the client.
    private var failure = DataFailure(425, "No data connection came; check that the passive ports are reachable")
    private var outcome: Result<Connection, DataFailure>?
    private var taking: CheckedContinuation<Void, Never>?

    /// - Parameters:
    ///   - limit: how long the port waits for somebody to connect.
    ///   - startsAtOnce: do not wait for the command.
    ///   - examine: says whether a candidate is the client; runs for each as soon as it has connected.
    init(
        _ listener: Listener, loop: EventLoop, limit: Duration, startsAtOnce: Bool,
        examine: @escaping @Sendable (DataCandidate, PassiveConnection) async -> Examination
    ) {
        self.listener = listener
        self.loop = loop
        self.startsAtOnce = startsAtOnce
        self.examine = examine
        deadline = .now + limit
        Task.immediate(executorPreference: loop) { [self] in await accept() }
    }

    /// The outcome, for the command that has come.
    func take(within limit: Duration) async -> Result<Connection, DataFailure> {
        hasCommand = true
        deadline = .now + limit
        if failure.connection != nil { waitForBetter() }
        for candidate in candidates { candidate.start() }
        listener.interruptAccept()
        if outcome == nil { await withCheckedContinuation { taking = $0 } }
        defer { outcome = .failure(failure) }
        return outcome ?? .failure(failure)
    }

    /// Closes whatever is open and not taken.
    func cancel() {
        if case .success(let connection) = outcome { connection.close() }
        failure.connection?.close()
        failure = DataFailure(426, "The transfer was given up before its data connection came")
        outcome = outcome.map { _ in .failure(failure) }
        settle(.failure(failure))
    }

    /// The client has given a command that is no transfer.
    func commandCame() { lastCommand = .now }

    /// Nobody has connected in time: the port is closed.
    var isExpired: Bool { if case .failure = outcome { !hasCommand } else { false } }

    // MARK: Candidates

    private func accept() async {
        while outcome == nil {
            guard remaining != .zero else { return acceptNoMore() }
            do {
                let socket = try await listener.accept(timeout: remaining)
                await makeRoom()
                guard outcome == nil else { return }
                let candidate = DataCandidate(try Connection(accepted: socket, loop: loop))
                candidates.append(candidate)
                Task.immediate(executorPreference: loop) { [self] in conclude(candidate, await examine(candidate, self)) }
            } catch TransportError.interrupted, TransportError.timedOut, TransportError.disconnected {
                continue  // a new time limit, its end, or a candidate that has gone already
            } catch {
                return settle(.failure(DataFailure(425, "Cannot open the data connection: \(error)")))
            }
        }
    }

    /// Before the command, whoever has connected is waited for with it.
    private var remaining: Duration? { hasCommand || candidates.isEmpty ? max(.zero, deadline - .now) : nil }

    /// Time is up: only who is at its handshake may end it.
    private func acceptNoMore() {
        isAccepting = false
        listener.close()
        for candidate in candidates where candidate.isSilent { candidate.connection.close() }
        settleIfAlone()
    }

    /// Makes a place for one more.
    private func makeRoom() async {
        while outcome == nil, candidates.count >= Self.maximumCandidates {
            if let index = candidates.firstIndex(where: { $0.startedAt.map { .now - $0 > Self.patience } ?? false }) {
                candidates.remove(at: index).connection.close()
            } else {
                await loop.sleep(for: Self.look)
            }
        }
    }

    private func conclude(_ candidate: DataCandidate, _ examination: Examination) {
        candidates.removeAll { $0 === candidate }
        guard outcome == nil else { return candidate.connection.close() }
        switch examination {
        case .proven: return settle(.success(candidate.connection))
        case .unproven(let reason) where failure.connection == nil:
            failure = reason.withConnection(candidate.connection)
            if hasCommand { waitForBetter() }
        case .failed(let reason):
            candidate.connection.close()
            if failure.connection == nil { failure = reason }
        case .unproven, .passedOver: candidate.connection.close()
        }
        // The time limit for the first one to connect holds again.
        if candidates.isEmpty { listener.interruptAccept() }
        settleIfAlone()
    }

    private func settleIfAlone() {
        if !isAccepting, candidates.isEmpty { settle(.failure(failure)) }
    }

    /// Somebody has made a handshake without the proof that is asked for. If it is the client, it must hear so soon; if not, the client comes.
    private func waitForBetter() {
        Task.immediate(executorPreference: loop) { [self] in
            let began = ContinuousClock.now
            await loop.sleep(for: Self.grace)
            while outcome == nil, !candidates.isEmpty, .now - began < Self.longGrace { await loop.sleep(for: Self.look) }
            settle(.failure(failure))
        }
    }

    private func settle(_ result: Result<Connection, DataFailure>) {
        guard outcome == nil else { return }
        outcome = result
        if case .success = result { failure.connection?.close() }
        listener.close()
        for candidate in candidates {
            candidate.connection.close()
            candidate.start()
        }
        candidates = []
        taking?.resume()
        taking = nil
    }

    // MARK: When handshakes begin

    /// Waits for the command, or until the candidate waits for its handshake instead.
    func waitForStart(of candidate: DataCandidate) async {
        guard !startsAtOnce, !hasCommand, outcome == nil else { return candidate.start() }
        Task.immediate(executorPreference: loop) { [self] in
            var hadBytes = false
            while candidate.startedAt == nil {
                await loop.sleep(for: Self.look)
                let hasBytes = !candidate.connection.isClosed && candidate.connection.hasUnreadBytes
                if hadBytes, hasBytes, .now - lastCommand >= Self.patience { candidate.start(isAwaited: true) }
                hadBytes = hasBytes
            }
        }
        await candidate.waitForStart()
    }
}

/// What an examination of a candidate came to.
enum Examination: Sendable {
    case proven
    /// The handshake was made, but proves nothing: it may be the client, which is then told why.
    case unproven(DataFailure)
    /// No handshake; the reason is for the client if nobody else comes.
    case failed(DataFailure)
    /// Somebody else.
    case passedOver
}

/// A connection that has come to a passive port.
// Sendable: confined to the session's loop.
final class DataCandidate: @unchecked Sendable {
    let connection: Connection
    /// Nothing has come from it yet.
    var isSilent = true
    /// Since when it may make its handshake.
    private(set) var startedAt: ContinuousClock.Instant?
    /// It did not wait for the command.
    private(set) var isAwaited = false
    private var waiting: CheckedContinuation<Void, Never>?

    init(_ connection: Connection) { self.connection = connection }

    func start(isAwaited: Bool = false) {
        guard startedAt == nil else { return }
        startedAt = .now
        self.isAwaited = isAwaited
        waiting?.resume()
        waiting = nil
    }

    func waitForStart() async {
        if startedAt == nil { await withCheckedContinuation { waiting = $0 } }
    }
}
