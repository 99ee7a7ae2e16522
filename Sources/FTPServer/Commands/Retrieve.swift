// RETR (RFC 959 §4.1.3): the next block is fetched while the last one goes out.
import FTPProtocol
import Transport

extension ControlSession {
    func retrieve(_ command: Command) async {
        let range = byteRange
        let reader: any FileReader
        do throws(FileSystemError) {
            reader = try await fileSystem.openForReading(
                try await authorizedPath(command), at: range?.first ?? restartOffset, atMost: range?.byteCount)
        } catch {
            return await send(logged(error).reply)
        }
        guard let plan = takeChannelPlan() else {
            await reader.close()
            return await send(Self.noDataConnection)
        }
        await send(Reply(plan.preliminaryCode, "\(reader.contentDescription), \(reader.remainingByteCount) bytes follow"))
        await runTransfer("RETR") { [self] transfer in
            let reply: Reply
            switch await openChannel(plan, for: transfer) {
            case .failure(let failure): reply = failure.reply
            case .success(let channel): reply = await send(reader, over: channel, transfer: transfer)
            }
            await reader.close()
            return reply
        }
    }

    /// Writes a block, in steps if the account's rate is limited.
    private func write(_ block: TransferBuffer, over channel: any TransferChannel, transfer: Transfer) async throws {
        guard let bucket = login?.downloads else { return try await unsafe channel.write(block.bytes, timeout: settings.stallTimeout) }
        var sent = 0
        while sent < block.count {
            let step = min(TokenBucket.stepByteCount, block.count - sent)
            try await unsafe channel.write(UnsafeRawBufferPointer(rebasing: block.bytes[sent..<(sent + step)]), timeout: settings.stallTimeout)
            sent += step
            await transfer.pace(step, by: bucket, on: loop)
        }
    }

    private func send(_ reader: any FileReader, over channel: any TransferChannel, transfer: Transfer) async -> Reply {
        do {
            var current = TransferBuffer()
            try await reader.read(into: current)
            var spare = current.isFull ? TransferBuffer() : current
            while current.count > 0 {
                let isLast = !current.isFull
                let next = spare
                let fetching =
                    isLast
                    ? nil
                    : Task.immediate(executorPreference: loop) { [next] in
                        next.count = 0
                        try await reader.read(into: next)
                    }
                do {
                    try await write(current, over: channel, transfer: transfer)
                } catch {
                    _ = await fetching?.result
                    throw error
                }
                transfer.byteCount += UInt64(current.count)
                if isLast { break }
                try await fetching?.value
                (current, spare) = (next, current)
            }
            try await channel.finishFile(timeout: settings.stallTimeout)
        } catch let error as FileSystemError {
            channel.connection.close()
            return logged(error).reply
        } catch {
            channel.connection.close()
            return Reply(426, "Transfer cut off: \(error)")
        }
        endSending(over: channel, transfer: transfer)
        return channel.completion("Transfer complete")
    }

    /// All was sent. A channel that carries no further file is closed when the client has closed its side, which is awaited after the
    /// reply: it must not delay it, and must not be reset.
    func endSending(over channel: any TransferChannel, transfer: Transfer) {
        if channel.carriesManyFiles {
            keep(channel, of: transfer)
        } else {
            let connection = channel.connection
            transfer.afterwards { await connection.drain(timeout: .seconds(2)) }
        }
    }
}
