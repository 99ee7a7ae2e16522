// Many files in a row: commands and files go out ahead of the replies where the server takes that, one by one elsewhere.

package import FTPProtocol
internal import Transport

extension FTPSession {
    /// Commands that wait for a reply at once. Their replies fit into the socket's buffers, so that neither side waits for the other.
    private static let window = 32

    /// Writes files, in their order.
    ///
    /// After a failure no further file is begun; those that were are seen to their end.
    /// - Parameters:
    ///   - supply: fills memory with the next bytes of the numbered file and says how many; 0 ends it.
    ///   - completed: gets the server's last reply to each file that it took. When it throws, nothing further is begun.
    /// - Throws: the first failure, with the number of its file.
    package func store(
        _ paths: [VirtualPath], supply: (Int, UnsafeMutableRawBufferPointer) throws -> Int, completed: (Int, Reply) throws -> Void
    ) async throws(NumberedFailure) {
        var begun = 0
        var ended = 0
        var failure: NumberedFailure?
        while !control.isEnded {
            let mayBegin = failure == nil && begun < paths.count && begun - ended < Self.window
            let number = mayBegin ? begun : ended
            do {
                if mayBegin, let openBlocks {
                    begun += 1
                    try await control.send("STOR", paths[number].description)
                    // When the data connection breaks, the replies tell why.
                    try await unsafe write(.blocks(openBlocks), supply: { try unsafe supply(number, $0) }, failed: { $0 })
                } else if mayBegin, begun == ended {
                    // The first makes the data connection.
                    begun += 1
                    ended += 1
                    try completed(number, try await unsafe store(paths[number]) { try unsafe supply(number, $0) })
                } else if ended < begun {
                    ended += 1
                    let reply = try await uploadReply()
                    if failure == nil { try completed(number, reply) }
                } else {
                    break
                }
            } catch {
                failure = failure ?? NumberedFailure(number: number, error: error)
            }
        }
        if let failure { throw failure }
    }

    /// The last reply to an upload that was sent ahead.
    private func uploadReply() async throws -> Reply {
        let reply = try await control.reply(within: control.timeouts.completion)
        guard reply.isPreliminary else {
            if reply.code == 425 || reply.code == 426 { closeBlocks() }
            throw FTPClientError.refused(command: "STOR", reply)
        }
        return try await completion(of: "STOR")
    }

    /// Reads whole files of at most `limit` bytes each into memory; `nil` for those that are not there.
    package func retrieveAll(_ paths: [VirtualPath], limit: Int) async throws -> [[UInt8]?] {
        var files: [[UInt8]?] = []
        var asked = 0
        while files.count < paths.count {
            guard let openBlocks else {
                files.append(try await retrieveAll(paths[files.count], limit: limit))
                asked = files.count
                continue
            }
            while asked < paths.count, asked - files.count < Self.window {
                try await control.send("RETR", paths[asked].description)
                asked += 1
            }
            do {
                files.append(try await file(over: .blocks(openBlocks), limit: limit))
            } catch {
                // Replies and files of the other commands are still to come.
                end()
                throw error
            }
        }
        return files
    }

    /// The file of the oldest RETR that was sent ahead.
    private func file(over data: DataStream, limit: Int) async throws -> [UInt8]? {
        let reply = try await control.reply(within: control.timeouts.reply)
        if reply.code == 550 { return nil }
        guard reply.isPreliminary else { throw FTPClientError.refused(command: "RETR", reply) }
        var bytes: [UInt8] = []
        try await unsafe read(data) { piece in
            guard bytes.count + piece.count <= limit else { throw FTPClientError.listingTooLarge(limit: limit) }
            unsafe bytes.append(contentsOf: piece)
        }
        _ = try await completion(of: "RETR")
        return bytes
    }
}

/// What went wrong with one of many files.
package struct NumberedFailure: Error {
    package let number: Int
    package let error: any Error

    package init(number: Int, error: any Error) {
        self.number = number
        self.error = error
    }
}
