// `phrd ledger check` and `phrd doctor`.
import ArgumentParser
import Exchange
import Foundation
import Ledger

struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "ledger", abstract: "Look after the ledger.", subcommands: [Check.self])

    struct Check: AsyncParsableCommand, PreparedCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Recompute the ledger from its bytes and compare every stored envelope, policy and authority record with it. The server must not be running.",
            discussion: "Example: phrd ledger check --full --json")

        struct Report: Encodable {
            let entries: UInt64
            let blocks: UInt64
            let versions: Int
            let full: Bool
            let problems: [String]
        }

        @OptionGroup var options: SiteOptions
        @Flag(help: "Also read every byte of every envelope and check every signature.") var full = false
        @Flag(help: "Print JSON.") var json = false

        func prepare() throws { _ = try options.enter() }

        func run() async throws {
            let configuration = try options.load()
            let site = try Site(opening: configuration, logger: options.logger(configuration))
            defer { site.close() }
            let isTerminal = isatty(STDERR_FILENO) != 0
            let (ledger, records, count) = try site.check(full: full) { line in
                if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K\(line)".utf8)) }
            }
            if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
            let problems = ledger.problems.map(\.description) + records
            if json {
                try printJSON(Report(entries: ledger.entryCount, blocks: ledger.blockCount, versions: count, full: full, problems: problems))
            } else {
                for problem in problems { print("problem: \(problem)") }
                print(
                    "\(ledger.entryCount) entries, \(ledger.blockCount) blocks, \(count) versions of records: \(problems.isEmpty ? "all verified" : "\(problems.count) problems")"
                )
            }
            if !problems.isEmpty { throw ExitCode(1) }
        }
    }
}

struct DoctorCommand: AsyncParsableCommand, PreparedCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check ports, certificate, permissions, and that no private key lies beside the data.",
        discussion: "Example: phrd doctor --config conf/phrd.toml")

    @OptionGroup var options: SiteOptions
    @Flag(help: "Print JSON.") var json = false

    func prepare() throws { _ = try options.enter() }

    func run() async throws {
        let findings = await Doctor.examine(try options.load())
        if json {
            try printJSON(findings)
        } else {
            for finding in findings {
                print("\(finding.level.rawValue): \(finding.what)")
                if let advice = finding.advice { print("  hint: \(advice)") }
            }
        }
        if findings.contains(where: { $0.level == .error }) { throw ExitCode(1) }
    }
}
