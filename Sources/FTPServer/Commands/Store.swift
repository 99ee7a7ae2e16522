// STOR, APPE, STOU (RFC 959 §4.1.3): blocks are sealed while the next ones are received; published only with proof that it is whole.
import FTPProtocol
import Logging
import Transport

extension ControlSession {
    func store(_ command: Command) async {
        await receive(command, restartOffset > 0 ? .resume(at: restartOffset) : .replace)
    }

    func append(_ command: Command) async {
        await receive(command, restartOffset > 0 ? .resume(at: restartOffset) : .append)
    }

    func storeUnique(_ command: Command) async {
        await receive(Command(verb: "STOU", argument: command.argument ?? "record"), .unique)
    }

    private func receive(_ command: Command, _ mode: WriteMode) async {
        let announced = announcedByteCount
        announcedByteCount = nil
        // draft-bryan-ftp-range-08 has repairs of a part; here a version is stored as a whole, or continued at its end.
        guard byteRange == nil else {
            return await refuse(command, Reply(504, "RANG is for RETR, HASH and XSHA256 only and was dropped; REST with STOR goes on with a cut-off file"))
        }
        let writer: any FileWriter
        do throws(FileSystemError) {
            let path = try await authorizedPath(command)
            if blockMode.commits.contains(path) { await settleCommits() }
            writer = try await fileSystem.openForWriting(path, mode)
            do throws(FileSystemError) {
                // Of the whole file or of the rest that is resumed: the least that it can mean counts.
                if let announced { try await writer.announce(announced - min(announced, mode.offset)) }
            } catch {
                await writer.discard()
                throw error
            }
        } catch {
            return await refuse(command, logged(error).reply)
        }
        guard let plan = takeChannelPlan() else {
            await writer.discard()
            return await send(Self.noDataConnection)
        }
        await send(Reply(plan.preliminaryCode, mode == .unique ? "FILE: \(writer.path.last ?? "")" : "Send the file"))
        await runTransfer(command.verb) { [self] transfer in
            switch await openChannel(plan, for: transfer) {
            case .failure(let failure):
                await writer.discard()
                return failure.reply
            case .success(let channel):
                let upload = Upload(writer: writer, channel: channel, offset: mode.offset, announced: announced)
                return await receive(upload, transfer: transfer)
            }
        }
    }

    private func receive(_ upload: Upload, transfer: Transfer) async -> Reply? {
        let (writer, channel) = (upload.writer, upload.channel)
        var current = TransferBuffer()
        var pipeline = UploadPipeline(writer, loop: loop)
        // The store may refuse after the file's end has come.
        var isAtEnd = false
        do {
            var end: ChannelEvent
            repeat {
                let before = current.count
                end = try await channel.read(into: current, timeout: settings.stallTimeout)
                transfer.byteCount += UInt64(current.count - before)
                await transfer.pace(current.count - before, by: login?.uploads, on: loop)
                if current.isFull { current = try await pipeline.exchange(current) }
            } while end.isWithinFile
            isAtEnd = end.isProperEnd
            try await pipeline.finish()
            if let failure = upload.failure(end, transfer, settings) {
                await writer.interrupt(current)
                logger.info("upload not complete", metadata: ["bytes": "\(transfer.byteCount)"])
                await leave(channel, isAtEnd: isAtEnd, transfer)
                return failure
            }
            if channel.carriesManyFiles, blockMode.isPipelining {
                keep(channel, of: transfer)
                await commitInBackground(writer, current)
                return nil
            }
            let text = try await writer.commit(current)
            if channel.carriesManyFiles {
                keep(channel, of: transfer)
            } else {
                try? await channel.connection.finish(timeout: .seconds(2))
                channel.connection.close()
            }
            return channel.completion(text)
        } catch let error as FileSystemError {
            await pipeline.settle()
            await writer.discard()
            await leave(channel, isAtEnd: isAtEnd, transfer)
            return logged(error).reply
        } catch {
            await pipeline.settle()
            await writer.interrupt(current)
            channel.connection.close()
            logger.info("upload cut off", metadata: ["bytes": "\(transfer.byteCount)", "reason": "\(error)"])
            return Reply(426, "Transfer cut off: \(error). Nothing was published; it can be resumed")
        }
    }

