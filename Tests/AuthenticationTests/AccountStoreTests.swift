// Accounts: made, changed, listed, and never believed when damaged.
import Authentication
import GRDB
import Testing

@Suite struct AccountStoreTests {
    let fixture: AuthenticationFixture
    var accounts: AccountStore { fixture.accounts }

    init() throws { fixture = try AuthenticationFixture() }

    @Test func addsAndFinds() throws {
        let alice = try accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        let lab = try accounts.add(name: "st-mary.lab_2", role: .clinic, password: Password("correct horse"), dataBinding: .address)
        #expect(try accounts.find("alice") == alice)
        #expect(try accounts.find(pseudonym: lab.pseudonym) == lab)
        #expect(try accounts.find("bob") == nil)
        #expect(try accounts.list() == [alice, lab])
        #expect(alice.pseudonym.count == 16 && alice.pseudonym != lab.pseudonym)
        #expect(alice.dataBinding == .principal && lab.dataBinding == .address && !alice.isDisabled)
        #expect(throws: AuthenticationError.accountExists("alice")) {
            try accounts.add(name: "alice", role: .doctor, password: Password("correct horse"))
        }
    }

    @Test func changesAccounts() throws {
        try accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        try accounts.disable("alice")
        #expect(try accounts.find("alice")?.isDisabled == true)
        try accounts.enable("alice")
        try accounts.setDataBinding(.session, of: "alice")
        #expect(try accounts.find("alice")?.isDisabled == false)
        #expect(try accounts.find("alice")?.dataBinding == .session)
        for change in [accounts.disable, accounts.enable, { name in try self.accounts.setPassword(Password("long enough"), of: name) }] {
            #expect(throws: AuthenticationError.accountNotFound("bob")) { try change("bob") }
            #expect(throws: AuthenticationError.accountNotFound("alice\0")) { try change("alice\0") }
        }
    }

    @Test func doesNotEndNamesAtANUL() throws {
        try accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        #expect(try accounts.find("alice\0") == nil)
        #expect(try accounts.find("alice\0bob") == nil)
    }

    @Test(arguments: [
        "", ".alice", "-alice", "_alice", "Alice", "al ice", "alice/..", "..", "al\0ice", "alice\n", "\u{E1}lice", "a:b", "'; DROP TABLE account; --",
        String(repeating: "a", count: 65),
    ])
    func refusesOtherNames(name: String) throws {
        #expect(throws: AuthenticationError.invalidAccountName(name)) {
            try accounts.add(name: name, role: .patient, password: Password("correct horse"))
        }
        #expect(try accounts.list().isEmpty)
    }

    @Test(arguments: ["a", "0", "a.b-c_d", String(repeating: "a", count: 64)])
    func takesThese(name: String) throws {
        #expect(try accounts.add(name: name, role: .service, password: Password("correct horse")).name == name)
    }

    @Test func refusesWeakPasswords() throws {
        for weak in ["", "1234567", "äöüäöüä"] {
            #expect(throws: AuthenticationError.passwordTooShort(minimum: 8)) {
                try accounts.add(name: "alice", role: .patient, password: Password(weak))
            }
        }
        #expect(throws: AuthenticationError.passwordTooLong(maximum: 1024)) {
            try accounts.add(name: "alice", role: .patient, password: Password(String(repeating: "x", count: 1025)))
        }
        #expect(try accounts.list().isEmpty)
        try accounts.add(name: "alice", role: .patient, password: Password("12345678"))
        #expect(throws: AuthenticationError.self) { try accounts.setPassword(Password("short"), of: "alice") }
    }

    @Test(arguments: [
        "role = 'root'", "pseudonym = x'00'", "pseudonym = 'sixteen letters!'", "disabled = 'no'", "created = 'then'", "data_binding = ''",
        "password_hash = x'00'",
    ])
    func reportsDamagedRows(change: String) throws {
        try accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        try fixture.database.write { db in
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: "UPDATE account SET \(change)")
        }
        #expect(throws: AuthenticationError.self) { try accounts.find("alice") }
        #expect(throws: AuthenticationError.self) { try accounts.list() }
    }
}
