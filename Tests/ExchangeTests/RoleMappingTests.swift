// What roles are worth, and what the configuration may say of them.
import Exchange
import RecordStore
import Testing

@Suite struct RoleMappingTests {
    @Test func aRoleAddsWhatIsWritten() throws {
        let mapping = RoleMapping(
            try ["radiology write /exchange/lab", "audit read /exchange/*", "intake write /inbox/alice"].map { try RoleMapping.Grant($0) })
        let (lab, ward, alice) = (try FolderPath("/exchange/lab"), try FolderPath("/exchange/ward"), try FolderPath("/inbox/alice"))
        let radiology = mapping.permissions(of: ["radiology", "unknown"])
        #expect(radiology.allows(.write, lab) && radiology.allows(.read, lab) && !radiology.allows(.read, ward) && !radiology.allows(.read, alice))
        let audit = mapping.permissions(of: ["audit"])
        #expect(audit.allows(.read, lab) && audit.allows(.read, ward) && !audit.allows(.write, lab) && !audit.allows(.read, alice))
        #expect(mapping.permissions(of: ["audit", "intake"]).allows(.write, alice))
        #expect(!mapping.permissions(of: []).allows(.read, lab) && mapping.permissions(of: ["Radiology"]).isEmpty)
    }

    @Test(arguments: [
        "", "radiology", "radiology own /exchange/lab", "radiology write", "radiology write /exchange/lab more", "radiology write /exchange/",
        "radiology write /records/alice", "radiology write /mail/*", "radiology read /*", "radiology read /exchange/../x", "radiology READ /exchange/lab",
    ])
    func refusesOtherGrants(_ text: String) {
        #expect(throws: RoleMapping.Problem.self) { try RoleMapping.Grant(text) }
        var configuration = Configuration()
        configuration.roles.grants = [text]
        #expect(configuration.problems.contains { $0.hasPrefix("roles.grants") })
    }
}
