// phr rm, phr mv and phr mkdir: names of records and folders.

internal import ArgumentParser
internal import Client

struct RemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove records.",
        discussion: """
            A record of your own is gone for everybody, with all its versions; the ledger says so. From somebody's inbox, or a partner folder of \
            somebody else, only the name goes that you see: what you sent is its owner's. Nothing is removed before you have said y, or --yes.

            Examples:
              phr rm alice/visit.json
              phr rm alice/2019 --recursive --yes
            """)

    @Argument(help: ArgumentHelp("Records, and with --recursive folders.", valueName: "name"))
    var names: [String]

    @Flag(name: [.short, .long], help: "Remove folders with all that is in them.")
    var recursive = false

    @Flag(name: [.short, .long], help: "Do not ask.")
    var yes = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let names = try names.map { try RemoteName($0) }
        let (recursive, isQuiet) = (recursive, common.quiet || common.json)
        let asked = yes
        let removed = try await common.withSession { session in
            let plan = try await session.removalPlan(names, isRecursive: recursive)
            guard try asked || Self.confirm(plan) else { return [RemovalPlan.Item]() }
            let bar = CountProgress("removing", isQuiet: isQuiet)
            try await session.remove(plan, progress: bar.update)
            return plan.items
        }
        if removed.isEmpty { Console.note("nothing was removed") }
        Console.result(removed, asJSON: common.json) {
            removed.map { Console.printable("\($0.remote) removed\($0.isFolder ? ", with \(Self.count($0.recordCount))" : "")") }
        }
    }

    private static func confirm(_ plan: RemovalPlan) throws -> Bool {
        let names = plan.items.map { $0.isFolder ? "\($0.remote) with \(count($0.recordCount))" : $0.remote }
        let what = names.count <= 3 ? names.joined(separator: ", ") : "\(count(plan.recordCount)), the first \(names[0]),"
        let end = plan.endsRecords ? " for everybody, with all versions" : ""
        guard let answer = Console.ask("Remove \(Console.printable(what))\(end)? [y/N] ") else {
            throw ClientError(.usage, "nothing was removed: there is no terminal to ask at", hint: "--yes removes without asking")
        }
        return answer == "y" || answer == "yes"
    }

    private static func count(_ number: Int) -> String { "\(number) \(number == 1 ? "record" : "records")" }
}

struct RenameCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mv", abstract: "Rename a record or a folder.",
        discussion: """
            The new name is in the same owner's folder. A slash at its end, or a folder that is there, means: into it, under the old name. The record \
            stays what it is; it is checked against the ledger under its new name.

            Examples:
              phr mv alice/scan.dcm alice/2026/knee.dcm
              phr mv alice/visit.json alice/2026/
            """)

    @Argument(help: "The record or folder.")
    var old: String

    @Argument(help: "Its new name, or a folder to move it into.")
    var new: String

    @Flag(name: [.short, .long], help: "If a record of the new name is there, become its next version.")
    var force = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (source, target) = (try RemoteName(old), try RemoteName(new))
        let (isFolder, force) = (new.hasSuffix("/"), force)
        let report = try await common.withSession { try await $0.rename(source, to: target, isFolder: isFolder, replaces: force) }
        Console.result(report, asJSON: common.json) {
            ["\(report.from) -> \(report.to)\(report.replaced ? ", as its version \(report.version.map { "\($0)" } ?? "")" : "")"].map(Console.printable)
        }
    }
}

struct MakeFolderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mkdir", abstract: "Make a folder.",
        discussion: """
            phr put makes the folders that it needs by itself.

            Example: phr mkdir --parents alice/2026/imaging
            """)

    struct Report: Encodable {
        let remote: String
    }

    @Argument(help: "The folder.")
    var folder: String

    @Flag(name: [.short, .long], help: "Make those above it too, and take it as done when it is there.")
    var parents = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let (name, parents) = (try RemoteName(folder), parents)
        try await common.withSession { try await $0.makeFolder(name, parents: parents) }
        Console.result(Report(remote: name.fullPath), asJSON: common.json) { [Console.printable("\(name.fullPath) made")] }
    }
}
