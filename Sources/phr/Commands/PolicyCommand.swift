// phr policy: who may open what arrives in a folder, and what a policy means before it is used.

internal import ArgumentParser
internal import Client

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Set, show and test policies.",
        discussion: """
            A policy says which attributes open a record: AUTHORITY:LABEL or AUTHORITY:LABEL=VALUE, joined by "and", "or", \
            "2 of (…, …, …)" and parentheses, with comparisons (stmary:clearance >= 3, stmary:since in 2020-01-01..2026-12-31) \
            and "valid now" or "valid in 2026-11". An authority is an account that gives attributes: a hospital, or the \
            patient herself.
            """,
        subcommands: [SetCommand.self, ShowCommand.self, TestCommand.self])

    struct SetCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Say who besides you may open what arrives in a folder of yours.",
            discussion: """
                The policy is signed by you and put on the ledger. From then on the server seals what others send for you and for \
                everyone who satisfies it. Records that are there already stay as they are: phr share --policy.

                Example: phr policy set inbox "alice:care-team or (stmary:doctor and stmary:cardiology)"
                """)

        @Argument(help: "The folder, such as /inbox/alice; \"inbox\" is your own.")
        var folder: String

        @Argument(help: "The policy.")
        var policy: String?

        @Flag(name: .long, help: "Take the policy away.")
        var none = false

        @OptionGroup var authorities: AuthorityOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if none == (policy != nil) { throw ValidationError("give a policy, or --none") }
            if policy?.isEmpty == true { throw ValidationError("the policy is empty; --none takes it away") }
        }

        func run() async throws {
            let (folder, policy, files) = (folder, policy ?? "", try authorities.records())
            let report = try await common.withSession { session in
                try await session.use(files)
                return try await session.setFolderPolicy(folder, to: policy)
            }
            Console.result(report, asJSON: common.json) { PolicyCommand.lines(report) }
        }
    }

    struct ShowCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show the policy of a folder, as the ledger proves it.",
            discussion: """
                Example: phr policy show /inbox/alice
                """)

        @Argument(help: "The folder, such as /inbox/alice; \"inbox\" is your own.")
        var folder: String

        @OptionGroup var common: CommonOptions

        func run() async throws {
            let folder = folder
            let report = try await common.withSession { try await $0.showFolderPolicy(folder) }
            Console.result(report, asJSON: common.json) { PolicyCommand.lines(report) }
        }
    }

    struct TestCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Explain a policy: who satisfies it, what it costs.",
            discussion: """
                Seals nothing and sends nothing. Size and time of sealing are measured under the authorities' records of the \
                site; with --offline they are estimates.

                Example: phr policy test "stmary:doctor and stmary:clearance >= 3 and valid now" --as-me
                """)

        @Argument(help: "The policy.")
        var policy: String?

        @Option(name: .long, help: ArgumentHelp("Test the policy of this folder.", valueName: "folder"))
        var folder: String?

        @Flag(name: .long, help: "Say whether your own attributes satisfy it, and what is missing.")
        var asMe = false

        @Flag(name: .long, help: "Ask no server.")
        var offline = false

        @OptionGroup var authorities: AuthorityOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if (policy == nil) == (folder == nil) { throw ValidationError("give a policy, or --folder") }
            if offline, folder != nil || asMe { throw ValidationError("--folder and --as-me ask the server") }
        }

        func run() async throws {
            let (policy, folder, asMe, files) = (policy, folder, asMe, try authorities.records())
            let report: PolicyTrial
            if offline {
                report = try PolicyTrial.offline(policy ?? "")
            } else {
                report = try await common.withSession { session in
                    try await session.use(files)
                    return try await session.tryPolicy(policy, ofFolder: folder, asMe: asMe)
                }
            }
            Console.result(report, asJSON: common.json) { Self.lines(report) }
        }

        private static func lines(_ trial: PolicyTrial) -> [String] {
            var lines = [trial.policy]
            for (index, way) in trial.ways.enumerated() {
                lines.append((index == 0 ? "opens for      " : "            or ") + way.joined(separator: " and "))
            }
            let trusted = trial.trusts.map { $0.count == 1 ? "\($0[0]) alone" : $0.joined(separator: " and ") + " together" }
            lines.append("trusts         \(trusted.joined(separator: ", or ")): they can give these attributes to anyone")
            let cost = "\(trial.headerByteCount) bytes in each file; sealing \(milliseconds(trial.sealMilliseconds)) once a session"
            lines.append("costs          \(cost)\(trial.openMilliseconds.map { ", opening \(milliseconds($0))" } ?? "")")
            let records = trial.isUnderPublishedRecords ? "the authorities' published records" : "made-up authorities"
            lines.append("               \(trial.scheme), \(trial.clauseCount) clauses in \(trial.rowCount) rows; measured on this machine under \(records)")
            if let mine = trial.mine {
                if mine.isSatisfied == true { lines.append("you            satisfy it: \(mine.usable.joined(separator: ", "))") }
                for (index, set) in mine.missing.enumerated() {
                    lines.append((index == 0 ? "you need       " : "            or ") + set.map { "\($0.text) - \($0.advice)" }.joined(separator: " and "))
                }
            }
            lines.append("note           anyone who holds a file can read its policy; a quantum computer could open it")
            return lines
        }

        private static func milliseconds(_ value: Double) -> String { "\(Double(Int(value * 10 + 0.5)) / 10) ms" }
    }

    fileprivate static func lines(_ report: FolderPolicyReport) -> [String] {
        guard let policy = report.policy else { return ["\(report.folder) has no policy: what arrives there opens for \(report.owner) alone"] }
        var lines = ["\(report.folder)  \(policy)"]
        if let sequence = report.sequence, let index = report.ledgerIndex {
            lines.append("set by \(report.owner) at \(Console.time(report.created.map { Int64(clamping: $0) })), policy \(sequence), ledger entry \(index)")
        }
        return lines
    }
}
