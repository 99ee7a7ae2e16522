// A file on a data connection, in stream mode or in block mode; its end is one that cannot be mistaken for a cut.

internal import BlockMode
internal import FTPProtocol
internal import Transport

/// What carries one file, in either direction. All errors are `FTPClientError`.
enum DataStream {
    /// One file: TLS's proper end is its end.
    case stream(Connection)
    /// One file of many.
    case blocks(BlockStream)

    /// Reads on.
    /// - Returns: the count of bytes; 0 at the proper end of the file.
    func read(into memory: UnsafeMutableRawBufferPointer, timeout: Duration) async throws -> Int {
        try await translated {
            switch self {
            case .stream(let connection): return try await unsafe connection.read(into: memory, timeout: timeout)
            case .blocks(let blocks):
                while true {
                    switch try await unsafe blocks.read(into: memory, timeout: timeout) {
                    case .data(let byteCount): return byteCount
                    case .restartMarker: continue
                    case .endOfFile(let isSuspect):
                        if isSuspect { throw FTPClientError.unexpected("the server does not vouch for the data it sent") }
                        return 0
                    case .cut: throw FTPClientError.truncated
                    }
                }
            }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, timeout: Duration) async throws {
        try await translated {
            switch self {
            case .stream(let connection): try await unsafe connection.write(bytes, timeout: timeout)
            case .blocks(let blocks): try await unsafe blocks.write(bytes, timeout: timeout)
            }
        }
    }

    /// Says that the file is whole.
    func finishFile(timeout: Duration) async throws {
        try await translated {
            switch self {
            case .stream(let connection): try await connection.finish(timeout: timeout)
            case .blocks(let blocks): try await blocks.finishFile(timeout: timeout)
            }
        }
    }

    /// Answers the end of a file that was read. A server that is gone already does not matter.
    func acknowledgeEnd() async {
        if case .stream(let connection) = self { try? await connection.finish(timeout: .seconds(2)) }
    }

    /// Closes what carries one file only.
    func close() {
        if case .stream(let connection) = self { connection.close() }
    }

    private func translated<R>(_ step: () async throws -> R) async throws -> R {
        do {
            return try await step()
        } catch let error as TransportError {
            throw FTPClientError(error)
        } catch let error as BlockError {
            throw FTPClientError.unexpected("\(error)")
        }
    }
}
