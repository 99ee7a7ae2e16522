// A site's shared folders: who owns them, who may write, and what happens to what is written.

/// What becomes of a file that a client writes into a folder.
package enum FolderProfile: String, CaseIterable, Sendable {
    /// Sealed for the owner as it arrives; the server cannot read it back.
    case sealed
    /// Only finished envelopes are taken.
    case envelope
    /// Sealed for the owner and for the site's gateway, so that plain clients can read it back, audited.
    case gateway
}

/// Whether sizes are blurred.
package enum FolderPadding: String, CaseIterable, Sendable {
    case none, padme
}

/// One folder of the site.
package struct Folder: Hashable, Sendable {
    package var path: FolderPath
    /// Account names.
    package var owner: String
    package var profile: FolderProfile
    package var padding: FolderPadding
    package var writers: FolderMembers
    package var readers: FolderMembers
    package var rules: FolderRules

    package init(
        path: FolderPath, owner: String, profile: FolderProfile = .sealed, padding: FolderPadding = .none,
        writers: FolderMembers = [], readers: FolderMembers = [], rules: FolderRules = FolderRules()
    ) {
        self.path = path
        self.owner = owner
        self.profile = profile
        self.padding = padding
        self.writers = writers
        self.readers = readers
        self.rules = rules
    }

    /// Every account that the folder names, so that the caller can check that it is there.
    package var accounts: Set<String> { writers.accounts.union(readers.accounts).union([owner]) }

    /// What an account may do here, by itself; nothing for a stranger.
    package func permissions(of account: String) -> FolderPermissions {
        if account == owner { return .all }
        return (writers[account] ?? []).union((readers[account] ?? []).intersection(.reading))
    }

    /// Throws when the parts contradict each other.
    package func validate() throws(FolderError) {
        switch path.section {
        case .inbox, .records, .mail:
            guard path.name == owner else { throw .wrongOwner(path: path.text, owner: owner, expected: path.name) }
        case .exchange: break
        }
        for account in accounts where !FolderPath.isAccountName(account) { throw .invalidAccount(path: path.text, account: account) }
        for (account, permissions) in writers.sorted + readers.sorted where permissions.isEmpty { throw .noPermission(path: path.text, account: account) }
        for (account, permissions) in readers.sorted where permissions != .all && !permissions.isSubset(of: .reading) {
            throw .notForReaders(path: path.text, account: account)
        }
        switch (path.section, profile) {
        case (.records, .sealed), (.records, .gateway), (.mail, .sealed), (.mail, .gateway):
            throw .wrongProfile(path: path.text, profile: profile)
        default: break
        }
    }
}

/// Where a folder stands: a section of the tree, and one name below it.
package struct FolderPath: Hashable, Sendable {
    package enum Section: String, CaseIterable, Sendable {
        case inbox, records, exchange, mail
    }

    package let section: Section
    package let name: String

    package init(section: Section, name: String) throws(FolderError) {
        guard Self.isAccountName(name) else { throw .invalidPath("/\(section.rawValue)/\(name)") }
        self.section = section
        self.name = name
    }

    /// Reads `/inbox/alice`; nothing else is taken for it, not even a slash more.
    package init(_ text: String) throws(FolderError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].isEmpty, let section = Section(rawValue: String(parts[1])) else { throw .invalidPath(text) }
        guard Self.isAccountName(String(parts[2])) else { throw .invalidPath(text) }
        self.section = section
        name = String(parts[2])
    }

    package var text: String { "/\(section.rawValue)/\(name)" }

    /// One to 64 of `a-z 0-9 . _ -`, the first a letter or digit: the rule for account names.
    static func isAccountName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
