/// The first bytes of what another reader gives.
package final class LimitedReader: FileReader, @unchecked Sendable {  // One reader at a time, as every FileReader.
    private let reader: any FileReader
    private var left: UInt64

    package init(_ reader: any FileReader, byteCount: UInt64) {
        self.reader = reader
        left = min(byteCount, reader.remainingByteCount)
    }

    package var contentDescription: String { "part of \(reader.contentDescription)" }
    package var remainingByteCount: UInt64 { left }

    package func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        guard left > 0 else { return }
        let before = buffer.count
        try await reader.read(into: buffer)
        let taken = min(UInt64(buffer.count - before), left)
        buffer.count = before + Int(taken)
        left -= taken
    }

    package func close() async { await reader.close() }
}
