// The issuer's register and the received keys: kept, in order, and never for two holders at once.

import Envelope
import Foundation
import Keyring
import Synchronization
import Testing

@Suite struct AuthorityTests {
    private let passphrase = Secret(Array("correct horse".utf8))
    private let site = "phr.example/test"

    private func authority(depth: UInt8 = 3, role: HeldAuthority.Role = .owner, leaves: Range<UInt32>? = nil) -> HeldAuthority {
        HeldAuthority(
            site: site, name: "stmary", role: role, depth: depth, nameKey: Secret(Array(repeating: 9, count: 32)),
            epochs: [
                .init(number: 1, secret: Secret(Array("first epoch".utf8)), created: 5),
                .init(number: 2, secret: Secret(Array("second".utf8)), created: 6, reason: "lost"),
            ],
            record: [1, 2, 3], leaves: leaves)
    }

    private func issuance(
        _ holder: String, leaf: UInt32, epoch: UInt64 = 2, state: Issuance.State = .delivered, purpose: Issuance.Purpose = .ordinary, revoked: UInt64? = nil,
        issuer: String? = nil
    ) -> Issuance {
        Issuance(
            holder: holder, identity: identity(holder), epoch: epoch, leaf: leaf, attributes: ["cardiology", "doctor"], notBefore: "2026-11",
            notAfter: "2027-10", issued: 1_700_000_000, commitment: Array(repeating: 7, count: 32), purpose: purpose, state: state, ledgerIndex: 12,
            requestNonce: Array(holder.utf8), issuer: issuer, revoked: revoked)
    }

    private func identity(_ holder: String) -> [UInt8] { Array((holder + String(repeating: "-", count: 32)).utf8.prefix(32)) }

    private func received(_ number: UInt8, site: String = "phr.example/test", epoch: UInt64 = 1, received: UInt64 = 100, keepUntil: UInt64? = nil)
        -> ReceivedKey
    {
        ReceivedKey(
            site: site, authority: "stmary", epoch: epoch, keyID: Array(repeating: number, count: 16), secret: Secret([number, 1]), nameKey: nil,
            issuer: "hr", document: [5], salt: Array(repeating: 1, count: 32), ledgerIndex: 3, received: received, keepUntil: keepUntil)
    }

    // MARK: Keeping

