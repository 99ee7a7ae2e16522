// phr ls: lists a folder of the server.

internal import ArgumentParser
internal import Client

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls", abstract: "List records.",
        discussion: """
            Without a name it lists your own folder; / is the root of the server's tree. In other people's folders the \
            last column says whether your keys open a record, and which attributes are missing.

            Example: phr ls alice/2026
            """)

    @Argument(help: "A folder or a record.")
    var remote: String?

    @Flag(name: .long, inversion: .prefixedNo, help: "Look at each record's header: do my keys open it? By default in other people's folders.")
    var access: Bool?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let name = try remote.map { try RemoteName($0) }
        let access = access
        let entries = try await common.withSession { try await $0.list(name, withAccess: access) }
        Console.result(entries, asJSON: common.json) {
            entries.map { entry in
                let size = entry.isFolder ? "-" : Console.size(entry.byteCount)
                return
                    "\(String(repeating: " ", count: max(0, 12 - size.count)))\(size)  \(Console.time(entry.modified))  \(entry.name)\(entry.isFolder ? "/" : "")\(Self.access(entry))"
            }
        }
    }

    private static func access(_ entry: ListedEntry) -> String {
        guard let isOpen = entry.isOpenForMe else { return "" }
        return isOpen ? "  open" : "  \(entry.needs.map { "needs \($0)" } ?? "not for you")"
    }
}
