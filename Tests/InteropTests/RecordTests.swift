/// From the clinic's file to the patient's: every kind of record, every critical size, sharing, strangers, damage.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct RecordTests {
        let here = try! Surroundings()

        func push(_ source: String, to path: String, limit: Duration = .seconds(60)) async throws {
            try await Program("curl").succeed(
                [
                    "--silent", "--show-error", "--fail", "--ssl-reqd", "--cacert", here.site.authority, "--user", here.login("stmary"), "--ftp-create-dirs",
                    "-T",
                    source, "ftp://\(here.server.explicit)\(path)",
                ], limit: limit)
        }

        @Test(arguments: Repository.records) func bringsARecordByteForByte(name: String) async throws {
            try await push(Repository.record(name), to: "/inbox/alice/kinds/\(name)")
            try await here.expectRecord("alice/kinds/\(name)", equals: [UInt8](try Data(contentsOf: URL(fileURLWithPath: Repository.record(name)))))
        }

        @Test(arguments: [0, 1, 65_535, 65_536, 65_537]) func bringsEverySize(count: Int) async throws {
            let content = sampleBytes(count)
            try await push(try here.folder.write("sized", content), to: "/inbox/alice/sizes/\(count)")
            try await here.expectRecord("alice/sizes/\(count)", equals: content)
        }

        @Test(.enabled(if: ProcessInfo.processInfo.environment["PHR_TEST_LARGE"] != nil, "scripts/test --large"))
        func bringsMoreThanFourGiB() async throws {
            let count = 4 << 30 + 1
            let source = here.folder.path("large")
            try await Program("openssl").succeed(
                ["enc", "-aes-128-ctr", "-K", String(repeating: "0", count: 32), "-iv", String(repeating: "0", count: 32), "-in", "/dev/null", "-out", source])
            try await Program("truncate").succeed(["-s", "\(count)", source])
            try await push(source, to: "/inbox/alice/large", limit: .seconds(600))
            let target = here.folder.path("large-back")
            let output = try await here.site.phr("alice", ["get", "--quiet", "alice/large", target], limit: .seconds(900))
            #expect(output.code == 0, "\(output.report)")
            try await Program("cmp").succeed([source, target], limit: .seconds(300))
        }

        @Test func sharesAndUnshares() async throws {
            let content = sampleBytes(100_000, seed: 11)
            try await push(try here.folder.write("shared", content), to: "/inbox/alice/shared.bin")
            let before = try await here.site.phr("bob", ["get", "--quiet", "alice/shared.bin", here.folder.path("early")])
            #expect(before.code == 80, "\(before.report)")
            #expect(!here.folder.exists("early"))
            let share = try await here.site.phr("alice", ["share", "alice/shared.bin", "--to", "bob"])
            #expect(share.code == 0, "\(share.report)")
            try await here.expectRecord("alice/shared.bin", equals: content, for: "bob")
            let listing = try await here.site.phr("bob", ["ls", "/records/alice"])
            #expect(listing.text.contains("shared.bin") && !listing.text.contains("kinds"), "\(listing.report)")
            let stranger = try await here.site.phr("mallory", ["get", "--quiet", "alice/shared.bin", here.folder.path("stolen")])
            #expect(stranger.code == 80, "\(stranger.report)")
            let unshare = try await here.site.phr("alice", ["unshare", "alice/shared.bin", "--from", "bob"])
            #expect(unshare.code == 0, "\(unshare.report)")
            let after = try await here.site.phr("bob", ["get", "--quiet", "alice/shared.bin", here.folder.path("late")])
            #expect(after.code == 80, "\(after.report)")
            try await here.expectRecord("alice/shared.bin", equals: content)
        }

        @Test func unsharingSealsAnewUnlessTheHeaderIsEnough() async throws {
            let content = sampleBytes(150_000, seed: 13)
            try await push(try here.folder.write("rekeyed", content), to: "/inbox/alice/rekeyed.bin")
            func run(_ arguments: [String]) async throws -> String {
                let output = try await here.site.phr("alice", arguments)
                #expect(output.code == 0, "\(output.report)")
                return output.text
            }
            func root() async throws -> Substring? {
                let envelope = here.folder.path("rekeyed.phr")
                _ = try await run(["get", "--quiet", "--force", "--envelope", "alice/rekeyed.bin", envelope])
                return try await run(["info", envelope]).split(separator: "\n").first { $0.hasPrefix("root") }
            }
            let sealed = try await root()
            _ = try await run(["share", "alice/rekeyed.bin", "--to", "bob"])
            #expect(try await run(["unshare", "--header-only", "alice/rekeyed.bin", "--from", "bob"]).contains("version 1, header 2"))
            #expect(try await root() == sealed)
            _ = try await run(["share", "alice/rekeyed.bin", "--to", "bob"])
            #expect(try await run(["unshare", "alice/rekeyed.bin", "--from", "bob"]).contains("version 2, header 0"))
            #expect(try await root() != sealed)
            try await here.expectRecord("alice/rekeyed.bin", equals: content)
            let after = try await here.site.phr("bob", ["get", "--quiet", "alice/rekeyed.bin", here.folder.path("late")])
            #expect(after.code == 80, "\(after.report)")
        }

        @Test func sealsBeforeUploadAndProvesOffline() async throws {
            let content = sampleBytes(70_000, seed: 12)
            let source = try here.folder.write("own.dat", content)
            let put = try await here.site.phr("alice", ["put", source, "alice/own/", "--to", "bob"])
            if put.code != 0 {
                // A folder that is missing is made by hand elsewhere; a put at the root needs none.
                Issue.record("\(put.report)")
            }
            try await here.expectRecord("alice/own/own.dat", equals: content, for: "bob")
            let envelope = here.folder.path("own.dat.phr")
            let get = try await here.site.phr("alice", ["get", "--quiet", "--envelope", "alice/own/own.dat", envelope])
            #expect(get.code == 0, "\(get.report)")
            let proof = try await here.site.phr("alice", ["export-proof", "--force", "alice/own/own.dat", envelope + ".proof"])
            #expect(proof.code == 0, "\(proof.report)")
            let verify = try await here.site.phr("alice", ["verify", envelope])
            #expect(verify.code == 0, "\(verify.report)")
            var bytes = try here.folder.read("own.dat.phr")
            bytes[bytes.count / 2] ^= 1
            try here.folder.write("own.dat.phr", bytes)
            let tampered = try await here.site.phr("alice", ["verify", envelope])
            #expect(tampered.code == 65, "\(tampered.report)")
            try here.folder.write("own.dat.phr", Array(bytes.dropLast(100)))
            let truncated = try await here.site.phr("alice", ["verify", envelope])
            #expect(truncated.code == 66 || truncated.code == 65, "\(truncated.report)")
        }

        @Test(arguments: ["/inbox/alice/letter.bin", "/mail/alice/letter.bin"]) func sendsWhatTheSenderSealed(remote: String) async throws {
            let content = sampleBytes(80_000, seed: 21)
            let put = try await here.site.phr("bob", ["put", try here.folder.write("letter", content), remote])
            #expect(put.code == 0, "\(put.report)")
            try await here.expectRecord(remote.hasPrefix("/inbox") ? "alice/letter.bin" : remote, equals: content)
        }

        @Test func sharesAGatewayFileAndKeepsTheGateway() async throws {
            let content = sampleBytes(90_000, seed: 22)
            try await push(try here.folder.write("report", content), to: "/exchange/lab/report.bin")
            try await here.expectRecord("bob/report.bin", equals: content, for: "bob")
            let share = try await here.site.phr("bob", ["share", "bob/report.bin", "--to", "alice"])
            #expect(share.code == 0, "\(share.report)")
            try await here.expectRecord("bob/report.bin", equals: content, for: "alice")
            let plain = try await Program("curl").run([
                "--silent", "--show-error", "--fail", "--ssl-reqd", "--cacert", here.site.authority, "--user", here.login("labsys"),
                "ftp://\(here.server.explicit)/exchange/lab/report.bin",
            ])
            #expect(plain.code == 0 && plain.standardOutput == content, "\(plain.report)")
        }

        @Test func keepsNothingReadableOnDisk() async throws {
            let words = "patient-\(UInt64.random(in: 0 ... .max))-words"
            try await push(try here.folder.write("secret", Array(String(repeating: words, count: 5000).utf8)), to: "/inbox/alice/\(words).txt")
            let found = try await Program("grep").run(["-rlaF", "--", words, here.site.dataPath, here.site.folder.path("anchor")])
            #expect(found.code == 1, "plaintext on the server's disk: \(found.report)")
        }

        @Test func refusesAnotherServersCertificate() async throws {
            let other = try TemporaryFolder("other-ca")
            try await Program(Repository.path("scripts/make-certs")).succeed([other.path("tls")])
            let output = try await here.site.phr(
                "alice",
                [
                    "login", "--profile", "other", "ftps://alice@\(here.server.explicit)", "--ca", other.path("tls/ca.pem"), "--password-file",
                    here.site.folder.path("secrets/alice.password"),
                ])
            #expect(output.code == 69, "\(output.report)")
            let pinned = try await here.site.phr(
                "alice",
                [
                    "login", "--profile", "other", "ftps://alice@\(here.server.explicit)", "--pin", String(repeating: "0", count: 64), "--password-file",
                    here.site.folder.path("secrets/alice.password"),
                ])
            #expect(pinned.code == 69, "\(pinned.report)")
        }

        @Test func saysWhatIsMissing() async throws {
            let missing = try await here.site.phr("alice", ["get", "alice/not-there", here.folder.path("x")])
            #expect(missing.code == 80, "\(missing.report)")
            let usage = try await here.site.phr("alice", ["share", "alice/x"])
            #expect(usage.code == 64, "\(usage.report)")
            let password = try await here.site.phr(
                "alice",
                [
                    "login", "--profile", "other", "ftps://alice@\(here.server.explicit)", "--ca", here.site.authority, "--password-file",
                    here.site.folder.path("secrets/bob.password"),
                ])
            #expect(password.code == 79, "\(password.report)")
        }
    }
}
