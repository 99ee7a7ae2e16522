/// Stream mode: one file a connection, whole when TLS is closed properly.
import FTPProtocol
import Transport

// Sendable: confined to the session's loop.
final class StreamChannel: TransferChannel, @unchecked Sendable {
    let connection: Connection
    let carriesManyFiles = false

    init(_ connection: Connection) { self.connection = connection }

    func read(into buffer: TransferBuffer, timeout: Duration) async throws -> ChannelEvent {
        do {
            let count = try await unsafe connection.read(into: buffer.room, timeout: timeout)
            buffer.count += count
            return count == 0 ? .whole : .data
        } catch TransportError.truncated {
            return .cut
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, timeout: Duration) async throws {
        try await unsafe connection.write(bytes, timeout: timeout)
    }

    func finishFile(timeout: Duration) async throws { try await connection.finish(timeout: timeout) }
}
