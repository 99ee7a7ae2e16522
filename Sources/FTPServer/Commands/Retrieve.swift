// RETR (RFC 959 §4.1.3): the next block is fetched while the last one goes out.
import FTPProtocol
import Transport

extension ControlSession {
    func retrieve(_ command: Command) async {
        let range = byteRange
        let reader: any FileReader
        do throws(FileSystemError) {
            let whole = try await fileSystem.openForReading(try authorizedPath(command), at: range?.first ?? restartOffset)
            reader = range.map { LimitedReader(whole, byteCount: $0.byteCount) } ?? whole
        } catch {
            return await send(logged(error).reply)
        }
        let plan = takeDataPlan()
        if case .none = plan {
            await reader.close()
            return await send(Reply(425, "Send PASV, EPSV, PORT or EPRT first"))
        }
        await send(Reply(150, "\(reader.contentDescription), \(reader.remainingByteCount) bytes follow"))
        await runTransfer { [self] transfer in
            transfer.name = "RETR"
            transfer.use(plan)
            let reply: Reply
            switch await openDataConnection(plan, for: transfer) {
            case .failure(let failure): reply = failure.reply
            case .success(let data): reply = await send(reader, over: data, transfer: transfer)
            }
            await reader.close()
            return reply
        }
    }

    private func send(_ reader: any FileReader, over data: Connection, transfer: Transfer) async -> Reply {
        do {
            var current = TransferBuffer()
            try await reader.read(into: current)
            var spare = current.isFull ? TransferBuffer() : current
            while current.count > 0 {
                let isLast = !current.isFull
                let next = spare
                let fetching = isLast ? nil : Task.immediate(executorPreference: loop) { [next] in
                    next.count = 0
                    try await reader.read(into: next)
                }
                do {
                    try await unsafe data.write(current.bytes, timeout: settings.stallTimeout)
                } catch {
                    _ = await fetching?.result
                    throw error
                }
                transfer.byteCount += UInt64(current.count)
                if isLast { break }
                try await fetching?.value
                (current, spare) = (next, current)
            }
            try await data.finish()
        } catch let error as FileSystemError {
            data.close()
            return logged(error).reply
        } catch {
            data.close()
            return Reply(426, "Transfer cut off: \(error)")
        }
        // The client's close_notify is awaited after the reply: it must not delay it, and must not be reset.
        transfer.afterwards { await data.drain(timeout: .seconds(2)) }
        return Reply(226, "Transfer complete")
    }
}