    @Test func keepsAuthoritiesKeysAndHoldings() throws {
        let home = try TemporaryFolder()
        var made = try Keyring.create(in: home.path, passphrase: passphrase)
        try made.update { keyring in
            var authority = self.authority()
            authority.issuances = [issuance("bob", leaf: 0, revoked: 9), issuance("carol", leaf: 1, state: .reserved)]
            authority.issuers = [.init(name: "hr", signingKey: Array(repeating: 4, count: 32), leaves: 4..<8, added: 1, removed: 2)]
            keyring.setAuthority(authority)
            keyring.add(received(1))
            keyring.add(
                EmergencyHolding(
                    site: site, owner: "alice", document: [1], salt: Array(repeating: 2, count: 32), ledgerIndex: 4, sealedKey: [3, 4],
                    half: Secret(Array(repeating: 8, count: 32)), received: 77))
        }
        let opened = try Keyring.open(in: home.path, passphrase: passphrase)
        let authority = try #require(opened.authority("stmary", site: site))
        #expect(authority.epochs.map(\.number) == [1, 2] && authority.currentEpoch.reason == "lost")
        #expect(authority.epochs[0].secret.withBytes { $0 } == Array("first epoch".utf8))
        #expect(authority.nameKey?.withBytes { $0 } == Array(repeating: 9, count: 32) && authority.hidesNames)
        #expect(authority.record == [1, 2, 3] && authority.role == .owner && authority.depth == 3 && authority.leaves == 0..<8)
        #expect(authority.issuances == [issuance("bob", leaf: 0, revoked: 9), issuance("carol", leaf: 1, state: .reserved)])
        #expect(authority.issuers == [.init(name: "hr", signingKey: Array(repeating: 4, count: 32), leaves: 4..<8, added: 1, removed: 2)])
        let key = try #require(opened.receivedKeys(site: site, now: 200).first)
        #expect(key.secret.withBytes { $0 } == [1, 1] && key.issuer == "hr" && key.ledgerIndex == 3)
        let holding = try #require(opened.emergencyHoldings(site: site).first)
        #expect(holding.owner == "alice" && holding.half.withBytes { $0 } == Array(repeating: 8, count: 32) && holding.sealedKey == [3, 4])
        #expect(opened.authority("stmary", site: "another") == nil && opened.authorities(site: "another").isEmpty)
        #expect(opened.receivedKeys(site: "another", now: 0).isEmpty && opened.emergencyHoldings(site: "another").isEmpty)
        // Nothing of it stands in the file in clear.
        let file = try Data(contentsOf: home.file)
        for word in ["stmary", "first epoch", "cardiology", "alice"] { #expect(file.range(of: Data(word.utf8)) == nil) }
    }

    @Test func keepsEveryReceivedKeyOnceAndForgetsThoseOfAnEmergency() throws {
        let home = try TemporaryFolder()
        var keyring = try Keyring.create(in: home.path, passphrase: passphrase)
        let added = [received(1), received(2, epoch: 2), received(1)].map { keyring.add($0) }
        #expect(added == [true, true, false])
        #expect(keyring.receivedKeys(site: site, now: 100).map(\.epoch) == [2, 1])
        keyring.add(received(3, keepUntil: 500))
        #expect(keyring.receivedKeys(site: site, now: 499).count == 3 && keyring.receivedKeys(site: site, now: 500).count == 2)
        keyring.add(received(4, received: 600))
        // The next change takes it out of the file too.
        #expect(keyring.receivedKeys(site: site, now: 0).map { $0.keyID[0] } == [4, 2, 1])
    }

    // MARK: Leaves

    @Test func givesEachHolderALeafOfItsOwn() throws {
        var authority = self.authority()
        #expect(try authority.leaf(for: identity("bob"), purpose: .ordinary) == 0)
        authority.issuances.append(issuance("bob", leaf: 0, state: .reserved))
        #expect(try authority.leaf(for: identity("bob"), purpose: .ordinary) == 0)
        #expect(try authority.leaf(for: identity("carol"), purpose: .ordinary) == 1)
        // The emergency key of the same holder is revoked by itself.
        #expect(try authority.leaf(for: identity("bob"), purpose: .emergency) == 1)
    }

    @Test func neverReusesALeafWithinAnEpoch() throws {
        var authority = self.authority()
        authority.issuances = [issuance("bob", leaf: 0, revoked: 1), issuance("carol", leaf: 1, epoch: 1)]
        #expect(try authority.leaf(for: identity("bob"), purpose: .ordinary) == 1)
        #expect(try authority.leaf(for: identity("dora"), purpose: .ordinary) == 1)
        authority.issuances = (0..<8).map { issuance("holder\($0)", leaf: $0, revoked: 1) }
        #expect(throws: KeyringError.noLeafLeft(authority: "stmary")) { try authority.leaf(for: identity("new"), purpose: .ordinary) }
    }

    @Test func keepsIssuersApart() throws {
        var owner = authority()
        let range = try owner.freeRange(of: 2)
        #expect(range == 6..<8)
        owner.issuers.append(.init(name: "hr", signingKey: Array(repeating: 1, count: 32), leaves: range, added: 1))
        owner.issuances = [issuance("eve", leaf: 5)]
        #expect(try owner.freeRange(of: 2) == 2..<4)
        owner.issuers.append(.init(name: "er", signingKey: Array(repeating: 2, count: 32), leaves: 2..<4, added: 1))
        let issuer = authority(role: .issuer, leaves: range)
        var seen: Set<UInt32> = [5]
        for number in 0..<3 {
            let leaf = try owner.leaf(for: identity("own\(number)"), purpose: .ordinary)
            owner.issuances.append(issuance("own\(number)", leaf: leaf))
            #expect(seen.insert(leaf).inserted && !range.contains(leaf) && !(2..<4).contains(leaf))
        }
        #expect(throws: KeyringError.self) { try owner.leaf(for: identity("more"), purpose: .ordinary) }
        #expect(try issuer.leaf(for: identity("staff"), purpose: .ordinary) == 6)
        #expect(throws: KeyringError.self) { try owner.freeRange(of: 2) }
        // The range of somebody who was taken out is free again.
        owner.issuers[0].removed = 3
        #expect(try owner.leaf(for: identity("more"), purpose: .ordinary) == 6)
    }

    @Test func listsHoldersWithTheirNewestKey() {
        var authority = self.authority()
        authority.issuances = [
            issuance("bob", leaf: 0, epoch: 1), issuance("bob", leaf: 0), issuance("carol", leaf: 1, revoked: 4), issuance("dora", leaf: 2, epoch: 1),
            issuance("erin", leaf: 3, state: .reserved), issuance("bob", leaf: 4, purpose: .emergency),
        ]
        #expect(authority.holders.map(\.holder) == ["bob", "bob", "dora"] && authority.holders.map(\.leaf) == [0, 4, 2])
        #expect(authority.current(of: identity("bob")).map(\.leaf) == [0])
        #expect(authority.current(of: identity("dora")).isEmpty && authority.current(of: identity("carol")).isEmpty)
        // Two issuers gave bob a key each; the authority takes one back.
        authority.issuances.append(issuance("bob", leaf: 5, issuer: "hr"))
        #expect(authority.current(of: identity("bob")).map(\.leaf) == [0, 5])
        authority.issuances[1].revoked = 8
        #expect(authority.current(of: identity("bob")).map(\.leaf) == [5])
        #expect(authority.hasGranted(requestNonce: Array("bob".utf8)) && !authority.hasGranted(requestNonce: Array("erin".utf8)))
    }

    // MARK: Changes of several programs

    @Test func losesNoChangeOfTwoPrograms() throws {
        let home = try TemporaryFolder()
        _ = try Keyring.create(in: home.path, passphrase: passphrase)
        var one = try Keyring.open(in: home.path, passphrase: passphrase), two = try Keyring.open(in: home.path, passphrase: passphrase)
        try one.update { $0.setPassword(Secret([1]), profile: "one") }
        try two.update { $0.setPassword(Secret([2]), profile: "two") }
        #expect(two.password(profile: "one") != nil)
        #expect(try Keyring.open(in: home.path, passphrase: passphrase).password(profile: "one")?.withBytes { $0 } == [1])
    }

    @Test func takesLeavesInTurnFromManyThreads() async throws {
        let home = try TemporaryFolder()
        var keyring = try Keyring.create(in: home.path, passphrase: passphrase)
        try keyring.update { $0.setAuthority(authority(depth: 8)) }
        let copy = keyring
        let leaves = try await withThrowingTaskGroup(of: UInt32.self) { group in
            for number in 0..<20 {
                let (holder, issuance) = (identity("holder\(number)"), issuance)
                group.addTask {
                    var own = copy
                    return try own.update { keyring in
                        try keyring.withAuthority("stmary", site: "phr.example/test") { authority in
                            let leaf = try authority.leaf(for: holder, purpose: .ordinary)
                            authority.issuances.append(issuance("holder\(number)", leaf, 2, .delivered, .ordinary, nil, nil))
                            return leaf
                        }
                    }
                }
            }
            return try await group.reduce(into: [UInt32]()) { $0.append($1) }
        }
        #expect(Set(leaves).count == 20 && leaves.max() == 19)
    }

    @Test func leavesEverythingWhenAChangeFails() throws {
        struct Refused: Error {}
        let home = try TemporaryFolder()
        var keyring = try Keyring.create(in: home.path, passphrase: passphrase)
        let good = try Data(contentsOf: home.file)
        #expect(throws: Refused.self) {
            try keyring.update { keyring in
                keyring.setPassword(Secret([1]), profile: "x")
                throw Refused()
            }
        }
        #expect(try Data(contentsOf: home.file) == good && keyring.password(profile: "x") == nil)
        #expect(throws: KeyringError.noSuchAuthority(name: "none")) { try keyring.update { try $0.withAuthority("none", site: site) { _ in } } }
        // A file under another passphrase was not made by this copy's owner.
        try FileManager.default.removeItem(at: home.file)
        _ = try Keyring.create(in: home.path, passphrase: Secret(Array("other".utf8)))
        #expect(throws: KeyringError.wrongPassphrase(path: home.file.path)) { try keyring.update { _ in } }
    }
}
