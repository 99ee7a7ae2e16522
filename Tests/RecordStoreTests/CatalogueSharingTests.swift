// Authorities, issuances, policies and emergencies in the catalogue: each in its order, sealed, and moved from older tables.
import CanonicalEncoding
import Foundation
import GRDB
import RecordStore
import Testing

private func authority(_ sequence: UInt64, epoch: UInt64 = 1, account: [UInt8] = alice) -> StoredAuthority {
    StoredAuthority(account: account, sequence: sequence, epoch: epoch, record: identifier(Int(sequence), count: 900), ledgerIndex: 10 + sequence)
}

private func issuance(_ number: Int, holder: Int = 1, leaf: UInt64 = 4, epoch: UInt64 = 1, of account: [UInt8] = alice) -> StoredIssuance {
    StoredIssuance(
        commitment: identifier(number, count: 32), authority: account, epoch: epoch, holder: identifier(holder, count: 32), leaf: leaf,
        lastMonth: 24_322, statement: identifier(number, count: 200), ledgerIndex: UInt64(100 + number))
}

private func policy(_ sequence: UInt64, folder: Int = 5, text: String = "alice:care-team") -> StoredPolicy {
    StoredPolicy(
        owner: alice, folderID: identifier(folder), sequence: sequence, document: Array("document \(sequence) \(text)".utf8),
        salt: identifier(9, count: 32), ledgerIndex: 200 + sequence)
}

private func grant(_ sequence: UInt64) -> StoredGrant {
    StoredGrant(owner: alice, holder: clinic, sequence: sequence, half: identifier(77, count: 32), document: Array("grant \(sequence)".utf8))
}

private func use(_ number: UInt64, grant: UInt64 = 0) -> StoredEmergency {
    StoredEmergency(
        owner: alice, holder: clinic, number: number, grantSequence: grant, document: Array("a very private reason".utf8),
        salt: identifier(8, count: 32), ledgerIndex: 300 + number, milliseconds: 1000)
}

