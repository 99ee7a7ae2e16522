/// A folder of a file system as if it were all of it: what a session of a virtual host with a folder of its own sees.
import FTPProtocol

struct SubtreeFileSystem: FileSystem {
    let whole: any FileSystem
    let root: VirtualPath

    private func outer(_ path: VirtualPath) throws(FileSystemError) -> VirtualPath {
        var result = root
        // The limits of paths hold for the whole, so a deep path may be too deep here.
        do { for name in path.components { result = try result.appending(name) } } catch { throw .invalidName("\(error)") }
        return result
    }

    func authorize(_ permission: Permission, _ path: VirtualPath) async throws(FileSystemError) { try await whole.authorize(permission, try outer(path)) }

    func entry(at path: VirtualPath) async throws(FileSystemError) -> ListingEntry { try await whole.entry(at: try outer(path)) }

    func resumableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64 { try await whole.resumableByteCount(at: try outer(path)) }

    func list(_ path: VirtualPath) async throws(FileSystemError) -> any DirectoryListing { try await whole.list(try outer(path)) }

    func openForReading(_ path: VirtualPath, at offset: UInt64, atMost byteCount: UInt64?) async throws(FileSystemError) -> any FileReader {
        try await whole.openForReading(try outer(path), at: offset, atMost: byteCount)
    }

    func openForWriting(_ path: VirtualPath, _ mode: WriteMode) async throws(FileSystemError) -> any FileWriter {
        let writer = try await whole.openForWriting(try outer(path), mode)
        guard let last = writer.path.last, let inner = try? path.parent.appending(last) else { return writer }
        return Writer(whole: writer, path: inner)
    }

    func makeDirectory(_ path: VirtualPath) async throws(FileSystemError) { try await whole.makeDirectory(try outer(path)) }

    func removeDirectory(_ path: VirtualPath) async throws(FileSystemError) { try await whole.removeDirectory(try outer(path)) }

    func remove(_ path: VirtualPath) async throws(FileSystemError) { try await whole.remove(try outer(path)) }

    func rename(_ path: VirtualPath, to target: VirtualPath) async throws(FileSystemError) {
        try await whole.rename(try outer(path), to: try outer(target))
    }

    func setModificationTime(_ path: VirtualPath, _ time: FTPTimestamp) async throws(FileSystemError) {
        try await whole.setModificationTime(try outer(path), time)
    }

    func sha256(of path: VirtualPath, in range: ByteRange?) async throws(FileSystemError) -> String {
        try await whole.sha256(of: try outer(path), in: range)
    }

    func availableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64 { try await whole.availableByteCount(at: try outer(path)) }

    func text(_ topic: TextTopic, of path: VirtualPath) async throws(FileSystemError) -> String { try await whole.text(topic, of: try outer(path)) }

    func end() async { await whole.end() }

    private struct Writer: FileWriter {
        let whole: any FileWriter
        let path: VirtualPath

        func announce(_ byteCount: UInt64) async throws(FileSystemError) { try await whole.announce(byteCount) }

        func write(_ buffer: TransferBuffer) async throws(FileSystemError) { try await whole.write(buffer) }

        func commit(_ last: TransferBuffer) async throws(FileSystemError) -> String { try await whole.commit(last) }

        func interrupt(_ last: TransferBuffer) async { await whole.interrupt(last) }

        func discard() async { await whole.discard() }
    }
}

extension Login {
    /// The same login, with a folder as its root.
    func within(_ root: VirtualPath) -> Login {
        Login(
            user: user, dataBinding: dataBinding, certificateRoles: certificateRoles, fileSystem: SubtreeFileSystem(whole: fileSystem, root: root),
            maximumSessions: maximumSessions, uploads: uploads, downloads: downloads)
    }
}
