// The one transfer of a session, and what may be said while it runs.
import FTPProtocol
import Transport

extension ControlSession {
    /// Runs a transfer as a child task while commands are still read. Its final reply is sent when it is over; nil: it comes later.
    /// - Parameter awaitsConnection: it begins with the opening of its data connection.
    func runTransfer(_ name: String, awaitsConnection: Bool = true, _ body: @escaping @Sendable (Transfer) async -> Reply?) async {
        let transfer = Transfer(name, awaitsConnection: awaitsConnection)
        self.transfer = transfer
        if isKicked { transfer.cancel() }
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
        while self.transfer === transfer, !waiting.isClosed {
            do {
                if waiting.isFull {
                    try await connection.waitForEnd()
                } else if let line = try await readLine(until: nil) {
                    if !(await answer(line, during: transfer)) { waiting.append(line) }
                } else {
                    return endWith(transfer)
                }
            } catch TransportError.interrupted {
                continue
            } catch {
                return endWith(transfer)
            }
        }
    }

    /// RFC 959 §4.1.1: an unexpected end of the control connection is ABOR and QUIT in one.
    private func endWith(_ transfer: Transfer) {
        isEnding = true
        transfer.cancel()
    }

    /// Answers what cannot wait for the end of the transfer; false if it can.
    private func answer(_ line: ReceivedLine, during transfer: Transfer) async -> Bool {
        guard case .success(let command) = line else { return false }
        // Whoever pipelines counts replies.
        let overtakes = waiting.isEmpty || !(blockMode.isOn && blockMode.isPipelining)
        switch command.verb {
        case "NOOP" where overtakes: await send(Reply(200, "Transfer in progress"))
        case "STAT" where overtakes && command.argument == nil: await send(statusReply())
        case "ABOR":
            transfer.cancel()
            await transfer.waitForEnd(on: loop) { self.transfer !== transfer }
            // In a pipelined run the transfer may have left it for the next one.
            await closeIdleChannel()
            await send(Reply(226, "Transfer aborted"))
        default: return false
        }
        return true
    }
}
