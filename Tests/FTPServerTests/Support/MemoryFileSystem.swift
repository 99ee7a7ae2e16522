/// A file system in memory behind the FTP server under test.
import FTPProtocol
import FTPServer
import Synchronization
import Transport

final class MemoryFileSystem: FileSystem {
    struct State {
        var files: [VirtualPath: [UInt8]] = [:]
        var partials: [VirtualPath: [UInt8]] = [:]
        var directories: Set<VirtualPath> = [.root]
        var times: [VirtualPath: Int64] = [:]
        var denied: Set<Permission> = []
        /// Names whose commit fails.
        var failing: Set<VirtualPath> = []
        /// Each commit waits until so many are under way, or five seconds.
        var commitsToWaitFor = 1
        var commitsUnderway = 0
        /// Uploads that announce more are refused.
        var room: UInt64 = .max
        /// After so many entries a listing fails.
        var readableEntries = Int.max
        /// Digests take until this is false again.
        var isHashingSlow = false
        /// What was carried out, in order, such as "remove /a".
        var calls: [String] = []
    }

    let state = Mutex(State())

    func authorize(_ permission: Permission, _ path: VirtualPath) throws(FileSystemError) {
        if state.withLock({ $0.denied.contains(permission) }) { throw .denied("\(permission) is not allowed here") }
    }

    fileprivate func note(_ call: String, _ path: VirtualPath) { state.withLock { $0.calls.append("\(call) \(path)") } }

    func entry(at path: VirtualPath) async throws(FileSystemError) -> ListingEntry {
        note("entry", path)
        return try facts(of: path)
    }

    private func facts(of path: VirtualPath) throws(FileSystemError) -> ListingEntry {
        let entry: ListingEntry? = state.withLock { state in
            if state.directories.contains(path) { return ListingEntry(name: path.last ?? "/", kind: .directory) }
            guard let bytes = state.files[path] else { return nil }
            return ListingEntry(name: path.last!, kind: .file, size: UInt64(bytes.count), modified: state.times[path] ?? 0, permissions: "r")
        }
        guard let entry else { throw .notFound }
        return entry
    }

    func resumableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64 {
        note("size", path)
        if let partial = state.withLock({ $0.partials[path] }) { return UInt64(partial.count) }
        return try facts(of: path).size ?? 0
    }

    func list(_ path: VirtualPath) async throws(FileSystemError) -> any DirectoryListing {
        note("list", path)
        let names = state.withLock { state in
            (Array(state.files.keys) + Array(state.directories)).filter { !$0.isRoot && $0.parent == path }.sorted { $0.description < $1.description }
        }
        var entries: [ListingEntry] = []
        for name in names { entries.append(try facts(of: name)) }
        return Pages(entries, failingAfter: state.withLock { $0.readableEntries })
    }

    func openForReading(_ path: VirtualPath, at offset: UInt64, atMost byteCount: UInt64?) async throws(FileSystemError) -> any FileReader {
        note("read", path)
        guard let bytes = state.withLock({ $0.files[path] }) else { throw .notFound }
        guard offset <= bytes.count, byteCount == nil || offset < bytes.count else { throw .pastEnd(byteCount: UInt64(bytes.count)) }
        return Reader(Array(bytes[Int(offset)...].prefix(Int(min(byteCount ?? .max, UInt64(bytes.count))))))
    }

    func openForWriting(_ path: VirtualPath, _ mode: WriteMode) async throws(FileSystemError) -> any FileWriter {
        note("write", path)
        switch mode {
        case .replace: return Writer(self, path, [])
        case .unique: return Writer(self, try! path.parent.appending(path.last! + ".1"), [])
        case .append: return Writer(self, path, state.withLock { $0.files[path] ?? [] })
        case .resume(let offset):
            let have = state.withLock { $0.partials[path] } ?? []
            guard have.count == offset else { throw .badOffset(expected: UInt64(have.count)) }
            return Writer(self, path, have)
        }
    }

    func makeDirectory(_ path: VirtualPath) async throws(FileSystemError) {
        note("makeDirectory", path)
        guard state.withLock({ $0.directories.insert(path).inserted }) else { throw .exists }
    }

