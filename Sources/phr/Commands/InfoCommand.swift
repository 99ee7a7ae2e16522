// phr info: what an envelope says, without opening it.

internal import ArgumentParser
internal import Client
internal import Glibc

struct InfoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info", abstract: "Say what an envelope says, without opening it.",
        discussion: """
            A file on this machine needs neither network nor passphrase. Of a record on the server it also says whether your keys \
            open it and, for a policy, which attributes are missing.

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
            if recipient.kind == "policy" {
                lines += policyLines(recipient)
            } else {
                let whose = recipient.isOwn ? "you" : recipient.name ?? "somebody"
                lines.append("opens for      \(whose) (\(recipient.kind) \(recipient.keyID)\(recipient.isPostQuantum ? "" : ", not quantum-safe"))")
            }
        }
        if let isOpen = facts.isOpenForMe { lines.append("your keys      \(isOpen ? "open it" : "do not open it")") }
        if !facts.isPostQuantum {
            let causes = Set(facts.recipients.filter { !$0.isPostQuantum }.map(\.kind)).sorted().joined(separator: ", ")
            lines.append("note           a quantum computer could open it, because of: \(causes)")
        }
        return lines
    }

    private static func policyLines(_ recipient: EnvelopeFacts.RecipientFact) -> [String] {
        guard let policy = recipient.policy else { return ["opens for      a policy that this program cannot read (\(recipient.keyID))"] }
        let indent = String(repeating: " ", count: 15)
        var lines = ["opens for      whoever satisfies \(policy.text)", indent + "\(policy.scheme), \(Console.size(UInt64(policy.byteCount))) of header"]
        lines += policy.authorities.map { indent + "authority \($0.name), epoch \($0.epoch), key \($0.keyFingerprint.prefix(16))" }
        lines.append(indent + "anyone who holds the envelope can read this policy")
        if policy.hasHiddenNames { lines.append(indent + "names beginning with ~h are hidden: only holders of that authority's keys know them") }
        if policy.isSatisfied == true { lines.append(indent + "you satisfy it: \(policy.usable.joined(separator: ", "))") }
        for (index, set) in policy.missing.enumerated() {
            lines.append(indent + (index == 0 ? "you need " : "or ") + set.map { "\($0.text) - \($0.advice)" }.joined(separator: " and "))
        }
        return lines
    }
}
