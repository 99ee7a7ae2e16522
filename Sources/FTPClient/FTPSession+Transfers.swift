// RETR and STOR as streams of pieces, complete only when both TLS and the server's reply say so.

package import FTPProtocol
internal import Transport

extension FTPSession {
    private static let pieceByteCount = 256 * 1024

    /// Reads a file from an offset. `receive` gets every piece in order; it blocks nobody but this session.
    ///
    /// A transfer counts only when TLS was closed properly and the server said 226 or 250. When `receive` throws, the
    /// session ends and the error is passed on.
    @discardableResult
    package func retrieve(
        _ path: VirtualPath, from offset: UInt64 = 0, receive: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Reply {
        try await unsafe download("RETR", path.description, from: offset, receive: receive)
    }

    /// Reads a whole file of at most `limit` bytes into memory, or gives `nil` when there is none.
    package func retrieveAll(_ path: VirtualPath, limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            try await unsafe download("RETR", path.description, from: 0) { piece in
                guard bytes.count + piece.count <= limit else { throw FTPClientError.listingTooLarge(limit: limit) }
                unsafe bytes.append(contentsOf: piece)
            }
        } catch FTPClientError.refused(_, let reply) where reply.code == 550 {
            return nil
        }
        return bytes
    }

    /// The download part of RETR, MLSD and LIST.
    @discardableResult
    func download(
        _ verb: String, _ argument: String?, from offset: UInt64, receive: (UnsafeRawBufferPointer) throws -> Void
    ) async throws -> Reply {
        let data = try await openData(verb, argument, restart: offset)
        defer { data.close() }
        try await unsafe read(data, receive: receive)
        await data.acknowledgeEnd()
        return try await completion(of: verb)
    }

    /// Reads a file to its end.
    func read(_ data: DataStream, receive: (UnsafeRawBufferPointer) throws -> Void) async throws {
        let buffer = IOBuffer(byteCount: Self.pieceByteCount)
        while true {
            let count: Int
            do {
                count = try await unsafe data.read(into: buffer.bytes, timeout: control.timeouts.stall)
            } catch {
                throw await controlReason(error)
            }
            if count == 0 { return }
            do {
                try unsafe receive(buffer.prefix(count))
            } catch {
                end()
                throw error
            }
        }
    }

    /// Writes a file. `supply` fills the memory it is given and says how many bytes it wrote; 0 ends the file.
    ///
    /// - Parameter append: APPE instead of STOR.
    /// - Returns: the server's last reply, which is a receipt when the server keeps a ledger.
    @discardableResult
    package func store(
        _ path: VirtualPath, from offset: UInt64 = 0, append: Bool = false,
        supply: (UnsafeMutableRawBufferPointer) throws -> Int
    ) async throws -> Reply {
        let verb = append ? "APPE" : "STOR"
        let data = try await openData(verb, path.description, restart: offset)
        defer { data.close() }
        try await unsafe write(data, supply: supply, failed: controlReason)
        return try await completion(of: verb)
    }

    /// Writes a file to its end. When the data connection breaks, `failed` gives the error to throw.
    func write(
        _ data: DataStream, supply: (UnsafeMutableRawBufferPointer) throws -> Int, failed: (any Error) async -> any Error
    ) async throws {
        let buffer = IOBuffer(byteCount: Self.pieceByteCount)
        while true {
            let count: Int
            do {
                count = try unsafe supply(buffer.bytes)
            } catch {
                // Without its proper end the server does not take the piece for a whole file.
                end()
                throw error
            }
            do {
                if count == 0 { return try await data.finishFile(timeout: control.timeouts.stall) }
                try await unsafe data.write(buffer.prefix(count), timeout: control.timeouts.stall)
            } catch {
                closeBlocks()
                throw await failed(error)
            }
        }
    }

    /// Writes bytes that are in memory.
    @discardableResult
    package func store(_ path: VirtualPath, bytes: [UInt8]) async throws -> Reply {
        var offset = 0
        return try await unsafe store(path) { buffer in
            let count = min(buffer.count, bytes.count - offset)
            unsafe buffer.copyBytes(from: bytes[offset..<offset + count])
            offset += count
            return count
        }
    }

    func completion(of verb: String) async throws -> Reply {
        let reply = try await control.reply(within: control.timeouts.completion)
        guard reply.isCompletion else { throw FTPClientError.refused(command: verb, reply) }
        return reply
    }
}
