// `phrd audit verify` and `phrd audit show`.
import ArgumentParser
import Audit
import Exchange
import Foundation

struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read the audit log; also beside a running server.", subcommands: [Verify.self, Show.self])

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the chain of the audit log against its anchors in the ledger. Exit code 1, with file and line, where it breaks.",
            discussion: """
                The chain shows changed, added and removed lines; the anchors, whether it was written anew or cut off at its end.
                Examples:
                  phrd audit verify --json
                  phrd audit verify --expect 1042:9f86d081…     a head that was noted elsewhere
                  phrd audit verify --partial                   after audit-1.jsonl and so on were moved to an archive
                """)

        struct Report: Encodable {
            let events: UInt64
            let head: String
            let anchors: Int
            let anchored: UInt64
        }

        @OptionGroup var options: SiteOptions
        @Option(help: "A head printed earlier, COUNT:DIGEST, that must be part of the chain.") var expect: String?
        @Flag(help: "Begin with the first line that is there: older files were moved away.") var partial = false
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let configuration = try options.enter()
            // Read first: the log only grows after them.
            let anchors = try Site.auditAnchors(configuration)
            var heads = anchors
            if let expect {
                let parts = expect.split(separator: ":", omittingEmptySubsequences: false)
                guard parts.count == 2, let count = UInt64(parts[0]), parts[1].count == 64 else {
                    throw ValidationError("--expect must be COUNT:DIGEST, as \"phrd audit verify\" prints it")
                }
                heads.append(AuditHead(count: count, digest: String(parts[1])))
            }
            let head = try complaining { try AuditChain.verify(folder: configuration.storage.data, isWhole: !partial, anchors: heads) }
            let anchored = anchors.last?.count ?? 0
            if json { return try printJSON(Report(events: head.count, head: "\(head.count):\(head.digest)", anchors: anchors.count, anchored: anchored)) }
            print("\(head.count) events, all in one chain; \(anchored) of them behind \(anchors.count) anchors in the ledger")
            print("head: \(head.count):\(head.digest)")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the events, one a line; the chain is checked on the way.",
            discussion: """
                Forms: json (the lines as they are stored), atna (DICOM audit messages, PS3.15 A.5, as IHE ATNA repositories take them),
                fhir (FHIR R4 AuditEvents, newline-delimited).
                Example: phrd audit show --format fhir --account stmary --since 2026-11-01T00:00:00.000Z
                """)

        enum Format: String, CaseIterable, ExpressibleByArgument {
            case json, atna, fhir
        }

        @OptionGroup var options: SiteOptions
        @Option(help: "json, atna or fhir.") var format = Format.json
        @Option(help: "Only events at or after this time, such as 2026-11-01T00:00:00.000Z.") var since: String?
        @Option(help: "Only what this account did.") var account: String?
        @Option(help: "Only events of records of this account.") var owner: String?

        func run() throws {
            let configuration = try options.enter()
            let start = try since.map { text in
                guard let time = AuditTime.milliseconds(text) else { throw ValidationError("--since must be a time such as 2026-11-01T00:00:00.000Z") }
                return time
            }
            _ = try complaining {
                try AuditChain.verify(folder: configuration.storage.data, isWhole: false) { event, line in
                    if let start, event.milliseconds < start { return }
                    if let account, event.actor.account != account { return }
                    if let owner, event.object.owner != owner { return }
                    switch format {
                    case .json: print(line)
                    case .atna: print(event.dicomMessage)
                    case .fhir: print(event.fhirResource)
                    }
                }
            }
        }
    }
}

/// A log that breaks ends the command with 1.
private func complaining<R>(_ body: () throws -> R) throws -> R {
    do {
        return try body()
    } catch let error as AuditError {
        PHRD.complain("\(error)")
        throw ExitCode(1)
    }
}