    /// Makes the file durable while the next one comes; the reply keeps its place before those of later commands.
    private func commitInBackground(_ writer: any FileWriter, _ last: TransferBuffer) async {
        if let oldest = blockMode.commits.takeOldestIfFull() { await oldest.value }
        let number = replies.reserve()
        // Immediate, so that the store has the file before the next one is received.
        let task = Task.immediate(executorPreference: loop) { [self] in
            let reply: Reply
            do throws(FileSystemError) { reply = Reply(250, try await writer.commit(last)) } catch { reply = logged(error).reply }
            replies.fulfil(number, with: reply.encoded)
            await flushReplies()
        }
        blockMode.commits.append(writer.path, task)
    }

    // MARK: Uploads that are not wanted

    /// How much of a refused upload is still taken in, to be dropped.
    static let refusedByteCount = 64 << 20

    /// Refuses a command. A client that pipelines sends the file all the same: it is read and dropped.
    func refuse(_ command: Command, _ reply: Reply) async {
        guard ["STOR", "APPE", "STOU"].contains(command.verb), blockMode.isOn, blockMode.isPipelining else { return await send(reply) }
        guard let channel = blockMode.channel else {
            // The client may have connected already and send this file all the same: it must not be taken for the next one's.
            dataPlan.cancel()
            dataPlan = .none
            return await send(reply)
        }
        blockMode.channel = nil
        // At once: a client in lock step ends the file with it.
        await send(reply)
        await runTransfer(command.verb) { [self] transfer in
            transfer.use(channel.connection)
            await leave(channel, isAtEnd: false, transfer)
            return nil
        }
    }

    /// The upload failed. In a pipelined run the rest of its file is dropped, so that the next one can come; else the connection ends.
    private func leave(_ channel: any TransferChannel, isAtEnd: Bool, _ transfer: Transfer) async {
        guard channel.carriesManyFiles else {
            // A client that still sends would take a reset for the reason, instead of reading the reply.
            let connection = channel.connection
            return transfer.afterwards { await connection.drain(timeout: .seconds(2), limit: Self.refusedByteCount) }
        }
        guard isAtEnd || blockMode.isPipelining else { return channel.connection.close() }
        let scratch = TransferBuffer()
        var isAtEnd = isAtEnd
        while !isAtEnd {
            scratch.count = 0
            guard let event = try? await channel.read(into: scratch, timeout: settings.stallTimeout), !event.isCut else { return channel.connection.close() }
            isAtEnd = event.isProperEnd
        }
        keep(channel, of: transfer)
    }
}

/// What an upload needs to know until its end.
private struct Upload {
    let writer: any FileWriter
    let channel: any TransferChannel
    let offset: UInt64
    /// The size that ALLO announced, of the file or of the rest that is resumed.
    let announced: UInt64?

    /// Why what came is not the whole file; nil if it is.
    func failure(_ end: ChannelEvent, _ transfer: Transfer, _ settings: ServerSettings) -> Reply? {
        let count = transfer.byteCount
        switch end {
        case .suspect: return Reply(451, "The sender marked the data as suspect; nothing was published")
        case .cut where channel.carriesManyFiles:
            return Reply(426, "The data connection ended before the file's end-of-file block; nothing was published. It can be resumed")
        case .cut:
            let isMet = announced.map { count == $0 || count + offset == $0 } ?? false
            guard settings.acceptsUncleanUploadEnd || isMet, !transfer.isCancelled else {
                return Reply(426, "The upload ended without a TLS close_notify; nothing was published. It can be resumed")
            }
        default:
            if transfer.isCancelled { return Reply(426, "Transfer cut off; nothing was published. It can be resumed") }
        }
        if let announced, count + offset < announced { return Reply(426, "Fewer bytes came than ALLO announced; nothing was published") }
        return nil
    }
}
