// The database that the command line and the server share.
import Authentication
import Foundation
import GRDB
import Testing

@Suite struct SiteDatabaseTests {
    let fixture: AuthenticationFixture

    init() throws { fixture = try AuthenticationFixture() }

    @Test func keepsCommitsDurableWithoutSideFiles() throws {
        let journal = try fixture.database.read { db in try String.fetchOne(db, sql: "PRAGMA journal_mode") }
        let synchronous = try fixture.database.read { db in try Int.fetchOne(db, sql: "PRAGMA synchronous") }
        #expect(journal == "delete")
        #expect(synchronous == 2)
        try fixture.accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        let folder = (fixture.path as NSString).deletingLastPathComponent
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["site.sqlite"])
    }

    @Test func belongsToItsOwnerOnly() throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func servesASecondConnection() throws {
        let other = try AccountStore(SiteDatabase.open(path: fixture.path))
        try fixture.accounts.add(name: "alice", role: .patient, password: Password("correct horse"))
        #expect(try other.find("alice")?.role == .patient)
        try other.disable("alice")
        #expect(try fixture.accounts.find("alice")?.isDisabled == true)
    }

    @Test func refusesWhatIsNoDatabase() throws {
        let path = fixture.path + ".broken"
        try Data("this is not a database, however long it may be".utf8).write(to: URL(filePath: path))
        #expect(throws: DatabaseError.self) { try SiteDatabase.open(path: path) }
    }
}
