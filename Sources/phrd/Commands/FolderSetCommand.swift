// `phrd folder set`: who may do what in a folder that is there.
import ArgumentParser
import Audit
import Authentication
import Exchange
import RecordStore

extension FolderCommand {
    struct Change: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Change who may write and read in a folder, and what.",
            discussion: """
                A running server sees it within a second, also in sessions that run. Each account that is named gets the part and the permissions that are
                said, in place of those it had; the others keep theirs. \(Member.help)
                Examples:
                  phrd folder set /exchange/lab --writer acme:add,list
                  phrd folder set /exchange/lab --writer stmary --reader lab:read --remove oldsys
                """)

        @OptionGroup var options: SiteOptions
        @Argument var path: String
        @Option(help: "An account that may write, or ACCOUNT:PERMISSION,…. May be repeated.", transform: Member.writer) var writer: [Member] = []
        @Option(help: "An account that may read, or ACCOUNT:PERMISSION,…. May be repeated.", transform: Member.reader) var reader: [Member] = []
        @Option(help: "An account that has no part in the folder any more. May be repeated.") var remove: [String] = []

        func validate() throws {
            let named = (writer + reader).map(\.account) + remove
            if named.isEmpty { throw ValidationError("say --writer, --reader or --remove") }
            if Set(named).count < named.count { throw ValidationError("an account is named twice") }
        }

        func run() throws {
            let configuration = try options.enter()
            let registry = try Site.registry(configuration)
            try registry.requireAccounts(Set((writer + reader).map(\.account)))
            let folder = try registry.folders.changeMembers(of: try FolderPath(path)) { writers, readers in
                for account in remove where writers[account] == nil && readers[account] == nil {
                    throw SiteError("\(account) has no part in \(path) that could be taken away; see: phrd folder list")
                }
                for account in (writer + reader).map(\.account) + remove { (writers[account], readers[account]) = (nil, nil) }
                for member in writer { writers[member.account] = member.permissions }
                for member in reader { readers[member.account] = member.permissions }
            }
            try Site.recordChange(.folderChanged, folder: path, configuration)
            print("writers of \(path): \(Member.text(folder.writers))  readers: \(Member.text(folder.readers))")
        }
    }
}

/// An account with its permissions, as options name it: `acme`, or `acme:add,list`.
struct Member {
    static let help = """
        A writer may do all, or what stands behind a colon: \(FolderPermissions.allNames.joined(separator: ", ")). add: send files under new names.
        replace: new versions of files, and appending. delete: files and folders. A reader may list and read.
        """

    let account: String
    let permissions: FolderPermissions

    static func writer(_ text: String) throws -> Member { try Member(text, most: .all) }
    static func reader(_ text: String) throws -> Member { try Member(text, most: .reading) }

    private init(_ text: String, most: FolderPermissions) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        account = String(parts[0])
        guard parts.count == 2 else {
            permissions = .all
            return
        }
        guard let named = FolderPermissions(parts[1]), named.isSubset(of: most) else {
            throw ValidationError("'\(text)': behind the colon stands one or more of \(most.names.joined(separator: ", ")), with commas between them")
        }
        permissions = named == most ? .all : named
    }

    /// `acme (add, list), stmary`
    static func text(_ members: FolderMembers) -> String {
        members.sorted.map { $0.permissions == .all ? $0.account : "\($0.account) (\($0.permissions.names.joined(separator: ", ")))" }.joined(separator: ", ")
    }
}

extension SiteRegistry {
    /// Throws for the first account that is not there.
    func requireAccounts(_ names: Set<String>) throws {
        for name in names.sorted() where try accounts.find(name) == nil {
            throw SiteError("there is no account \(name); add it first: phrd user add \(name)")
        }
    }
}
