import Foundation
import GRDB
import RecordStore
import Testing

@Suite struct CatalogueDigestTests {
    private let root = identifier(2, count: 32)

    @Test func remembersOneDigestOfTheContentAndOneOfTheEnvelope() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            #expect(try catalogue.digest(db, of: .content, envelopeRoot: root) == nil)
            for (number, subject) in [DigestSubject.content, .envelope(revision: 0), .envelope(revision: 1)].enumerated() {
                try catalogue.storeDigest(db, identifier(number + 10, count: 32), of: subject, envelopeRoot: root)
            }
            #expect(try catalogue.digest(db, of: .content, envelopeRoot: root) == identifier(10, count: 32))
            // A new header takes the place of the old one.
            #expect(try catalogue.digest(db, of: .envelope(revision: 0), envelopeRoot: root) == nil)
            #expect(try catalogue.digest(db, of: .envelope(revision: 1), envelopeRoot: root) == identifier(12, count: 32))
            #expect(try catalogue.digest(db, of: .content, envelopeRoot: identifier(3, count: 32)) == nil)
        }
    }

    @Test func forgetsThemWithTheRecord() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let space = try catalogue.makeSpace(db, "s", atMilliseconds: 1)
            try catalogue.upload(db, 1, into: space.id, name: "a")
            try catalogue.storeDigest(db, identifier(10, count: 32), of: .content, envelopeRoot: root)
            _ = try catalogue.removeRecord(db, identifier(1))
            #expect(try catalogue.digest(db, of: .content, envelopeRoot: root) == nil)
        }
    }

    /// At rest they are neither readable nor exchangeable.
    @Test func sealsThem() throws {
        let fixture = try CatalogueFixture()
        try fixture.write { db, catalogue in
            let digest = identifier(10, count: 32)
            try catalogue.storeDigest(db, digest, of: .content, envelopeRoot: root)
            let sealed = try #require(try Data.fetchOne(db, sql: "SELECT sealed_sha256 FROM digest").map { [UInt8]($0) })
            #expect(sealed.count == 60 && !sealed.indices.contains { sealed[$0...].starts(with: digest.prefix(8)) })
            for change in ["UPDATE digest SET revision = 0", "UPDATE digest SET sealed_sha256 = zeroblob(60)", "UPDATE digest SET sealed_sha256 = x'00'"] {
                try db.execute(sql: change)
                #expect(throws: CatalogueError.self) {
                    _ = try catalogue.digest(db, of: .envelope(revision: 0), envelopeRoot: root)
                }
            }
        }
    }
}
