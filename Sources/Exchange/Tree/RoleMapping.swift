/// What roles are worth: folder permissions beyond those of the account, for as long as a login lasts.
//
// 1. A role only ever adds; without it the account has what it always had.
// 2. No role makes an owner: not of a folder, nor of its policy or its records.
package import RecordStore

package struct RoleMapping: Sendable {
    package enum Part: String, Sendable { case read, write }

    package struct Problem: Error, Equatable { package let reason: String }

    /// One line of the configuration.
    package struct Grant: Hashable, Sendable {
        let role: String
        let part: Part
        let section: FolderPath.Section
        /// Nil: every folder of the section.
        let folder: FolderPath?

        /// Reads "ROLE read|write FOLDER".
        package init(_ text: String) throws(Problem) {
            let words = text.split(separator: " ").map(String.init)
            guard words.count == 3, let part = Part(rawValue: words[1]) else {
                throw Problem(reason: "must be a role, read or write, and a folder, such as \"radiology write /exchange/lab\"")
            }
            if let section = FolderPath.Section.allCases.first(where: { "/\($0.rawValue)/*" == words[2] }) {
                (self.section, folder) = (section, nil)
            } else {
                let path: FolderPath
                do { path = try FolderPath(words[2]) } catch { throw Problem(reason: "\(error)") }
                (section, folder) = (path.section, path)
            }
            guard section == .inbox || section == .exchange else {
                throw Problem(reason: "must name a folder of /inbox or /exchange; /\(section.rawValue) is its owner's alone")
            }
            (role, self.part) = (words[0], part)
        }
    }

    private let grants: [String: Set<Grant>]

    package init(_ grants: [Grant] = []) {
        self.grants = Dictionary(grouping: grants, by: \.role).mapValues(Set.init)
    }

    /// What somebody with these roles may do; roles that the configuration does not name are worth nothing.
    package func permissions(of roles: Set<String>) -> RolePermissions {
        RolePermissions(grants: roles.reduce(into: []) { $0.formUnion(grants[$1] ?? []) })
    }
}

/// The permissions that a login's roles give.
package struct RolePermissions: Sendable {
    static let none = RolePermissions(grants: [])

    fileprivate let grants: Set<RoleMapping.Grant>

    package var isEmpty: Bool { grants.isEmpty }

    /// Writing includes reading, as it does for the writers of a folder.
    package func allows(_ part: RoleMapping.Part, _ path: FolderPath) -> Bool {
        grants.contains { grant in
            grant.section == path.section && (grant.folder == nil || grant.folder == path) && (grant.part == part || grant.part == .write)
        }
    }
}
