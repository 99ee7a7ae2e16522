// Logins: what is accepted, and that a refusal tells and costs the same whatever its reason.
import Authentication
import Foundation
import GRDB
import Testing

@Suite struct AccountAuthenticatorTests {
    let fixture: AuthenticationFixture

    init() throws {
        fixture = try AuthenticationFixture()
        try fixture.accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
    }

    @Test func acceptsTheRightPassword() throws {
        let (decision, derivations) = try fixture.login("alice", "correct horse")
        #expect(decision.outcome.account?.name == "alice")
        #expect(decision.delay == .zero)
        #expect(derivations == 1)
    }

    @Test func everyRefusalCostsOneDerivation() throws {
        try fixture.accounts.add(name: "disabled", role: .patient, password: Password("correct horse"))
        try fixture.accounts.disable("disabled")
        try fixture.accounts.add(name: "damaged", role: .patient, password: Password("correct horse"))
        try fixture.accounts.add(name: "promoted", role: .patient, password: Password("correct horse"))
        try fixture.accounts.add(name: "emptied", role: .patient, password: Password("correct horse"))
        try fixture.database.write { db in
            try db.execute(sql: "UPDATE account SET password_hash = '$scrypt$nonsense' WHERE name = 'damaged'")
            try db.execute(sql: "PRAGMA ignore_check_constraints = ON")
            try db.execute(sql: "UPDATE account SET password_hash = '' WHERE name = 'emptied'")
            try db.execute(sql: "UPDATE account SET role = 'root' WHERE name = 'promoted'")
        }
        for (name, password) in [
            ("alice", "wrong horse"), ("alice", ""), ("alice", String(repeating: "x", count: 5000)), ("nobody", "correct horse"), ("", ""),
            ("disabled", "correct horse"), ("damaged", "correct horse"), ("promoted", "correct horse"), ("emptied", ""), ("emptied", "correct horse"),
            ("alice\0", "correct horse"), ("ALICE", "correct horse"), ("alice", "correct horse\0"),
        ] {
            let (decision, derivations) = try fixture.login(name, password)
            #expect(decision.outcome.account == nil, "\(name)")
            #expect(derivations == 1, "\(name) \(password.count)")
        }
    }

    @Test func tellsTheOperatorWhy() throws {
        try fixture.accounts.add(name: "disabled", role: .patient, password: Password("correct horse"))
        try fixture.accounts.disable("disabled")
        #expect(try fixture.login("alice", "wrong horse").decision.outcome.refusal == .wrongPassword)
        #expect(try fixture.login("alice", "").decision.outcome.refusal == .impossiblePassword)
        #expect(try fixture.login("bob", "correct horse").decision.outcome.refusal == .unknownAccount)
        #expect(try fixture.login("disabled", "correct horse").decision.outcome.refusal == .disabled)
    }

    @Test func sparesRepeatedLoginsTheDerivation() throws {
        #expect(try fixture.login("alice", "correct horse").derivations == 1)
        for _ in 0..<3 {
            let (decision, derivations) = try fixture.login("alice", "correct horse")
            #expect(decision.outcome.account != nil && derivations == 0)
        }
        for _ in 0..<3 { #expect(try fixture.login("alice", "wrong horse").derivations == 1) }
        fixture.clock.advance(.seconds(299))
        #expect(try fixture.login("alice", "correct horse").derivations == 0)
        fixture.clock.advance(.seconds(2))
        #expect(try fixture.login("alice", "correct horse").derivations == 1)
    }

    @Test func forgetsAtOnceWhatIsNoLongerRight() throws {
        #expect(try fixture.login("alice", "correct horse").decision.outcome.account != nil)
        try fixture.accounts.disable("alice")
        let disabled = try fixture.login("alice", "correct horse")
        #expect(disabled.decision.outcome.refusal == .disabled && disabled.derivations == 1)
        try fixture.accounts.enable("alice")
        try fixture.accounts.setPassword(Password("battery staple"), of: "alice")
        #expect(try fixture.login("alice", "correct horse").decision.outcome.refusal == .wrongPassword)
        #expect(try fixture.login("alice", "battery staple").decision.outcome.account != nil)
        // The same password set again has another salt, so it is checked again.
        try fixture.accounts.setPassword(Password("battery staple"), of: "alice")
        #expect(try fixture.login("alice", "battery staple").derivations == 1)
    }

    @Test func remembersABoundedNumber() throws {
        let fixture = try AuthenticationFixture(cacheCapacity: 2)
        for name in ["a", "b", "c"] {
            try fixture.accounts.add(name: name, role: .clinic, password: Password("correct horse"))
            #expect(try fixture.login(name, "correct horse").derivations == 1)
            fixture.clock.advance(.seconds(1))
        }
        #expect(try fixture.login("c", "correct horse").derivations == 0)
        #expect(try fixture.login("b", "correct horse").derivations == 0)
        #expect(try fixture.login("a", "correct horse").derivations == 1)
    }

    @Test func slowsGuessingButNotTheOwner() throws {
        let delays = try (0..<6).map { _ in try fixture.login("alice", "wrong horse", from: "203.0.113.9").decision.delay }
        #expect(delays == [.zero, .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8)])
        #expect(try fixture.login("alice", "correct horse", from: "192.0.2.1").decision.delay == .zero)
        // The same guesses against a name that is not there are slowed alike.
        let unknown = try (0..<3).map { _ in try fixture.login("nobody", "wrong horse", from: "203.0.113.10").decision.delay }
        #expect(unknown == [.zero, .milliseconds(500), .seconds(1)])
    }

    @Test func realScryptTakesItsTime() throws {
        let accounts = try AccountStore(fixture.database)
        try accounts.add(name: "real", role: .doctor, password: Password("correct horse"))
        let authenticator = AccountAuthenticator(accounts: accounts)
        let peer = try #require(NetworkKey("192.0.2.1"))
        func time(_ name: String, _ password: String) throws -> (AccountAuthenticator.Decision, Duration) {
            let start = ContinuousClock.now
            return (try authenticator.authenticate(name: name, password: Password(password), peer: peer), ContinuousClock.now - start)
        }
        #expect(try time("real", "wrong horse").0.outcome.refusal == .wrongPassword)
        let (first, full) = try time("real", "correct horse")
        let (second, cached) = try time("real", "correct horse")
        #expect(first.outcome.account != nil && second.outcome.account != nil)
        print("login: \(full) with scrypt, \(cached) remembered")
        #expect(cached < full)
    }
}
