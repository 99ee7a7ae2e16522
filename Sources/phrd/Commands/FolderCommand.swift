// `phrd folder …`: who may send what to whom.
import ArgumentParser
import Audit
import Authentication
import Exchange
import RecordStore

struct FolderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "folder", abstract: "Add and list folders; a running server sees them within a second.",
        subcommands: [Add.self, Change.self, List.self, Remove.self, Quota.self, Rules.self, Template.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a folder.",
            discussion: """
                Profiles: sealed (any client writes, the server cannot read back), envelope (.phr files only),
                gateway (sealed for the owner and the site, so that legacy clients can fetch files in plain, audited).
                \(Member.help)
                Examples:
                  phrd folder add /inbox/alice --owner alice --writer stmary
                  phrd folder add /exchange/lab --owner alice --profile gateway --writer stmary --reader lab
                  phrd folder add /exchange/acme --owner billing --writer acme:add,list
                """)

        @OptionGroup var options: SiteOptions
        @Argument(help: "/inbox/OWNER or /exchange/NAME.") var path: String
        @Option(help: "The account for which records are sealed.") var owner: String
        @Option(help: "sealed, envelope or gateway.") var profile = FolderProfile.sealed
        @Option(help: "none, or padme to hide the exact size.") var padding = FolderPadding.none
        @Option(help: "An account that may write, or ACCOUNT:PERMISSION,…. May be repeated.", transform: Member.writer) var writer: [Member] = []
        @Option(help: "An account that may read, or ACCOUNT:PERMISSION,…. May be repeated.", transform: Member.reader) var reader: [Member] = []

        func run() throws {
            let configuration = try options.enter()
            let registry = try Site.registry(configuration)
            var folder = Folder(path: try FolderPath(path), owner: owner, profile: profile, padding: padding)
            for member in writer { folder.writers[member.account] = member.permissions }
            for member in reader { folder.readers[member.account] = member.permissions }
            try registry.requireAccounts(folder.accounts)
            try registry.folders.add(folder)
            try Site.recordChange(.folderAdded, account: owner, folder: folder.path.text, configuration)
            print("folder \(path) added, profile \(profile.rawValue)")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the folders.", discussion: "Example: phrd folder list --json")

        struct Row: Encodable {
            let path: String
            let owner: String
            let profile: String
            let padding: String
            let writers: [String]
            let readers: [String]
            /// What each of them may do.
            let permissions: [String: [String]]
            /// For whom records are sealed besides the owner; nil for nobody.
            let policy: String?
            let rules: RuleFacts
            /// What the folder holds; nil if the site has never been served by this program.
            let used: UsageFacts?
        }

        @OptionGroup var options: SiteOptions
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let configuration = try options.enter()
            let policies = Dictionary(uniqueKeysWithValues: try Site.folderPolicies(configuration).map { ($0.folder.path, $0.policy) })
            let folders = try Site.registry(configuration).folders.list()
            let used = try Site.usage(configuration, ofFolders: folders)
            let rows = folders.map {
                Row(
                    path: $0.path.text, owner: $0.owner, profile: $0.profile.rawValue, padding: $0.padding.rawValue,
                    writers: $0.writers.accounts.sorted(), readers: $0.readers.accounts.sorted(), permissions: permissions(in: $0),
                    policy: policies[$0.path], rules: RuleFacts($0.rules, configuration), used: used?[$0.path].map(UsageFacts.init))
            }
            if json { return try printJSON(rows) }
            for (folder, row) in zip(folders, rows) {
                let readers = folder.readers.isEmpty ? "" : "  readers \(Member.text(folder.readers))"
                let policy = row.policy.map { "  policy \($0)" } ?? ""
                print("\(row.path)  \(row.profile)  owner \(row.owner)  writers \(Member.text(folder.writers))\(readers)\(policy)\(row.rules.text)")
            }
        }

        private func permissions(in folder: Folder) -> [String: [String]] {
            let members = folder.writers.accounts.union(folder.readers.accounts)
            return Dictionary(uniqueKeysWithValues: members.map { ($0, folder.permissions(of: $0).names) })
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a folder away; the records in it stay with their owner.", discussion: "Example: phrd folder remove /exchange/lab")

        @OptionGroup var options: SiteOptions
        @Argument var path: String

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).folders.remove(try FolderPath(path))
            try Site.recordChange(.folderRemoved, folder: path, configuration)
            print("folder \(path) removed")
        }
    }
}

extension FolderProfile: ExpressibleByArgument {}
extension FolderPadding: ExpressibleByArgument {}
