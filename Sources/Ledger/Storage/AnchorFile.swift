// The last signed checkpoint, kept outside the database and its backups.
//
// 1. A checkpoint is written here after its COMMIT and before anyone is told of it. So the anchor is never ahead of the
//    database unless the database was put back to an older state.
// 2. Two slots of 4,096 bytes are written in turn, in place. A write that is cut off damages the older slot only.
// 3. The file is locked while a ledger is open: one process signs.

internal import Foundation
internal import Glibc
internal import Synchronization

/// The anchor file of an open ledger.
final class AnchorFile: Sendable {
    let path: String
    private let handle: FileHandle
    private let nextSlot: Mutex<Int>

    private static let slotCount = 2
    private static let slotByteCount = 4096

    /// What the two slots hold: text, nil for one never written.
    typealias Slots = [String?]

    /// Makes an empty anchor file, or takes one that was never written to.
    static func create(path: String) throws(LedgerError) -> AnchorFile {
        if !FileManager.default.fileExists(atPath: path) {
            let blank = Data(count: slotCount * slotByteCount)
            guard FileManager.default.createFile(atPath: path, contents: blank, attributes: [.posixPermissions: 0o600]) else {
                throw LedgerError(.storage, "cannot be created; check that its folder exists and can be written", place: path)
            }
        }
        let file = try AnchorFile(path: path)
        guard try file.read().allSatisfy({ $0 == nil }) else {
            throw LedgerError(.alreadyExists, "belongs to a ledger already; choose another anchor file", place: path)
        }
        try file.sync()
        try syncFolder(of: path)
        return file
    }

    /// Opens and locks an anchor file.
    init(path: String) throws(LedgerError) {
        guard FileManager.default.fileExists(atPath: path) else {
            throw LedgerError(
                .anchorMissing, "is missing; without it nobody can tell whether the database is the newest: bring the file back", place: path)
        }
        guard let handle = FileHandle(forUpdatingAtPath: path) else {
            throw LedgerError(.storage, "cannot be opened for writing; check its owner and mode", place: path)
        }
        _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC)
        guard Self.lock(handle.fileDescriptor) else {
            throw LedgerError(.inUse, "is locked: another process has this ledger open", place: path)
        }
        self.path = path
        self.handle = handle
        nextSlot = Mutex(0)
    }

    /// Takes the file. A program that is being started from this one shares the lock for a moment, hence the patience of a second.
    private static func lock(_ descriptor: Int32) -> Bool {
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(20_000)
        }
        return false
    }

    /// The text of each slot.
    func read() throws(LedgerError) -> Slots {
        let content: Data
        do {
            try handle.seek(toOffset: 0)
            content = try handle.readToEnd() ?? Data()
        } catch {
            throw LedgerError(.storage, "cannot be read: \(error)", place: path)
        }
        guard content.count == Self.slotCount * Self.slotByteCount else {
            throw LedgerError(.anchorDamaged, "has \(content.count) bytes instead of \(Self.slotCount * Self.slotByteCount)", place: path)
        }
        return (0..<Self.slotCount).map { slot in
            let bytes = content.dropFirst(slot * Self.slotByteCount).prefix(Self.slotByteCount)
            guard bytes.contains(where: { $0 != 0 }) else { return nil }
            return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Says which slot the newest checkpoint is in, so that the other is overwritten next.
    func newest(is slot: Int) {
        nextSlot.withLock { $0 = (slot + 1) % Self.slotCount }
    }

    /// Writes the checkpoint over the older one and syncs.
    func write(_ checkpoint: String) throws(LedgerError) {
        var content = Data(checkpoint.utf8)
        guard content.count <= Self.slotByteCount else {
            throw LedgerError(.storage, "a checkpoint of \(content.count) bytes does not fit", place: path)
        }
        content.append(Data(count: Self.slotByteCount - content.count))
        let slot = nextSlot.withLock { slot in
            defer { slot = (slot + 1) % Self.slotCount }
            return slot
        }
        do {
            try handle.seek(toOffset: UInt64(slot * Self.slotByteCount))
            try handle.write(contentsOf: content)
        } catch {
            throw LedgerError(.storage, "cannot be written: \(error)", place: path)
        }
        try sync()
    }

    func close() {
        try? handle.close()
    }

    private func sync() throws(LedgerError) {
        guard fdatasync(handle.fileDescriptor) == 0 else { throw LedgerError(.storage, "cannot be synced: error \(errno)", place: path) }
    }

    private static func syncFolder(of path: String) throws(LedgerError) {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard let handle = FileHandle(forReadingAtPath: folder) else {
            throw LedgerError(.storage, "cannot be opened", place: folder)
        }
        defer { try? handle.close() }
        guard fsync(handle.fileDescriptor) == 0 else { throw LedgerError(.storage, "cannot be synced: error \(errno)", place: folder) }
    }
}
