/// Full disk, no permission, missing and damaged blobs, damaged rows, a restored old backup.
import Foundation
import ProgramFixtures
import Testing

extension CrashTests {
    @Suite struct StorageFaultTests {
        /// A small file system; making one needs root, as the test run of a container has.
        private func withSmallDisk(_ size: String, _ body: (String) async throws -> Void) async throws {
            let folder = try TemporaryFolder("disk")
            let mount = try await Program("mount").run(["-t", "tmpfs", "-o", "size=\(size),mode=0700", "tmpfs", folder.path])
            try #require(mount.code == 0, "a full disk can be tested by root only: \(mount.report)")
            do {
                try await body(folder.path("data"))
            } catch {
                try await Program("umount").succeed(["--lazy", folder.path])
                throw error
            }
            try await Program("umount").succeed(["--lazy", folder.path])
        }

        @Test(arguments: [0, 8]) func answers452WhenTheDiskIsFull(reserve: Int) async throws {
            try await withSmallDisk("48m") { path in
                try await CrashTests.withSite(dataPath: path, settings: ["storage.reserve_mib=\(reserve)"]) { site, server in
                    try await CrashTests.runCase("stores_what_fits", on: site, server)
                    try await CrashTests.runCase("refuses_what_does_not_fit", on: site, server)
                    try await CrashTests.runCase("stores_what_fits", on: site, server)
                    let (output, content) = try await CrashTests.get("alice/fits", from: site)
                    #expect(output.code == 0 && content?.count == 10_000, "\(output.report)")
                    #expect(await server.stop() == 0)
                    try await site.administer(["ledger", "check", "--full"])
                }
            }
        }

        @Test func recoversWhenTheDiskHasRoomAgain() async throws {
            try await withSmallDisk("48m") { path in
                try await CrashTests.withSite(dataPath: path, settings: ["storage.reserve_mib=8"]) { site, server in
                    let filler = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("filler").path
                    let free = try #require(try FileManager.default.attributesOfFileSystem(forPath: path)[.systemFreeSize] as? Int)
                    try await Program("fallocate").succeed(["-l", "\(free - (4 << 20))", filler])
                    try await CrashTests.runCase("refuses_with_452_at_once", on: site, server)
                    try FileManager.default.removeItem(atPath: filler)
                    try await CrashTests.runCase("stores_what_fits", on: site, server)
                }
            }
        }

