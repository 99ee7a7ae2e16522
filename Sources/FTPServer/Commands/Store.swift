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
        let writer: any FileWriter
        do throws(FileSystemError) {
            writer = try await fileSystem.openForWriting(try authorizedPath(command), mode)
        } catch {
            return await send(logged(error).reply)
        }
        let plan = takeDataPlan()
        if case .none = plan {
            await writer.discard()
            return await send(Reply(425, "Send PASV, EPSV, PORT or EPRT first"))
        }
        await send(Reply(150, mode == .unique ? "FILE: \(writer.path.last ?? "")" : "Send the file"))
        await runTransfer { [self] transfer in
            transfer.name = command.verb
            transfer.use(plan)
            switch await openDataConnection(plan, for: transfer) {
            case .failure(let failure):
                await writer.discard()
                return failure.reply
            case .success(let data):
                let offset: UInt64 = if case .resume(let at) = mode { at } else { 0 }
                let expected = announced.map { Expected(announced: $0, offset: offset) }
                return await receive(into: writer, from: data, expecting: expected, transfer: transfer)
            }
        }
    }

    private func receive(into writer: any FileWriter, from data: Connection, expecting expected: Expected?, transfer: Transfer) async -> Reply {
        var current = TransferBuffer()
        var pipeline = UploadPipeline(writer, loop: loop)
        do {
            var isComplete = false
            receiving: while true {
                switch await fill(current, from: data, transfer: transfer) {
                case .full: current = try await pipeline.exchange(current)
                case .closed(let isClean):
                    isComplete = isClean || settings.acceptsUncleanUploadEnd || expected?.isMet(by: transfer.byteCount) == true
                    break receiving
                case .failed(let error): throw error
                }
            }
            try await pipeline.finish()
            guard isComplete, !transfer.isCancelled, expected?.isUndercut(by: transfer.byteCount) != true else {
                await writer.interrupt(current)
                data.close()
                logger.info("upload not complete", metadata: ["bytes": "\(transfer.byteCount)"])
                return isComplete && !transfer.isCancelled
                    ? Reply(426, "Fewer bytes came than ALLO announced; nothing was published")
                    : Reply(426, "The upload ended without a TLS close_notify; nothing was published. It can be resumed")
            }
            let text = try await writer.commit(current)
            try? await data.finish(timeout: .seconds(2))
            data.close()
            return Reply(226, text)
        } catch let error as FileSystemError {
            await pipeline.settle()
            await writer.discard()
            data.close()
            return logged(error).reply
        } catch {
            await pipeline.settle()
            await writer.interrupt(current)
            data.close()
            logger.info("upload cut off", metadata: ["bytes": "\(transfer.byteCount)", "reason": "\(error)"])
            return Reply(426, "Transfer cut off: \(error). Nothing was published; it can be resumed")
        }
    }

    private enum FillEnd {
        case full
        case closed(clean: Bool)
        case failed(any Error)
    }

    private func fill(_ buffer: TransferBuffer, from data: Connection, transfer: Transfer) async -> FillEnd {
        do {
            while !buffer.isFull {
                let count = try await unsafe data.read(into: buffer.room, timeout: settings.stallTimeout)
                if count == 0 { return .closed(clean: true) }
                buffer.count += count
                transfer.byteCount += UInt64(count)
            }
            return .full
        } catch TransportError.truncated {
            return .closed(clean: false)
        } catch {
            return .failed(error)
        }
    }
}

/// The size that ALLO announced, of the file or of the rest that is resumed.
private struct Expected {
    let announced: UInt64
    let offset: UInt64

    func isMet(by count: UInt64) -> Bool { count == announced || count + offset == announced }

    func isUndercut(by count: UInt64) -> Bool { count + offset < announced }
}
