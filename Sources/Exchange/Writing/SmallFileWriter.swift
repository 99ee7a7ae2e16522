/// Uploads of small files that are not records: new headers of a record, public keys.
import FTPProtocol
import FTPServer
import Synchronization

/// Collects the bytes up to a limit and hands them over as a whole.
final class SmallFileWriter: FileWriter {
    let path: VirtualPath
    private let limit: Int
    private let bytes = Mutex<[UInt8]>([])
    private let finish: @Sendable ([UInt8]) async throws(FileSystemError) -> String

    init(_ path: VirtualPath, limit: Int, finish: @escaping @Sendable ([UInt8]) async throws(FileSystemError) -> String) {
        self.path = path
        self.limit = limit
        self.finish = finish
    }

    func announce(_ byteCount: UInt64) async throws(FileSystemError) {
        guard byteCount <= limit else { throw tooLarge }
    }

    private var tooLarge: FileSystemError { .policy("At most \(limit) bytes can be stored here") }

    func write(_ buffer: TransferBuffer) async throws(FileSystemError) {
        let fits = bytes.withLock { bytes in
            guard bytes.count + buffer.count <= limit else { return false }
            unsafe bytes += buffer.bytes
            return true
        }
        if !fits { throw tooLarge }
    }

    func commit(_ last: TransferBuffer) async throws(FileSystemError) -> String {
        try await write(last)
        return try await finish(bytes.withLock { $0 })
    }

    func interrupt(_ last: TransferBuffer) async {}

    func discard() async {}
}
