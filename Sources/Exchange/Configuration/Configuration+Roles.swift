// `[roles]`: folders for those to whom PAM or a client certificate gives a role.

extension Configuration {
    package struct Roles: Codable, Sendable {
        /// "ROLE read FOLDER" or "ROLE write FOLDER"; "/inbox/*" and "/exchange/*" are all of a section.
        package var grants: [String] = []

        package init() {}
    }

    var roleProblems: [String] {
        roles.grants.compactMap { text in
            do throws(RoleMapping.Problem) {
                _ = try RoleMapping.Grant(text)
                return nil
            } catch {
                return "roles.grants: \"\(text)\" \(error.reason)"
            }
        }
    }

    /// The values must have been checked.
    var roleMapping: RoleMapping { RoleMapping(roles.grants.compactMap { try? RoleMapping.Grant($0) }) }
}
