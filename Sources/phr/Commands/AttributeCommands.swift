// phr attributes, request and accept: what one holds, asking for it, and taking it.

internal import ArgumentParser
internal import Client

struct AttributesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attributes", abstract: "Show the attributes you hold: from whom, until when, and whether they still count.",
        discussion: """
            "old epoch" opens what was sealed before the authority replaced its keys; "revoked" what was sealed before the revocation.

            Example: phr attributes
            """)

    @Flag(name: .long, help: "Do not ask the ledger whether keys were revoked or replaced.")
    var noCheck = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let noCheck = noCheck
        let reports = try await common.withSession { try await $0.heldAttributes(asksLedger: !noCheck) }
        Console.result(reports, asJSON: common.json) {
            guard !reports.isEmpty else { return ["You hold no attributes; ask for some with: phr request AUTHORITY ATTRIBUTE…"] }
            return Console.table([["AUTHORITY", "ATTRIBUTES", "VALID", "EPOCH", "STATE", "LEDGER"]] + reports.map(Self.row))
        }
    }

    private static func row(_ report: AttributeReport) -> [String] {
        var state = report.state.rawValue
        if let until = report.keepUntil { state += ", emergency until \(Console.time(Int64(clamping: until)))" }
        if let issuer = report.issuer { state += ", by \(issuer)" }
        return [
            report.authority, report.attributes.joined(separator: ", "), "\(report.notBefore) to \(report.notAfter)",
            report.currentEpoch.map { $0 == report.epoch ? "\($0)" : "\(report.epoch) of \($0)" } ?? "\(report.epoch)", state, "\(report.ledgerIndex)",
        ]
    }
}

struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request", abstract: "Ask an authority for attributes.",
        discussion: """
            The request is signed by your identity and sealed for the authority; it goes by mail or as a file.

            Examples:
              phr request alice care-team
              phr request stmary doctor department=cardiology --via frontdesk
              phr request stmary doctor --file stmary.request
            """)

    @Argument(help: "The authority.")
    var authority: String

    @Argument(help: ArgumentHelp("What for: doctor, role=doctor, clearance=3.", valueName: "attribute"))
    var attributes: [String]

    @Option(name: .long, help: ArgumentHelp("Send it to this person, who issues for the authority.", valueName: "name"))
    var via: String?

    @Option(name: .long, help: ArgumentHelp("Write the request to this file instead of mailing it.", valueName: "file"))
    var file: String?

    @Flag(name: [.short, .long], help: "Replace a file that exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (authority, attributes, via, file, force) = (authority, attributes, via, file, force)
        let report = try await common.withSession {
            try await $0.request(attributes, from: authority, via: via, file: file, mayReplace: force)
        }
        Console.result(report, asJSON: common.json) {
            let what = report.attributes.joined(separator: ", ")
            return report.handedOver == "mail"
                ? ["Asked \(report.receiver) for \(what); the answer comes with: phr accept --mail"]
                : ["Wrote a request for \(what) to \(report.handedOver); \(report.receiver) grants it with: phr issue --file FILE"]
        }
    }
}

struct AcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Take attribute keys that were issued to you, from your mail or from a file.",
        discussion: """
            Each key is checked before it is kept: whom it is bound to, who issued it, the ledger's entry, the authority's record, and \
            by pairing equations that it belongs to the authority's public key. Also takes issuers' and emergency keys.

            Examples:
              phr accept --mail
              phr accept bob.key
            """)

    @Argument(help: "A file that an issuer gave you.")
    var file: String?

    @Flag(name: .long, help: "Take what waits in your mail.")
    var mail = false

    @Flag(name: .long, help: "With --mail: remove messages that do not pass their checks.")
    var discard = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard mail != (file != nil) else { throw ValidationError("give a file, or --mail") }
        if discard, !mail { throw ValidationError("--discard goes with --mail") }
    }

    func run() async throws {
        let (file, discard) = (file, discard)
        let report = try await common.withSession { session in
            if let file { return try await session.accept(file: file) }
            return try await session.acceptMail(discardsRefused: discard)
        }
        Console.result(report, asJSON: common.json) {
            report.accepted.isEmpty && report.refused.isEmpty ? ["Nothing to accept"] : report.accepted.map(Self.line)
        }
        for message in report.refused { Console.note("\(message.name) is not accepted: \(message.reason)") }
        if !report.refused.isEmpty {
            if !discard { Console.note("hint: they stay in your mail; remove them with: phr accept --mail --discard") }
            throw ExitCode(CommandStatus.tampered.rawValue)
        }
    }

    private static func line(_ message: AcceptedMessage) -> String {
        let known = message.wasKnown ? " (known already)" : ""
        let what = message.attributes.joined(separator: ", ")
        switch message.kind {
        case .attributeKey:
            return
                "You have \(what) of \(message.authority) until \(message.notAfter ?? "-") (epoch \(message.epoch), ledger entry \(message.ledgerIndex ?? 0))\(known)"
        case .issuerKey: return "You issue for \(message.authority) (epoch \(message.epoch))\(known)"
        case .emergencyKey: return "\(message.sender) has prepared emergency access for you: \(what) until \(message.notAfter ?? "-")\(known)"
        case .issuanceReport: return "\(message.sender) reports a key with \(what)\(known)"
        }
    }
}
