/// Passes an upload on, and tells when it is refused after it has begun.
import Audit
import FTPProtocol
import FTPServer
import Synchronization

final class AuditedWriter: FileWriter {
    private let writer: any FileWriter
    private let fileSystem: AccountFileSystem
    /// Several blocks are under way at once, and all of them fail.
    private let isTold = Mutex(false)

    init(_ writer: any FileWriter, fileSystem: AccountFileSystem) {
        (self.writer, self.fileSystem) = (writer, fileSystem)
    }

    var path: VirtualPath { writer.path }

    func announce(_ byteCount: UInt64) async throws(FileSystemError) {
        do throws(FileSystemError) { try await writer.announce(byteCount) } catch { throw await told(error) }
    }

    func write(_ buffer: TransferBuffer) async throws(FileSystemError) {
        do throws(FileSystemError) { try await writer.write(buffer) } catch { throw await told(error) }
    }

    func commit(_ last: TransferBuffer) async throws(FileSystemError) -> String {
        do throws(FileSystemError) { return try await writer.commit(last) } catch { throw await told(error) }
    }

    func interrupt(_ last: TransferBuffer) async { await writer.interrupt(last) }

    func discard() async { await writer.discard() }

    private func told(_ error: FileSystemError) async -> FileSystemError {
        let isFirst = isTold.withLock { isTold in
            defer { isTold = true }
            return !isTold
        }
        if isFirst { await fileSystem.tell(fileSystem.auditKind(.write, path), path, refused: error) }
        return error
    }
}
