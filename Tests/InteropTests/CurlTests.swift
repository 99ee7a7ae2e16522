/// curl: one of the clients that a script uses, with a session cache of its own kind.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct CurlTests {
        let here = try! Surroundings()

        func curl(_ arguments: [String], user: String = "stmary", limit: Duration = .seconds(60)) async throws -> ProgramOutput {
            try await Program("curl").run(
                ["--silent", "--show-error", "--fail", "--max-time", "50", "--ssl-reqd", "--cacert", here.site.authority, "--user", here.login(user)]
                    + arguments,
                limit: limit)
        }

        @Test(arguments: [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"]])
        func uploadsSeveralFilesInOneRun(version: [String]) async throws {
            let folder = "tls-\(version.count)"
            var names: [String] = []
            for number in 0..<20 {
                names.append("file-\(number)")
                try here.folder.write("file-\(number)", sampleBytes(10_000 + number, seed: UInt64(number)))
            }
            let output = try await curl(
                version + [
                    "--ftp-create-dirs", "-T", "{\(names.map { here.folder.path($0) }.joined(separator: ","))}",
                    "ftp://\(here.server.explicit)/inbox/alice/\(folder)/",
                ])
            #expect(output.code == 0, "\(output.report)")
            for number in [0, 19] {
                try await here.expectRecord("alice/\(folder)/file-\(number)", equals: sampleBytes(10_000 + number, seed: UInt64(number)))
            }
            let listing = try await curl(version + ["--list-only", "ftp://\(here.server.explicit)/inbox/alice/\(folder)/"])
            #expect(listing.lines.map { $0.trimmingCharacters(in: .whitespaces) }.sorted() == names.sorted(), "\(listing.report)")
        }

        @Test(arguments: [["--tlsv1.2", "--tls-max", "1.2"], ["--tlsv1.3"]])
        func downloadsSeveralFilesInOneRun(version: [String]) async throws {
            let content = sampleBytes(300_000, seed: 7)
            let source = try here.folder.write("plain", content)
            let urls = (0..<5).map { "ftp://\(here.server.explicit)/exchange/lab/curl-\(version.count)-\($0)" }
            for url in urls {
                let output = try await curl(version + ["-T", source, url])
                #expect(output.code == 0, "\(output.report)")
            }
            let output = try await curl(version + urls.enumerated().flatMap { ["-o", here.folder.path("got-\($0.offset)"), $0.element] }, user: "labsys")
            #expect(output.code == 0, "\(output.report)")
            for number in 0..<5 { #expect(try here.folder.read("got-\(number)") == content) }
        }

        @Test func worksWithImplicitTLS() async throws {
            let source = try here.folder.write("implicit", sampleBytes(5000))
            let output = try await curl(["-T", source, "ftps://\(here.server.implicit)/inbox/alice/implicit"])
            #expect(output.code == 0, "\(output.report)")
            try await here.expectRecord("alice/implicit", equals: sampleBytes(5000))
        }

        @Test func resumesADownload() async throws {
            let content = sampleBytes(500_000, seed: 3)
            let source = try here.folder.write("whole", content)
            #expect(try await curl(["-T", source, "ftp://\(here.server.explicit)/exchange/lab/resumed"]).code == 0)
            let part = try here.folder.write("part", Array(content[..<123_456]))
            let output = try await curl(["-C", "-", "-o", part, "ftp://\(here.server.explicit)/exchange/lab/resumed"], user: "labsys")
            #expect(output.code == 0, "\(output.report)")
            #expect(try here.folder.read("part") == content)
        }

        @Test func refusesAnUnknownAuthority() async throws {
            let output = try await Program("curl").run(
                ["--silent", "--show-error", "--max-time", "20", "--ssl-reqd", "--user", here.login("stmary"), "ftp://\(here.server.explicit)/"])
            #expect(output.code == 60, "\(output.report)")
        }

        @Test func isRefusedWithoutTLS() async throws {
            let output = try await Program("curl").run(
                ["--silent", "--show-error", "--max-time", "20", "--user", here.login("stmary"), "ftp://\(here.server.explicit)/"])
            #expect(output.code == 67, "\(output.report)")
        }
    }
}
