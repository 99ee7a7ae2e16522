/// What the kernel says of a running server: no root, no groups, no capabilities, no way back.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite struct ConfinementTests {
        @Test func aRunningServerHasNoPrivileges() async throws {
            let site = try TestSite()
            try await site.prepare()
            let server = try await site.start()
            let identifiers = unsafe getpwnam(TestSite.serverUser).map { unsafe [$0.pointee.pw_uid, $0.pointee.pw_gid] }
            let (number, group) = (String(try #require(identifiers)[0]), String(try #require(identifiers)[1]))
            let zero = String(repeating: "0", count: 16)
            func check() throws {
                #expect(try server.status("Uid") == Array(repeating: number, count: 4))
                for field in ["CapInh", "CapPrm", "CapEff", "CapAmb"] { #expect(try server.status(field) == [zero], "\(field)") }
                #expect(try server.status("NoNewPrivs") == ["1"])
                #expect(try server.status("Seccomp") == ["2"])
                // Only root can shorten these; in other places the service manager does.
                guard geteuid() == 0 else { return }
                #expect(try server.status("Gid") == Array(repeating: group, count: 4))
                #expect(try server.status("Groups") == [])
                #expect(try server.status("CapBnd") == [zero])
            }
            try check()
            // The same for every thread.
            for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.identifier)/task") {
                let text = try String(contentsOfFile: "/proc/\(server.identifier)/task/\(thread)/status", encoding: .utf8)
                for line in ["CapEff:\t\(zero)", "NoNewPrivs:\t1", "Seccomp:\t2", "Uid:\t\(number)\t"] {
                    #expect(text.contains(line), "thread \(thread): \(line)")
                }
            }
            // It works: a whole record goes in and out.
            try await site.enroll("alice", at: server)
            let source = try site.folder.write("visit", sampleBytes(10_000))
            let output = try await Program("curl").run([
                "--silent", "--show-error", "--max-time", "50", "--ssl-reqd", "--cacert", site.authority, "--user", "stmary:password-of-stmary", "-T", source,
                "ftp://\(server.explicit)/inbox/alice/visit",
            ])
            #expect(output.code == 0, "\(output.report)")
            try check()
            #expect(await server.stop() == 0, "\(server.log.suffix(3000))")
        }

        @Test(arguments: ["no-such-user", "root"]) func rootDoesNotServe(user: String) async throws {
            let site = try TestSite()
            try await site.prepare()
            try await site.handOver()
            let output = try await Repository.program("phrd").run(
                ["serve", "--config", site.configuration, "--set", "process.user=\(user)"], limit: .seconds(20))
            // Somebody else than root serves as himself, whatever the configuration names; the time limit ends that.
            guard geteuid() == 0 else { return #expect(output.timedOut) }
            #expect(output.code == 78 && output.complaint.contains("does not serve as root"), "\(output.report)")
        }

        @Test func doesNotServeInRootsGroup() async throws {
            guard geteuid() == 0 else { return }
            let site = try TestSite()
            try await site.prepare()
            try await site.handOver()
            let phrd = try Repository.program("phrd")
            let output = try await Program("setpriv").run(
                ["--reuid", TestSite.serverUser, "--regid", "nogroup", "--groups", "root", phrd.path, "serve", "--config", site.configuration],
                limit: .seconds(20))
            #expect(output.code == 78 && output.complaint.contains("nor in root's group"), "\(output.report)")
        }

        @Test func rootAdministersAsTheOwnerOfTheData() async throws {
            guard geteuid() == 0 else { return }
            let site = try TestSite()
            try await site.prepare()
            let phrd = try Repository.program("phrd")
            try await phrd.succeed(["ledger", "check", "--config", site.configuration])
            try await phrd.succeed(["ban", "add", "192.0.2.1", "--config", site.configuration])
            let owner = try #require(unsafe getpwnam(TestSite.serverUser).map { unsafe $0.pointee.pw_uid })
            func owners(_ folder: String) throws -> [String: UInt32] {
                let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
                return try Dictionary(
                    uniqueKeysWithValues: ([""] + names).map { name in
                        var facts = stat()
                        guard unsafe lstat("\(folder)/\(name)", &facts) == 0 else { throw POSIXError(.ENOENT) }
                        return (name, facts.st_uid)
                    })
            }
            for folder in [site.dataPath, site.folder.path("keys"), site.folder.path("anchor")] {
                let found = try owners(folder)
                #expect(found.count > 1 && found.values.allSatisfy { $0 == owner }, "\(folder): \(found)")
            }
            // A link to what only root may read or write is not followed as root: not in the data folder, and not in its place.
            let (database, secret) = (site.dataPath + "/site.sqlite", site.folder.path("secrets/roots.sqlite"))
            try FileManager.default.moveItem(atPath: database, toPath: secret)
            try await Program("chown").succeed(["root:", secret])
            try FileManager.default.createSymbolicLink(atPath: database, withDestinationPath: secret)
            let before = try Data(contentsOf: URL(fileURLWithPath: secret))
            let linked = try await phrd.run(["user", "disable", "alice", "--config", site.configuration])
            #expect(linked.code == 69, "\(linked.report)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: secret)) == before)
            let other = try TemporaryFolder("roots-data")
            try FileManager.default.copyItem(atPath: secret, toPath: other.path("site.sqlite"))
            try FileManager.default.createSymbolicLink(atPath: site.folder.path("elsewhere"), withDestinationPath: other.path)
            try await Program("chown").succeed(["-h", "\(TestSite.serverUser):", site.folder.path("elsewhere")])
            let misled = try await phrd.run([
                "user", "disable", "alice", "--config", site.configuration, "--set", "storage.data=\(site.folder.path("elsewhere"))",
            ])
            #expect(misled.code == 69, "\(misled.report)")
            // A site of root's own is root's to look after.
            try await phrd.succeed(["ban", "list", "--config", site.configuration, "--set", "storage.data=\(other.path)"])
        }

        @Test func saysWhoIsMissingForANewSite() async throws {
            guard geteuid() == 0 else { return }
            let folder = try TemporaryFolder("init")
            let file = try folder.write("phrd.toml", Array("[process]\nuser = \"no-such-user\"\n".utf8))
            let output = try await Repository.program("phrd").run(["init", "--config", file])
            #expect(output.code == 78 && output.complaint.contains("adduser --system --group no-such-user"), "\(output.report)")
            #expect(!folder.exists("data") && !folder.exists("keys"))
        }

        @Test func saysWhoseDataItIs() async throws {
            guard geteuid() == 0 else { return }
            let site = try TestSite()
            try await site.prepare()
            try await site.handOver()
            try await Program("chown").succeed(["root:", site.dataPath])
            let output = try await Repository.program("phrd").run(["serve", "--config", site.configuration], limit: .seconds(20))
            #expect(output.code == 78 && output.complaint.contains("chown -R nobody:"), "\(output.report)")
        }
    }
}
