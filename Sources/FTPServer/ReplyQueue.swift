/// Replies on their way to the client, in the order of the commands: some are known only after later ones.

struct ReplyQueue {
    private var entries: [(number: UInt64, bytes: [UInt8]?)] = []
    private var nextNumber: UInt64 = 0
    /// Of the replies that wait.
    private(set) var byteCount = 0

    mutating func append(_ bytes: [UInt8]) {
        entries.append((nextNumber, bytes))
        byteCount += bytes.count
        nextNumber += 1
    }

    /// A place for a reply that comes later; what is appended meanwhile waits behind it.
    mutating func reserve() -> UInt64 {
        defer { nextNumber += 1 }
        entries.append((nextNumber, nil))
        return nextNumber
    }

    /// Puts the reply into its place.
    mutating func fulfil(_ number: UInt64, with bytes: [UInt8]) {
        guard let index = entries.firstIndex(where: { $0.number == number }) else { return }
        entries[index].bytes = bytes
        byteCount += bytes.count
    }

    /// Takes all that may go out now.
    mutating func takeReady() -> [UInt8] {
        let count = entries.firstIndex { $0.bytes == nil } ?? entries.count
        let ready = entries[..<count].flatMap { $0.bytes ?? [] }
        entries.removeFirst(count)
        byteCount -= ready.count
        return ready
    }
}
