// phr info: what an envelope says, without opening it.

internal import ArgumentParser
internal import Client
internal import Glibc

struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Say what an envelope says, without opening it.",
        discussion: """
            A file on this machine needs neither network nor passphrase.

            Example: phr info alice/visit.json
            """)

    @Argument(help: "An envelope on this machine, or a record on the server.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run() async throws {
        if unsafe access(name, F_OK) == 0 {
            let keyIDs = PublicIdentity.keyIDs(home: try common.store().home)
            let facts = try LocalEnvelope.facts(of: name, ownKeyIDs: keyIDs)
            Console.result(facts, asJSON: common.json) { [name] + Self.lines(facts) }
        } else {
            let remote = try RemoteName.record(name)
            let info = try await common.withSession { try await $0.info(remote) }
            Console.result(info, asJSON: common.json) {
                [
                    info.remote, "version        \(info.version)", "ledger entry   \(info.ledgerIndex) of \(info.ledgerSize)",
                    "size           \(Console.size(info.byteCount))",
                ] + Self.lines(info.facts)
            }
        }
    }

    private static func lines(_ facts: EnvelopeFacts) -> [String] {
        var lines = ["object         \(facts.objectID)", "members        \(facts.memberCount)", "header         revision \(facts.headerRevision)"]
        if let byteCount = facts.byteCount { lines.append("envelope       \(Console.size(byteCount))") }
        if let bound = facts.plaintextUpperBound { lines.append("content        \(facts.isPadded ? "at most " : "")\(Console.size(bound))") }
        if let root = facts.envelopeRoot { lines.append("root           \(root)") }
        if let time = facts.notAfter { lines.append("not after      \(Console.time(Int64(clamping: time)))") }
        lines.append("sealed by      \(facts.isSealedByServer ? "the server, on arrival" : "the sender")")
        for recipient in facts.recipients {
            let whose = recipient.isOwn ? "you" : recipient.name ?? "somebody"
            lines.append("opens for      \(whose) (\(recipient.kind) \(recipient.keyID)\(recipient.isPostQuantum ? "" : ", not quantum-safe"))")
        }
        return lines
    }
}