    func removeDirectory(_ path: VirtualPath) async throws(FileSystemError) {
        note("removeDirectory", path)
        guard state.withLock({ $0.directories.remove(path) }) != nil else { throw .notFound }
    }

    func remove(_ path: VirtualPath) async throws(FileSystemError) {
        note("remove", path)
        guard state.withLock({ $0.files.removeValue(forKey: path) }) != nil else { throw .notFound }
    }

    func rename(_ path: VirtualPath, to target: VirtualPath) async throws(FileSystemError) {
        note("rename", path)
        let isDone = state.withLock { state in
            guard let bytes = state.files.removeValue(forKey: path) else { return false }
            state.files[target] = bytes
            return true
        }
        if !isDone { throw .notFound }
    }

    func setModificationTime(_ path: VirtualPath, _ time: FTPTimestamp) async throws(FileSystemError) {
        note("setTime", path)
        state.withLock { $0.times[path] = time.seconds }
    }

    func availableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64 {
        note("available", path)
        return 123_456
    }

    func text(_ topic: TextTopic, of path: VirtualPath) async throws(FileSystemError) -> String {
        note("text", path)
        return "\(topic) of \(path)\n211 not the end"
    }

    func sha256(of path: VirtualPath, in range: ByteRange?) async throws(FileSystemError) -> String {
        note("sha256", path)
        guard var bytes = state.withLock({ $0.files[path] }) else { throw .notFound }
        while state.withLock({ $0.isHashingSlow }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
        if Task.isCancelled { throw .unavailable("given up") }
        if let range { bytes = Array(bytes[Int(range.first)...Int(range.last)]) }
        return TLSContext.sha256(bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    func end() async {}
}

private actor Pages: DirectoryListing {
    private var entries: [ListingEntry]
    private var readable: Int
    init(_ entries: [ListingEntry], failingAfter readable: Int) { (self.entries, self.readable) = (entries, readable) }

    func next() throws(FileSystemError) -> [ListingEntry] {
        guard readable > 0 else { throw .damaged("a name") }
        readable -= min(100, readable)
        defer { entries.removeFirst(min(100, entries.count)) }
        return Array(entries.prefix(100))
    }
}

private final class Reader: FileReader {
    private let rest: Mutex<ArraySlice<UInt8>>
    init(_ bytes: [UInt8]) { rest = Mutex(bytes[...]) }
    var contentDescription: String { "file" }
    var remainingByteCount: UInt64 { UInt64(rest.withLock { $0.count }) }
    func close() async {}

    func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        rest.withLock { rest in
            let room = unsafe buffer.room
            let part = rest.prefix(room.count)
            unsafe room.copyBytes(from: part)
            buffer.count += part.count
            rest = rest.dropFirst(part.count)
        }
    }
}

private final class Writer: FileWriter {
    let path: VirtualPath
    private let store: MemoryFileSystem
    private let bytes: Mutex<[UInt8]>

    init(_ store: MemoryFileSystem, _ path: VirtualPath, _ before: [UInt8]) {
        self.store = store
        self.path = path
        bytes = Mutex(before)
    }

    func announce(_ byteCount: UInt64) async throws(FileSystemError) {
        if byteCount > store.state.withLock({ $0.room }) { throw .quotaExceeded("there is no room") }
    }

    func write(_ buffer: TransferBuffer) async throws(FileSystemError) { bytes.withLock { unsafe $0 += buffer.bytes } }

    func commit(_ last: TransferBuffer) async throws(FileSystemError) -> String {
        try await write(last)
        store.note("commit", path)
        let all = bytes.withLock { $0 }
        store.state.withLock { $0.commitsUnderway += 1 }
        for _ in 0..<500 where store.state.withLock({ $0.commitsUnderway < $0.commitsToWaitFor }) { try? await Task.sleep(for: .milliseconds(10)) }
        if store.state.withLock({ $0.failing.contains(path) }) { throw .storageFull }
        store.state.withLock { state in
            state.partials[path] = nil
            state.files[path] = all
        }
        return "Stored \(path.last!)"
    }

    func interrupt(_ last: TransferBuffer) async {
        try? await write(last)
        let all = bytes.withLock { $0 }
        store.state.withLock { $0.partials[path] = all }
    }

    func discard() async {}
}
