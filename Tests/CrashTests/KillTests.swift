/// `kill -9` while eight clients upload: everything that got 226 is there and verifies, nothing half-done is visible.
import Foundation
import ProgramFixtures
import Testing

extension CrashTests {
    @Suite struct KillTests {
        struct File: Hashable {
            let name: String
            let byteCount: Int
            let sha256: String

            init?(_ words: [Substring]) {
                guard words.count == 4, let count = Int(words[2]) else { return nil }
                (name, byteCount, sha256) = (String(words[1]), count, String(words[3]))
            }
        }

        @Test func keepsEverythingThatGot226() async throws {
            try await CrashTests.withSite { site, first in
                var stored: Set<File> = []
                var whole: Set<File> = []
                var server = first
                for round in 0..<4 {
                    let uploads = try Program("python3").start([
                        Repository.path("Tests/Scripts/upload_until_cut.py"), "--address", server.explicit, "--authority", site.authority, "--secrets",
                        site.folder.path("secrets"), "--prefix", "round-\(round)",
                    ])
                    try await Task.sleep(for: .milliseconds(1500 + Int.random(in: 0..<1000)))
                    #expect(await server.stop(with: SIGKILL) == 128 + SIGKILL)
                    let output = try await uploads.finish(limit: .seconds(40))
                    for line in output.lines {
                        let words = line.split(separator: " ")
                        if words.first == "stored", let file = File(words) { stored.insert(file) }
                        if words.first == "whole", let file = File(words) { whole.insert(file) }
                    }
                    #expect(!output.timedOut, "\(output.report)")
                    server = try await site.start()
                    try await expectExactly(stored, orOf: whole, at: site)
                }
                #expect(stored.count > 100, "only \(stored.count) files were stored: the test tests nothing")
                for file in stored.shuffled().prefix(24) {
                    let folder = try TemporaryFolder("killed")
                    let output = try await site.phr("alice", ["get", "--quiet", "alice/\(file.name)", folder.path("got")])
                    #expect(output.code == 0, "\(output.report)")
                    let digest = try await Program("sha256sum").succeed([folder.path("got")])
                    #expect(digest.text.hasPrefix(file.sha256), "\(file.name) is not what was sent")
                }
                #expect(await server.stop() == 0)
                let staging = try FileManager.default.contentsOfDirectory(atPath: "\(site.dataPath)/records/staging")
                #expect(staging.isEmpty, "left behind: \(staging)")
                let check = try await site.administer(["ledger", "check", "--full", "--json"], limit: .seconds(300))
                #expect(check.text.contains("\"problems\" : [") || check.text.contains("\"problems\":[]"), "\(check.report)")
            }
        }

        /// All of `stored` is listed; whatever else is listed was sent whole and waited for its reply.
        private func expectExactly(_ stored: Set<File>, orOf whole: Set<File>, at site: TestSite) async throws {
            let output = try await site.phr("alice", ["ls", "--json"])
            #expect(output.code == 0, "\(output.report)")
            let entries = try #require(try JSONSerialization.jsonObject(with: Data(output.standardOutput)) as? [[String: Any]])
            let listed = Set(entries.compactMap { ($0["name"] as? String).map { $0.hasSuffix(".phr") ? String($0.dropLast(4)) : $0 } })
            let missing = stored.filter { !listed.contains($0.name) }
            #expect(missing.isEmpty, "226 was given, but these are gone: \(missing.map(\.name).sorted())")
            let allowed = Set(whole.map(\.name))
            let surplus = listed.subtracting(allowed)
            #expect(surplus.isEmpty, "visible, but never sent whole: \(surplus.sorted())")
        }
    }
}