@Suite struct CatalogueSharingTests {
    @Test func keepsEachRecordOfAnAuthorityInItsOrder() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            #expect(throws: CatalogueError.conflict(expected: 0, found: 1)) { try catalogue.storeAuthority(db, authority(1)) }
            for sequence in 0..<3 as Range<UInt64> { try catalogue.storeAuthority(db, authority(sequence, epoch: sequence / 2)) }
            #expect(throws: CatalogueError.conflict(expected: 3, found: 2)) { try catalogue.storeAuthority(db, authority(2)) }
            #expect(throws: CatalogueError.conflict(expected: 3, found: 4)) { try catalogue.storeAuthority(db, authority(4)) }
            #expect(throws: CatalogueError.conflict(expected: 1, found: 0)) { try catalogue.storeAuthority(db, authority(3, epoch: 0)) }
            #expect(try catalogue.currentAuthority(db, account: alice) == authority(2, epoch: 1))
            #expect(try catalogue.authority(db, account: alice, sequence: 0) == authority(0, epoch: 0))
            #expect(try catalogue.authority(db, account: alice, epoch: 0) == authority(1, epoch: 0))
            #expect(try catalogue.authoritySequence(db, account: alice) == 2)
            #expect(try catalogue.currentAuthority(db, account: clinic) == nil)
            #expect(try catalogue.authoritySequence(db, account: clinic) == nil)
            try catalogue.storeAuthority(db, authority(0, account: clinic))
            #expect(try catalogue.authorityAccounts(db) == [alice, clinic])
        }
    }

    @Test func keepsIssuancesAndOneHolderALeaf() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            try catalogue.storeIssuance(db, issuance(1))
            #expect(throws: CatalogueError.exists) { try catalogue.storeIssuance(db, issuance(1)) }
            #expect(throws: CatalogueError.leafTaken) { try catalogue.storeIssuance(db, issuance(2, holder: 2)) }
            // The same holder, another epoch, another leaf and another authority are all right.
            try catalogue.storeIssuance(db, issuance(3))
            try catalogue.storeIssuance(db, issuance(4, holder: 2, epoch: 2))
            try catalogue.storeIssuance(db, issuance(5, holder: 2, leaf: 5))
            try catalogue.storeIssuance(db, issuance(6, holder: 2, of: clinic))
            #expect(try catalogue.issuance(db, commitment: identifier(5, count: 32)) == issuance(5, holder: 2, leaf: 5))
            #expect(try catalogue.issuance(db, commitment: identifier(2, count: 32)) == nil)
            #expect(try catalogue.issuances(db, authority: alice, limit: 9).map(\.ledgerIndex) == [101, 103, 104, 105])
            #expect(try catalogue.issuances(db, authority: alice, afterIndex: 103, limit: 1).map(\.ledgerIndex) == [104])
            #expect(Set(try catalogue.issuances(db, holders: [identifier(2, count: 32)]).map(\.ledgerIndex)) == [104, 105, 106])
            #expect(try catalogue.issuances(db, holders: []) == [])
        }
    }

    @Test func keepsThePoliciesOfAFolderUnderOneNumber() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let folder = "/inbox/alice"
            #expect(throws: CatalogueError.conflict(expected: 0, found: 1)) { try catalogue.storePolicy(db, policy(1), folder: folder) }
            try catalogue.storePolicy(db, policy(0), folder: folder)
            #expect(throws: CatalogueError.conflict(expected: 1, found: 1)) { try catalogue.storePolicy(db, policy(1, folder: 6), folder: folder) }
            try catalogue.storePolicy(db, policy(1), folder: folder)
            try catalogue.storePolicy(db, policy(0, folder: 7), folder: "/exchange/lab")
            #expect(try catalogue.currentPolicy(db, owner: alice, folder: folder) == policy(1))
            #expect(try catalogue.currentPolicy(db, owner: clinic, folder: folder) == nil)
            #expect(try catalogue.currentPolicy(db, owner: alice, folder: "/exchange/lab") == policy(0, folder: 7))
            #expect(try catalogue.policy(db, folderID: identifier(5), sequence: 0) == policy(0))
            #expect(try catalogue.policy(db, folderID: identifier(5), sequence: 2) == nil)
        }
    }

    @Test func keepsGrantsAndTheirUses() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            #expect(throws: CatalogueError.notFound) { try catalogue.storeEmergency(db, use(0)) }
            #expect(throws: CatalogueError.conflict(expected: 0, found: 1)) { try catalogue.storeGrant(db, grant(1)) }
            try catalogue.storeGrant(db, grant(0))
            #expect(try catalogue.grant(db, owner: alice, holder: clinic) == grant(0))
            #expect(try catalogue.grant(db, owner: clinic, holder: alice) == nil)
            #expect(try catalogue.grantHolders(db, owner: alice) == [clinic])
            #expect(try catalogue.grantOwners(db, holder: clinic) == [alice])
            try catalogue.storeEmergency(db, use(0))
            #expect(throws: CatalogueError.conflict(expected: 1, found: 0)) { try catalogue.storeEmergency(db, use(0)) }
            #expect(throws: CatalogueError.conflict(expected: 0, found: 1)) { try catalogue.storeEmergency(db, use(1, grant: 1)) }
            try catalogue.storeEmergency(db, use(1))
            #expect(try catalogue.latestEmergency(db, owner: alice, holder: clinic) == use(1))
            #expect(try catalogue.emergency(db, owner: alice, holder: clinic, number: 0) == use(0))
            #expect(try catalogue.emergency(db, ledgerIndex: 301) == use(1))

            try catalogue.withdrawGrant(db, owner: alice, holder: clinic)
            #expect(throws: CatalogueError.notFound) { try catalogue.withdrawGrant(db, owner: alice, holder: clinic) }
            #expect(try catalogue.grant(db, owner: alice, holder: clinic) == nil)
            #expect(try catalogue.grantHolders(db, owner: alice) == [])
            #expect(throws: CatalogueError.notFound) { try catalogue.storeEmergency(db, use(2)) }
            #expect(throws: CatalogueError.conflict(expected: 1, found: 0)) { try catalogue.storeGrant(db, grant(0)) }
            try catalogue.storeGrant(db, grant(1))
            #expect(try catalogue.grant(db, owner: alice, holder: clinic) == grant(1))
        }
    }

    @Test func writesNoPolicyReasonOrHalfInClear() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("phr-sharing-\(UUID().uuidString).sqlite").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try CatalogueFixture(path: path).write { db, catalogue in
            try catalogue.storePolicy(db, policy(0, text: "stmary:psychiatry"), folder: "/inbox/alice")
            try catalogue.storeGrant(db, grant(0))
            try catalogue.storeEmergency(db, use(0))
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        for secret in [Data("stmary:psychiatry".utf8), Data("/inbox/alice".utf8), Data("a very private reason".utf8), Data(identifier(77, count: 32))] {
            #expect(bytes.range(of: secret) == nil)
        }
    }

    @Test(arguments: [
        "UPDATE authority_record SET record = 'text'", "UPDATE authority_record SET epoch = -1", "UPDATE issuance SET statement = 5",
        "UPDATE issuance SET leaf = 'x'", "UPDATE folder_policy SET sealed_document = x'00'",
        "UPDATE folder_policy SET salt = 'a text of thirty-two characters!'",
        "UPDATE folder_policy SET sequence = 3", "UPDATE emergency_grant SET sealed_content = zeroblob(90)", "UPDATE emergency_grant SET sequence = 3",
        "UPDATE emergency_use SET sealed_document = (SELECT sealed_content FROM emergency_grant)", "UPDATE emergency_use SET created = 'x'",
        "UPDATE emergency_use SET ledger_index = -5",
    ])
    func reportsADamagedRow(sql: String) throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            try catalogue.storeAuthority(db, authority(0))
            try catalogue.storeIssuance(db, issuance(1))
            try catalogue.storePolicy(db, policy(0), folder: "/inbox/alice")
            try catalogue.storeGrant(db, grant(0))
            try catalogue.storeEmergency(db, use(0))
            try db.execute(sql: sql)
            #expect {
                _ = try catalogue.currentAuthority(db, account: alice)
                _ = try catalogue.issuance(db, commitment: identifier(1, count: 32))
                _ = try catalogue.currentPolicy(db, owner: alice, folder: "/inbox/alice")
                _ = try catalogue.grant(db, owner: alice, holder: clinic)
                _ = try catalogue.latestEmergency(db, owner: alice, holder: clinic)
            } throws: { error in if case CatalogueError.damaged = error { true } else { false } }
        }
    }

    @Test func bringsTheTablesOfVersionOneUpToDate() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let root = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: root.id, name: "old")
            for table in [
                "authority_record", "issuance", "folder_policy", "emergency_grant", "emergency_use", "charge", "usage", "digest", "stored_blob", "disk_usage",
            ] { try db.execute(sql: "DROP TABLE \(table)") }
            for trigger in ["node", "partial", "version", "header"] { try db.execute(sql: "DROP TRIGGER charge_of_\(trigger)") }
            for trigger in ["member", "partial_member"] { try db.execute(sql: "DROP TRIGGER blob_of_\(trigger)") }
            try db.execute(sql: "DELETE FROM catalogue_schema WHERE version > 1")
            #expect(try Catalogue.needsInstall(db))
            try Catalogue.install(db)
            #expect(try !Catalogue.needsInstall(db))
            #expect(try catalogue.resolve(db, space: "s", components: ["old"])?.recordID == identifier(1))
            try catalogue.storeAuthority(db, authority(0))
            try Catalogue.install(db)
            #expect(try catalogue.authoritySequence(db, account: alice) == 0)
        }
    }
}
