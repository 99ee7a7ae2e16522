// phr ls: lists a folder of the server.

internal import ArgumentParser
internal import Client

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List records.",
        discussion: """
            Without a name it lists your own folder; / is the root of the server's tree.

            Example: phr ls alice/2026
            """)

    @Argument(help: "A folder or a record.")
    var remote: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let name = try remote.map { try RemoteName($0) }
        let entries = try await common.withSession { try await $0.list(name) }
        Console.result(entries, asJSON: common.json) {
            entries.map { entry in
                let size = entry.isFolder ? "-" : Console.size(entry.byteCount)
                return "\(String(repeating: " ", count: max(0, 12 - size.count)))\(size)  \(Console.time(entry.modified))  \(entry.name)\(entry.isFolder ? "/" : "")"
            }
        }
    }
}
