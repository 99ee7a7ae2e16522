// phr authority: being an authority, which gives attributes to people.

internal import ArgumentParser
internal import Client

struct AuthorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority", abstract: "Give attributes to people, and take them back.",
        discussion: """
            Every account can be an authority. Its record is on the ledger: public keys, who is revoked, who issues in its name. In \
            policies its attributes are written NAME:attribute, such as alice:care-team.

            Examples:
              phr authority init
              phr authority issue bob care-team
              phr authority revoke bob
              phr authority show
            """,
        subcommands: [
            AuthorityInitCommand.self, AuthorityShowCommand.self, AuthorityPublishCommand.self, IssueCommand.self, ReissueCommand.self, RevokeCommand.self,
            RotateCommand.self, AuthorityIssuerCommand.self,
        ])
}

struct AuthorityInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Become an authority: makes keys and puts a record on the ledger.",
        discussion: """
            The secret key lies in your keyring. Keep a copy of the keyring: an older copy gives the same place to two people.

            Example: phr authority init --hidden-names
            """)

    @Flag(name: .long, help: "Policies show attribute names of this authority as codes that only its holders can read.")
    var hiddenNames = false

    @Option(name: .long, help: ArgumentHelp("2^N keys can be out at once, 1 to 24.", valueName: "n"))
    var depth = 12

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (hidden, depth) = (hiddenNames, depth)
        let report = try await common.withSession { try await $0.makeAuthority(hidesNames: hidden, depth: depth) }
        Console.result(report, asJSON: common.json) {
            [
                "\(report.name) is an authority now (epoch \(report.epoch), ledger entry \(report.ledgerIndex))",
                "Issue attributes with: phr issue USER ATTRIBUTE…",
            ]
        }
    }
}

struct AuthorityShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show an authority's record, and for your own who holds what.",
        discussion: """
            Example: phr authority show stmary
            """)

    @Argument(help: "The authority; by default your own, or the one you issue for.")
    var name: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let name = name
        let report = try await common.withSession { try await $0.showAuthority(name) }
        Console.result(report, asJSON: common.json) { Self.lines(report) }
    }

    private static func lines(_ report: AuthorityReport) -> [String] {
        var lines = [
            "authority      \(report.name)\(report.isOwn ? " (in your keyring)" : "")", "epoch          \(report.epoch), record \(report.sequence)",
            "public key     \(report.fingerprint)", "ledger entry   \(report.ledgerIndex) of \(report.ledgerSize)",
            "places         \(report.leafCount), \(report.revokedCount) revoked", "names          \(report.hidesNames ? "hidden" : "shown in policies")",
        ]
        for issuer in report.issuers {
            let places = issuer.firstLeaf.map { " (places \($0) to \(issuer.lastLeaf ?? $0))" } ?? ""
            lines.append("issuer         \(issuer.name ?? "key \(issuer.signingKeyID)")\(places)")
        }
        if let count = report.unreportedCount, count > 0 { lines.append("unreported     \(count) issuances that no issuer has reported") }
        guard let holders = report.holders else { return lines }
        guard !holders.isEmpty else { return lines + ["", "Nobody holds a key"] }
        let rows = holders.map { holder in
            [
                holder.holder, holder.attributes.joined(separator: ", "), "until \(holder.notAfter)", "place \(holder.leaf)",
                [
                    holder.isExpired ? "expired" : holder.isCurrent ? "current" : "old epoch \(holder.epoch)",
                    holder.isForEmergency ? "emergency" : "", holder.isDelivered ? "" : "not handed over", holder.issuer.map { "by \($0)" } ?? "",
                ].filter { !$0.isEmpty }.joined(separator: ", "),
            ]
        }
        return lines + [""] + Console.table(rows)
    }
}

struct AuthorityPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Put the newest record on the ledger, if that could not be done when it was made.",
        discussion: """
            Example: phr authority publish
            """)

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let report = try await common.withSession { try await $0.publishAuthority() }
        Console.result(report, asJSON: common.json) {
            ["Record \(report.sequence) of \(report.name) is on the ledger (epoch \(report.epoch), entry \(report.ledgerIndex))"]
        }
    }
}

struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take somebody's keys back: what is sealed from now on does not open with them.",
        discussion: """
            What was sealed before stays open to him, and what he has read cannot be taken back; seal such records anew with phr unshare. \
            Revocations make the headers of new records longer; a new epoch makes them short again.

            Example: phr authority revoke bob --rotate
            """)

    @Argument(help: "Whose keys.")
    var user: String

    @Flag(name: .long, help: "Begin a new epoch afterwards: new keys for all others.")
    var rotate = false

    @Option(name: .long, help: ArgumentHelp("The authority, if you own several.", valueName: "name"))
    var authority: String?

    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let revocation: RevocationReport
        let rotation: ReissueReport?
    }

    func run() async throws {
        let (user, rotate, authority, isQuiet) = (user, rotate, authority, common.quiet || common.json)
        let report = try await common.withSession { session in
            let revocation = try await session.revoke(user, authority: authority)
            guard rotate else { return Report(revocation: revocation, rotation: nil) }
            let bar = CountProgress("Issuing", isQuiet: isQuiet)
            return Report(
                revocation: revocation, rotation: try await session.rotate(reason: "\(user) revoked", authority: authority, progress: bar.update))
        }
        Console.result(report, asJSON: common.json) {
            Self.lines(report.revocation, isRotated: report.rotation != nil) + (report.rotation.map(RotateCommand.lines) ?? [])
        }
        if let rotation = report.rotation { try RotateCommand.finish(rotation) }
    }

    static func lines(_ report: RevocationReport, isRotated: Bool) -> [String] {
        var lines = [
            "Revoked \(report.holder): \(report.attributes.joined(separator: ", ")) of \(report.authority) (record \(report.sequence), ledger entry \(report.ledgerIndex))",
            "Records sealed from now on do not open with these keys. Records sealed before still do: seal them anew with phr unshare",
        ]
        if report.unreportedCount > 0 {
            lines.append("\(report.unreportedCount) keys were issued by issuers who have not reported them; \(report.holder) may have one of these")
        }
        if !isRotated { lines.append("\(report.revokedCount) revoked in this epoch; new keys for all others: phr authority rotate") }
        return lines
    }
}

struct RotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Begin a new epoch: new authority keys, and new keys by mail for all who hold one.",
        discussion: """
            After a secret key may have become known, or to clear many revocations. Old records keep opening with old keys; new \
            records open with the new ones only. If it is cut off, go on with: phr authority reissue --missing

            Example: phr authority rotate --reason "laptop stolen"
            """)

    @Option(name: .long, help: ArgumentHelp("Why; kept in your keyring.", valueName: "text"))
    var reason: String?

    @Option(name: .long, help: ArgumentHelp("The authority, if you own several.", valueName: "name"))
    var authority: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (reason, authority, isQuiet) = (reason, authority, common.quiet || common.json)
        let report = try await common.withSession { session in
            let bar = CountProgress("Issuing", isQuiet: isQuiet)
            return try await session.rotate(reason: reason, authority: authority, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) { Self.lines(report) }
        try Self.finish(report)
    }

    static func lines(_ report: ReissueReport) -> [String] {
        var lines = ["\(report.authority) is in epoch \(report.epoch) (record \(report.sequence), ledger entry \(report.ledgerIndex))"]
        lines.append("\(report.issued.count - report.failureCount) new keys sent by mail")
        if !report.issuers.isEmpty { lines.append("Issuers with the new key: \(report.issuers.joined(separator: ", "))") }
        return lines
    }

    /// Says who got nothing, and ends with a code that tells.
    static func finish(_ report: ReissueReport) throws {
        for left in report.left { Console.note("\(left.name) got no new key: \(left.reason)") }
        for issued in report.issued { if let failure = issued.failure { Console.note("\(issued.holder) got no new key: \(failure)") } }
        guard report.failureCount == 0 else {
            Console.note("hint: try those again with: phr authority reissue --missing")
            throw ExitCode(CommandStatus.tryLater.rawValue)
        }
    }
}

struct ReissueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reissue", abstract: "Issue keys anew, with the attributes that their holders have.",
        discussion: """
            For keys that run out or were lost. Without --valid-for their end stays as it is.

            Examples:
              phr authority reissue bob --valid-for 12
              phr authority reissue --all --valid-for 12
              phr authority reissue --missing
            """)

    @Argument(help: "Whose keys.")
    var user: String?

    @Flag(name: .long, help: "All who hold a key.")
    var all = false

    @Flag(name: .long, help: "All who have no key of the current epoch.")
    var missing = false

    @Option(name: .long, help: ArgumentHelp("Valid for so many months from now.", valueName: "months"))
    var validFor: Int?

    @Option(name: .long, help: ArgumentHelp("The authority, if you issue for several.", valueName: "name"))
    var authority: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard [user != nil, all, missing].count(where: { $0 }) == 1 else { throw ValidationError("give one of: a user, --all, --missing") }
    }

    func run() async throws {
        let scope: ReissueScope = user.map { .holder($0) } ?? (all ? .all : .missing)
        let (validFor, authority, isQuiet) = (validFor, authority, common.quiet || common.json)
        let report = try await common.withSession { session in
            let bar = CountProgress("Issuing", isQuiet: isQuiet)
            return try await session.reissue(scope, authority: authority, validMonths: validFor, progress: bar.update)
        }
        Console.result(report, asJSON: common.json) {
            report.issued.filter { $0.failure == nil }.map(IssueCommand.line) + (report.issued.isEmpty ? ["Nothing to issue"] : [])
        }
        try RotateCommand.finish(report)
    }
}
