/// Uploads of a pipelined run that have come whole and are being made durable, while the next file is received.
import FTPProtocol

/// Confined to the session's loop.
struct PendingCommits {
    /// Commits at once: each keeps one `TransferBuffer`.
    static let limit = 16

    private var underway: [(path: VirtualPath, task: Task<Void, Never>)] = []

    var isEmpty: Bool { underway.isEmpty }

    func contains(_ path: VirtualPath) -> Bool { underway.contains { $0.path == path } }

    mutating func append(_ path: VirtualPath, _ task: Task<Void, Never>) { underway.append((path, task)) }

    /// Takes the oldest when there are as many as may be.
    mutating func takeOldestIfFull() -> Task<Void, Never>? { underway.count < Self.limit ? nil : underway.removeFirst().task }

    mutating func takeAll() -> [Task<Void, Never>] {
        defer { underway = [] }
        return underway.map(\.task)
    }
}
