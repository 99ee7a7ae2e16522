// What an account may do in a folder that is not its own, and the accounts of a folder with what each may do.

package struct FolderPermissions: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Send files under names that are not taken.
    package static let add = Self(rawValue: 1)
    /// Send a new version of a file, or append to it.
    package static let replace = Self(rawValue: 2)
    package static let rename = Self(rawValue: 4)
    /// Remove files and folders.
    package static let delete = Self(rawValue: 8)
    /// Make folders.
    package static let mkdir = Self(rawValue: 16)
    package static let list = Self(rawValue: 32)
    package static let read = Self(rawValue: 64)

    package static let all: Self = [.add, .replace, .rename, .delete, .mkdir, .list, .read]
    /// What a reader may have.
    package static let reading: Self = [.list, .read]
    /// With one of these an account sends files.
    package static let sending: Self = [.add, .replace]

    private static let named: [(name: String, permission: Self)] = [
        ("add", .add), ("replace", .replace), ("rename", .rename), ("delete", .delete), ("mkdir", .mkdir), ("list", .list), ("read", .read),
    ]

    /// Of all that there are.
    package static let allNames = all.names

    /// Reads `add,list`; nil for anything that is not a list of at least one of the names.
    package init?(_ text: some StringProtocol) {
        self = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let permission = Self.named.first(where: { $0.name == word })?.permission else { return nil }
            insert(permission)
        }
    }

    package var names: [String] { Self.named.filter { contains($0.permission) }.map(\.name) }
    package var text: String { names.joined(separator: ",") }
}

/// The writers or the readers of a folder.
package struct FolderMembers: Hashable, Sendable, ExpressibleByArrayLiteral {
    private var permissions: [String: FolderPermissions] = [:]

    /// They may do all that their part allows.
    package init(arrayLiteral accounts: String...) {
        for account in accounts { permissions[account] = .all }
    }

    package subscript(account: String) -> FolderPermissions? {
        get { permissions[account] }
        set { permissions[account] = newValue }
    }

    package var accounts: Set<String> { Set(permissions.keys) }
    package var isEmpty: Bool { permissions.isEmpty }
    /// By name.
    package var sorted: [(account: String, permissions: FolderPermissions)] { permissions.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
}
