// phr export-proof: a text that proves a record offline.

internal import ArgumentParser
internal import Client

struct ExportProofCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-proof", abstract: "Write the ledger's proof of a record to a file, for offline verification.",
        discussion: """
            Example: phr export-proof alice/visit.json visit.json.phr.proof
            """)

    @Argument(help: "The record.")
    var remote: String

    @Argument(help: "The file to write; by default NAME.phr.proof.")
    var file: String?

    @Flag(name: [.short, .long], help: "Replace a file that exists.")
    var force = false

    @OptionGroup var common: CommonOptions

    struct Report: Encodable {
        let remote: String
        let file: String
    }

    func run() async throws {
        let name = try RemoteName.record(remote)
        let (file, force) = (file, force)
        let target = try await common.withSession { try await $0.exportProof(name, to: file, mayReplace: force) }
        Console.result(Report(remote: name.fullPath, file: target), asJSON: common.json) { ["\(name) -> \(target)"] }
    }
}
