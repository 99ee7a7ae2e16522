// `phrd folder template`: the folders of an exchange partner, in one go.
import ArgumentParser
import Audit
import Authentication
import Exchange
import RecordStore

extension FolderCommand {
    struct Template: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the folders of an exchange partner: inbound, outbound, ack and error, for each environment.",
            discussion: """
                The partner writes into /exchange/PARTNER-ENVIRONMENT-inbound and reads the three others; the owner writes and reads all. What is there
                already is left as it is, so that the command can be run again.
                Examples:
                  phrd folder template acme --owner billing
                  phrd folder template acme --owner billing --environment TEST,PROD --keep-days 90
                """)

        /// What the partner may do in which folder.
        private static let kinds: [(name: String, partnerWrites: Bool)] = [("inbound", true), ("outbound", false), ("ack", false), ("error", false)]

        @OptionGroup var options: SiteOptions
        @Argument(help: "The partner's account.") var partner: String
        @Option(help: "The account of the site for which all is sealed, and which answers.") var owner: String
        @Option(help: "Environments, with commas between them.") var environment = "PROD"
        @Option(help: "The profile of inbound: sealed, envelope or gateway.") var profile = FolderProfile.sealed
        @Option(help: "The profile of the folders that the partner reads; gateway lets any client fetch in plain.") var readProfile = FolderProfile.gateway
        @Option(help: "Days after which files are erased.") var keepDays: Int?
        @Flag(help: "Print JSON.") var json = false

        struct Row: Encodable {
            let path: String
            /// Nothing was made: the folder was there.
            let existed: Bool
        }

        func validate() throws {
            guard environments.allSatisfy({ !$0.isEmpty }) else { throw ValidationError("--environment needs names, such as TEST,PROD") }
            guard keepDays.map({ (1...36_500).contains($0) }) ?? true else { throw ValidationError("--keep-days must be from 1 to 36500") }
        }

        private var environments: [String] { environment.split(separator: ",", omittingEmptySubsequences: false).map { $0.lowercased() } }

        func run() throws {
            let configuration = try options.enter()
            let registry = try Site.registry(configuration)
            for account in [partner, owner] where try registry.accounts.find(account) == nil {
                throw SiteError("there is no account \(account); add it first: phrd user add \(account)")
            }
            var rules = FolderRules()
            rules.retentionDays = keepDays
            let folders = try environments.flatMap { environment in
                try Self.kinds.map { kind in
                    Folder(
                        path: try FolderPath("/exchange/\(partner)-\(environment)-\(kind.name)"), owner: owner,
                        profile: kind.partnerWrites ? profile : readProfile,
                        writers: kind.partnerWrites ? [partner] : [], readers: kind.partnerWrites ? [] : [partner], rules: rules)
                }
            }
            let rows = try folders.map { folder in
                let existed = try registry.folders.find(folder.path) != nil
                if !existed {
                    try registry.folders.add(folder)
                    try Site.recordChange(.folderAdded, account: owner, folder: folder.path.text, configuration)
                }
                return Row(path: folder.path.text, existed: existed)
            }
            if json { return try printJSON(rows) }
            for row in rows { print("folder \(row.path) \(row.existed ? "is there already" : "added")") }
        }
    }
}
