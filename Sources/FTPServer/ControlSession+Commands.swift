// Reads commands, checks them against the table, and has them carried out.
import FTPProtocol
import Logging
import Transport

extension ControlSession {
    /// The next command; nil when the session is to end. Malformed lines are answered here.
    func nextCommand() async throws -> Command? {
        // For the whole command: neither single bytes nor nonsense put it off.
        let deadline = endOfPatience
        do {
            while let line = try await nextLine(until: deadline) {
                switch line {
                case .success(let command): return command
                case .failure(let error):
                    await send(Reply(error == .notUTF8 || isControlCharacter(error) ? 501 : 500, "\(error)"))
                    guard !isSuspicious() else { return nil }
                }
            }
            return nil
        } catch TransportError.interrupted where farewell != nil {
            await send(Reply(421, farewell ?? ""))
            return nil
        }
    }

    private var endOfPatience: ContinuousClock.Instant {
        login == nil ? loginBegan + settings.loginTimeout : .now + settings.idleTimeout
    }

    private func nextLine(until deadline: ContinuousClock.Instant) async throws -> ReceivedLine? {
        if farewell == nil, let line = waiting.takeFirst() { return line }
        return try await readLine(until: deadline)
    }

    /// Reads one line; nil at the end of the connection.
    func readLine(until deadline: ContinuousClock.Instant?) async throws -> ReceivedLine? {
        while true {
            if let deadline, .now >= deadline { throw TransportError.timedOut("waiting for a command") }
            if farewell != nil, transfer == nil { throw TransportError.interrupted }
            if let line = lines.next() { return line }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1024, alignment: 1)
            defer { unsafe buffer.deallocate() }
            let count = try await unsafe connection.read(into: buffer, timeout: deadline.map { $0 - .now })
            guard count > 0 else { return nil }
            unsafe lines.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
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
        running = (command, .now)
        defer { (running, idleSince) = (nil, .now) }
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
