/// A folder with 100,000 entries, listed by the real server: complete, at once, in bounded memory.
import Crypto
import Foundation
import GRDB
import ProgramFixtures
import RecordStore
import Testing

extension InteropTests {
    @Suite(.timeLimit(.minutes(3))) struct LargeFolderTests {
        private static let count = 100_000

        @Test static func everyListingIsWholeAndEarly() async throws {
            let site = try TestSite()
            try await site.prepare()
            let first = try await site.start()
            try await runCase("makes_the_folder", site, first)
            #expect(await first.stop() == 0)
            try await fill(site)
            let server = try await site.start()
            let before = try #require(try server.memory("VmHWM"))
            let output = try await runCase("lists_it_whole", site, server)
            let growth = try #require(try server.memory("VmHWM")) - before
            // The page caches of the database's readers fill; all entries at once would be more.
            #expect(growth < 48 * 1024, "the server's memory grew by \(growth) KiB")
            try await runCase("lists_it_whole", site, server)
            let further = try #require(try server.memory("VmHWM")) - before - growth
            #expect(further < 8 * 1024, "three more listings took \(further) KiB more")
            print("\(count) entries, seconds: \(output.text.trimmingCharacters(in: .whitespacesAndNewlines)); memory grew by \(growth) KiB")
            #expect(await server.stop() == 0)
        }

        @discardableResult
        private static func runCase(_ name: String, _ site: TestSite, _ server: TestServer) async throws -> ProgramOutput {
            try await Program("python3").succeed(
                [
                    Repository.path("Tests/Scripts/large_folder_cases.py"), name, "--address", server.explicit, "--authority", site.authority,
                    "--secrets", site.folder.path("secrets"),
                ], limit: .seconds(100))
        }

        /// Puts records into the catalogue as uploads do, without their envelopes and entries of the ledger.
        private static func fill(_ site: TestSite) async throws {
            let key = String(decoding: try site.folder.read("keys/catalogue.key"), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            let digits = Array(key)
            let bytes = try stride(from: 0, to: digits.count, by: 2).map { try #require(UInt8(String(digits[$0..<$0 + 2]), radix: 16)) }
            let catalogue = try Catalogue(key: SymmetricKey(data: bytes))
            let database = try DatabaseQueue(path: "\(site.dataPath)/ledger.sqlite")
            try await database.write { db in
                var folder: NodeID?
                for space in try catalogue.spaces(db, limit: 100) {
                    for entry in try catalogue.children(db, of: space.id, limit: 100) where entry.node.name == "large" { folder = entry.node.id }
                }
                let (parent, time) = (try #require(folder), Int64(1_790_000_000_000))
                for number in 0..<count {
                    let record = identifier(number, count: 16)
                    let someone = identifier(0, count: 16)
                    try catalogue.insertRecord(
                        db, StoredRecord(recordID: record, owner: someone, uploader: someone, createdMilliseconds: time, modifiedMilliseconds: time))
                    let member = StoredMember(blob: BlobID(), headByteCount: 400, totalByteCount: 3000, plainByteCount: 2048)
                    let digest = identifier(number, count: 32)
                    try catalogue.addVersion(
                        db,
                        StoredVersion(
                            recordID: record, number: 1, objectID: record, members: [member], createdMilliseconds: time, uploader: someone,
                            ledgerIndex: 1, salt: digest, envelopeRoot: digest, headersDigest: digest, headerRevision: 0, isSealedOnIngest: true),
                        members: [member], readers: [], modifiedMilliseconds: time)
                    try catalogue.link(db, record, in: parent, name: String(format: "%06d.hl7", number), atMilliseconds: time)
                }
            }
            try database.close()
        }

        private static func identifier(_ number: Int, count: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0xA5, count: count)
            for place in 0..<4 { bytes[place] = UInt8(truncatingIfNeeded: number >> (8 * place)) }
            return bytes
        }
    }
}
