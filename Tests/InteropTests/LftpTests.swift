/// lftp: parallel mirrors, resumed uploads, and a second mirror that finds nothing to do.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct LftpTests {
        let here = try! Surroundings()

        func lftp(_ commands: String, user: String = "stmary", limit: Duration = .seconds(100)) async throws -> ProgramOutput {
            let settings = """
                set cmd:fail-exit yes; set net:timeout 15; set net:max-retries 2; set net:reconnect-interval-base 1; set ftp:ssl-force yes;
                set ftp:ssl-protect-data yes; set ssl:ca-file \(here.site.authority); set xfer:clobber yes;
                open -u \(user),\(here.password(user)) ftp://\(here.server.explicit);
                """
            return try await Program("lftp", environment: ["HOME": here.folder.path]).run(["-c", settings + commands], limit: limit)
        }

        @Test func putsAndGets() async throws {
            let source = try here.folder.write("single.bin", sampleBytes(200_000))
            let put = try await lftp("put -O /inbox/alice \(source)")
            #expect(put.code == 0, "\(put.report)")
            try await here.expectRecord("alice/single.bin", equals: sampleBytes(200_000))
            let get = try await lftp("put -O /exchange/lab \(source); get /exchange/lab/single.bin -o \(here.folder.path("back.bin"))")
            #expect(get.code == 0, "\(get.report)")
            #expect(try here.folder.read("back.bin") == sampleBytes(200_000))
        }

        @Test func mirrorsInParallelAndTheSecondTimeSendsNothing() async throws {
            for number in 0..<60 { try here.folder.write("tree/\(number % 3)/deep/file-\(number).txt", sampleBytes(1000 + number * 37, seed: UInt64(number))) }
            let mirror = "mirror -R -P4 --verbose=3 \(here.folder.path("tree")) /inbox/alice/tree"
            let first = try await lftp(mirror)
            #expect(first.code == 0, "\(first.report)")
            try await here.expectRecord("alice/tree/2/deep/file-59.txt", equals: sampleBytes(1000 + 59 * 37, seed: 59))
            let second = try await lftp(mirror)
            #expect(second.code == 0, "\(second.report)")
            #expect(!(second.text + second.complaint).contains("Transferring file"), "\(second.report)")
            let info = try await here.site.phr("alice", ["info", "--json", "alice/tree/0/deep/file-0.txt"])
            #expect(info.text.contains("\"version\":1") || info.text.contains("\"version\" : 1"), "\(info.report)")
        }

        @Test func mirrorsDownInParallel() async throws {
            for number in 0..<40 { try here.folder.write("lab/m-\(number)", sampleBytes(5000, seed: UInt64(number))) }
            let up = try await lftp("mirror -R -P4 \(here.folder.path("lab")) /exchange/lab/mirrored")
            #expect(up.code == 0, "\(up.report)")
            let down = try await lftp("mirror -P4 /exchange/lab/mirrored \(here.folder.path("down"))", user: "labsys")
            #expect(down.code == 0, "\(down.report)")
            for number in 0..<40 { #expect(try here.folder.read("down/m-\(number)") == sampleBytes(5000, seed: UInt64(number))) }
        }

        @Test func resumesAnUploadThatWasCut() async throws {
            let content = sampleBytes(12_000_000, seed: 5)
            let source = try here.folder.write("large.bin", content)
            let cut = try Program("lftp", environment: ["HOME": here.folder.path]).start([
                "-c",
                "set net:limit-total-rate 0:3000000; set ftp:ssl-force yes; set ssl:ca-file \(here.site.authority); open -u stmary,\(here.password("stmary")) ftp://\(here.server.explicit); put -O /inbox/alice \(source)",
            ])
            try await Task.sleep(for: .seconds(2))
            cut.signal(SIGKILL)
            _ = try await cut.finish(limit: .seconds(5))
            try await Task.sleep(for: .milliseconds(500))
            let before = try await lftp("cls -1 /inbox/alice/")
            #expect(!before.lines.contains("large.bin"), "a cut-off upload is visible")
            let resumed = try await lftp("put -c -O /inbox/alice \(source)")
            #expect(resumed.code == 0, "\(resumed.report)\n\(here.server.log.suffix(3000))")
            try await here.expectRecord("alice/large.bin", equals: content)
            let info = try await here.site.phr("alice", ["info", "--json", "alice/large.bin"])
            #expect(info.text.contains("\"memberCount\":2") || info.text.contains("\"memberCount\" : 2"), "it was not resumed: \(info.report)")
        }

        @Test func renamesAndRemoves() async throws {
            let source = try here.folder.write("named.tmp", sampleBytes(100))
            let output = try await lftp(
                "mkdir -p /inbox/alice/a/b; put -O /inbox/alice/a/b \(source); mv /inbox/alice/a/b/named.tmp /inbox/alice/a/b/named; cls -1 /inbox/alice/a/b/; rm -r /inbox/alice/a; cls -1 /inbox/alice/"
            )
            #expect(output.code == 0, "\(output.report)")
            #expect(output.lines.first?.hasSuffix("named") == true, "\(output.report)")
            #expect(!output.lines.dropFirst().contains("a/"))
        }
    }
}
