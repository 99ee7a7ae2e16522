/// `[hooks]`: which programs of the operator hear of which events.
import Audit

extension Configuration {
    package struct Hooks: Codable, Sendable {
        /// Path of a Unix socket that gets each event as a line.
        package var socket = ""
        /// The events it is told of.
        package var events = ["stored", "deleted", "renamed", "header-changed"]
        /// A program and its arguments, for `phrd hook-runner`: gets each event on its standard input.
        package var command: [String] = []
        /// Seconds after which the program is ended.
        package var timeout_seconds = 30

        /// Events are told as lines of the audit log, so there must be one.
        func problems(auditIsEnabled: Bool) -> [String] {
            var problems: [String] = []
            if command.first?.hasPrefix("/") == false { problems.append("hooks.command must begin with the absolute path of a program") }
            if !command.isEmpty, socket.isEmpty { problems.append("hooks.socket must be a path for hooks.command: \"phrd hook-runner\" listens there") }
            if !(1...3600).contains(timeout_seconds) { problems.append("hooks.timeout_seconds must be from 1 to 3600") }
            for event in events where AuditEvent.Kind(rawValue: event) == nil {
                problems.append("hooks.events must hold kinds of events, such as \"stored\", not \"\(event)\"")
            }
            if !socket.isEmpty, !auditIsEnabled { problems.append("audit.enabled must be true for hooks: they are told the lines of the audit log") }
            return problems
        }
    }
}