        @Test func answers451WithoutPermission() async throws {
            try await CrashTests.withSite(settings: []) { site, server in
                await server.stop()
                let limited = try await site.start()
                let staging = "\(site.dataPath)/records/staging"
                try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: staging)
                try await CrashTests.runCase("answers_451_when_storage_is_not_writable", on: site, limited)
                try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: staging)
                try await CrashTests.runCase("stores_what_fits", on: site, limited)
                #expect(await limited.stop() == 0)
            }
        }

        @Test func saysWhichBlobIsMissing() async throws {
            try await CrashTests.withSite { site, server in
                try await CrashTests.push(sampleBytes(5000), as: "intact", to: site, server)
                let before = Set(site.storedEnvelopes())
                try await CrashTests.push(sampleBytes(6000), as: "missing", to: site, server)
                let added = Set(site.storedEnvelopes()).subtracting(before)
                try #require(added.count == 1)
                try FileManager.default.removeItem(atPath: added.first!)
                try await CrashTests.runCase("finds_damage_and_serves_the_rest", on: site, server)
                let (output, content) = try await CrashTests.get("alice/missing", from: site)
                #expect(output.code != 0 && content == nil, "\(output.report)")
                #expect(await server.stop() == 0)
                let check = try await Repository.program("phrd").run(["ledger", "check", "--config", site.configuration])
                #expect(check.code == 1, "\(check.report)")
            }
        }

        @Test func noticesAFlippedByteAnywhereInABlob() async throws {
            try await CrashTests.withSite { site, server in
                try await CrashTests.push(sampleBytes(150_000), as: "flipped", to: site, server)
                let blob = try #require(site.storedEnvelopes().first)
                let original = [UInt8](try Data(contentsOf: URL(fileURLWithPath: blob)))
                for position in [0, 50, 300, original.count / 2, original.count - 300, original.count - 1] {
                    var bytes = original
                    bytes[position] ^= 0x10
                    try Data(bytes).write(to: URL(fileURLWithPath: blob))
                    let (output, content) = try await CrashTests.get("alice/flipped", from: site)
                    #expect(output.code != 0 && content == nil, "byte \(position): \(output.report)")
                    let verify = try await site.phr("alice", ["verify", "alice/flipped"])
                    #expect(verify.code != 0, "byte \(position): \(verify.report)")
                }
                try Data(original[..<100_000]).write(to: URL(fileURLWithPath: blob))
                let truncated = try await CrashTests.get("alice/flipped", from: site)
                #expect(truncated.output.code != 0 && truncated.content == nil, "\(truncated.output.report)")
                try Data(original).write(to: URL(fileURLWithPath: blob))
                let healed = try await CrashTests.get("alice/flipped", from: site)
                #expect(healed.output.code == 0 && healed.content == sampleBytes(150_000), "\(healed.output.report)")
                #expect(await server.stop() == 0)
                var bytes = original
                bytes[original.count / 2] ^= 1
                try Data(bytes).write(to: URL(fileURLWithPath: blob))
                let check = try await Repository.program("phrd").run(["ledger", "check", "--full", "--config", site.configuration])
                #expect(check.code == 1, "\(check.report)")
            }
        }

        @Test(arguments: [
            "UPDATE ledger_entry SET body = zeroblob(length(body)) WHERE idx = 3", "UPDATE ledger_entry SET leaf_hash = randomblob(32) WHERE idx = 3",
            "DELETE FROM ledger_entry WHERE idx = 3",
        ])
        func findsADamagedLedgerRow(change: String) async throws {
            try await CrashTests.withSite { site, server in
                try await CrashTests.push(sampleBytes(100), as: "one", to: site, server)
                #expect(await server.stop() == 0)
                try await edit(site, change)
                let check = try await Repository.program("phrd").run(["ledger", "check", "--full", "--config", site.configuration])
                #expect(check.code != 0 && check.code < 128, "\(check.report)")
            }
        }

        @Test func survivesADamagedCatalogueRow() async throws {
            try await CrashTests.withSite { site, server in
                try await CrashTests.push(sampleBytes(100), as: "one", to: site, server)
                #expect(await server.stop() == 0)
                try await edit(site, "UPDATE node SET sealed_name = zeroblob(length(sealed_name)) WHERE record_id IS NOT NULL")
                let again = try await site.start()
                try await CrashTests.runCase("lists_despite_a_damaged_row", on: site, again)
                #expect(await again.stop() == 0)
            }
        }

        @Test func refusesAnOldBackup() async throws {
            try await CrashTests.withSite { site, server in
                #expect(await server.stop() == 0)
                try await Program("cp").succeed(["-a", site.dataPath, site.folder.path("backup")])
                let again = try await site.start()
                try await CrashTests.push(sampleBytes(100), as: "later", to: site, again)
                #expect(await again.stop() == 0)
                try FileManager.default.removeItem(atPath: site.dataPath)
                try await Program("cp").succeed(["-a", site.folder.path("backup"), site.dataPath])
                let refused = try await Repository.program("phrd").run(["serve", "--config", site.configuration], limit: .seconds(20))
                #expect(refused.code != 0 && refused.code < 128 && !refused.timedOut, "\(refused.report)")
                #expect(refused.complaint.contains("anchor") || refused.complaint.contains("checkpoint"), "\(refused.report)")
            }
        }

        private func edit(_ site: TestSite, _ change: String) async throws {
            let script =
                "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); changed = db.execute(sys.argv[2]).rowcount; db.commit(); sys.exit(0 if changed > 0 else 1)"
            try await Program("python3").succeed(["-c", script, "\(site.dataPath)/ledger.sqlite", change])
        }
    }
}
