/// Block mode: many files over one connection, each whole when its end-of-file block has come (RFC 959 §3.4.2).
import BlockMode
import FTPProtocol
import Transport

// Sendable: confined to the session's loop.
final class BlockChannel: TransferChannel, @unchecked Sendable {
    let connection: Connection
    let carriesManyFiles = true
    private let stream: BlockStream

    init(_ connection: Connection) {
        self.connection = connection
        stream = BlockStream(connection)
    }

    func read(into buffer: TransferBuffer, timeout: Duration) async throws -> ChannelEvent {
        switch try await unsafe stream.read(into: buffer.room, timeout: timeout) {
        case .data(let byteCount):
            buffer.count += byteCount
            return .data
        // Not answered (RFC 959 §3.5 leaves it open): what has come is sealed, and goes on at its end only. SIZE tells where that is.
        case .restartMarker: return .data
        case .endOfFile(let isSuspect): return isSuspect ? .suspect : .whole
        case .cut: return .cut
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, timeout: Duration) async throws { try await unsafe stream.write(bytes, timeout: timeout) }

    func finishFile(timeout: Duration) async throws { try await stream.finishFile(timeout: timeout) }
}
