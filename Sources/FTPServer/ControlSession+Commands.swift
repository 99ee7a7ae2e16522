// Reads commands, checks them against the table, and has them carried out.
import FTPProtocol
import Logging
import Transport

extension ControlSession {
    /// The next command; nil when the session is to end.
    func nextCommand() async throws -> Command? {
        if let command = deferred {
            deferred = nil
            return command
        }
        do {
            return try await readCommand(until: endOfPatience)
        } catch TransportError.interrupted where farewell != nil {
            await send(Reply(421, farewell ?? ""))
            return nil
        }
    }

    private var endOfPatience: ContinuousClock.Instant {
        login == nil ? connectedAt + settings.loginTimeout : .now + settings.idleTimeout
    }

    /// Reads one well-formed command; nil at the end of the connection. Malformed lines are answered here.
    /// - Parameter deadline: for the whole command: neither single bytes nor nonsense put it off.
    func readCommand(until deadline: ContinuousClock.Instant?) async throws -> Command? {
        while true {
            if let deadline, .now >= deadline { throw TransportError.timedOut("waiting for a command") }
            if farewell != nil, transfer == nil { throw TransportError.interrupted }
            switch lines.next() {
            case .success(let command): return command
            case .failure(let error):
                await send(Reply(error == .notUTF8 || isControlCharacter(error) ? 501 : 500, "\(error)"))
                guard !isSuspicious() else { return nil }
            case nil:
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
                defer { unsafe buffer.deallocate() }
                let count = try await unsafe connection.read(into: buffer, timeout: deadline.map { $0 - .now })
                guard count > 0 else { return nil }
                unsafe lines.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    private func isControlCharacter(_ error: CommandLineError) -> Bool {
        if case .controlCharacter = error { true } else { false }
    }

    /// Counts nonsense before login; after the third the connection ends (a browser or a script led astray).
    private func isSuspicious() -> Bool {
        guard login == nil else { return false }
        suspicion += 1
        return suspicion >= 3
    }

    func perform(_ command: Command) async {
        guard let rule = CommandTable.rules[command.verb] else {
            if login == nil, CommandTable.foreignVerbs.contains(command.verb) {
                logger.info("foreign protocol on the control port")
                isEnding = true
                return
            }
            await send(Reply(500, "Command \(command.verb) not understood"))
            if isSuspicious() { isEnding = true }
            return
        }
        // Only uploads may overtake the end of others: everything else sees what they have done.
        if command.verb != "STOR" { await settleCommits() }
        if case .passive(let passive) = dataPlan { passive.commandCame() }
        if let refusal = rule.refusal(command, in: self) { return await refuse(command, refusal) }
        // RNFR, REST and RANG belong to the command that follows at once.
        let restart = restartOffset
        let range = byteRange
        let source = renameSource
        await rule.handler(self, command)
        if !rule.keepsState {
            if restartOffset == restart { restartOffset = 0 }
            if byteRange == range { byteRange = nil }
            if renameSource == source { renameSource = nil }
        }
    }
}
