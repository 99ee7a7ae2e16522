// The one transfer of a session, and what may be said while it runs.
import FTPProtocol
import Transport

extension ControlSession {
    /// Runs a transfer as a child task while commands are still read. Its final reply is sent when it is over; nil: it comes later.
    func runTransfer(_ body: @escaping @Sendable (Transfer) async -> Reply?) async {
        let transfer = Transfer()
        self.transfer = transfer
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                let reply = await body(transfer)
                self.transfer = nil
                if let reply { await send(reply) }
                connection.interruptRead()
                await transfer.linger()
            }
            await listenDuringTransfer(transfer)
        }
        connection.clearInterruption()
    }

    private func listenDuringTransfer(_ transfer: Transfer) async {
        while self.transfer === transfer {
            do {
                guard let command = try await readCommand(until: nil) else {
                    isEnding = true
                    transfer.cancel()
                    return
                }
                switch command.verb {
                case "NOOP": await send(Reply(200, "Transfer in progress"))
                case "STAT" where command.argument == nil: await send(statusReply())
                case "ABOR":
                    transfer.cancel()
                    await transfer.waitForEnd(on: loop) { self.transfer !== transfer }
                    await send(Reply(226, "Transfer aborted"))
                    return
                case "QUIT":
                    deferred = command
                    return
                default:
                    deferred = command
                    return
                }
            } catch TransportError.interrupted {
                continue
            } catch {
                isEnding = true
                transfer.cancel()
                return
            }
        }
    }
}
