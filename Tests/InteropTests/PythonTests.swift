/// Python's ftplib, and the raw clients of Tests/Scripts: every function in those scripts is a case.
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct FtplibTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "ftplib_cases.py")) func ftplib(name: String) async throws {
            try await here.runCase(name, of: "ftplib_cases.py")
        }
    }

    @Suite(.site) struct ProtocolTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "protocol_cases.py")) func controlConnection(name: String) async throws {
            try await here.runCase(name, of: "protocol_cases.py")
        }
    }

    @Suite(.site) struct TransferTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "transfer_cases.py")) func transfer(name: String) async throws {
            try await here.runCase(name, of: "transfer_cases.py")
        }
    }

    @Suite(.site) struct FactTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "facts_cases.py")) func fact(name: String) async throws {
            try await here.runCase(name, of: "facts_cases.py")
        }

        @Test func aPartThatWasAskedForIsNoCutOffDownload() async throws {
            try await here.runCase("gives_the_part_that_was_asked_for", of: "facts_cases.py")
            let shown = try await here.site.administer(["audit", "show", "--account", "stmary"])
            let part = try #require(shown.lines.last { $0.contains("\"event\":\"retrieved\"") && $0.contains("\"bytes\":12345") })
            #expect(part.contains("\"outcome\":\"success\""), "\(part)")
        }
    }

    @Suite(.site) struct PartnerTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "partner_cases.py")) func partner(name: String) async throws {
            try await here.runCase(name, of: "partner_cases.py")
        }

        /// What its owner finds after twenty appends of a sender that cannot read it.
        @Test func appendsReachTheOwnerWhole() async throws {
            var whole: [UInt8] = []
            for number in 0..<20 {
                let message = Array("MSH|^~\\&|LAB||||20260101||ORU^R01|\(number)|P|2.5\r".utf8)
                whole += message
                try await Program("curl").succeed([
                    "--silent", "--show-error", "--fail", "--ssl-reqd", "--cacert", here.site.authority, "--user", here.login("stmary"), "--append", "-T",
                    try here.folder.write("message", message), "ftp://\(here.server.explicit)/inbox/alice/appended-often.hl7",
                ])
            }
            try await here.expectRecord("alice/appended-often.hl7", equals: whole)
        }
    }

    @Suite(.site) struct AccessTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "access_cases.py")) func access(name: String) async throws {
            try await here.runCase(name, of: "access_cases.py")
        }
    }

    @Suite(.site) struct KeyUpdateTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "key_update_cases.py")) func keyUpdate(name: String) async throws {
            try await here.runCase(name, of: "key_update_cases.py")
        }
    }

    /// A script that cannot be read would otherwise be a test without cases.
    @Test(arguments: [
        ("ftplib_cases.py", 4), ("protocol_cases.py", 20), ("transfer_cases.py", 20), ("partner_cases.py", 15), ("facts_cases.py", 15), ("access_cases.py", 2),
        ("key_update_cases.py", 3),
    ])
    static func findsTheCases(script: String, atLeast count: Int) {
        #expect(Repository.cases(of: script).count >= count)
    }

    @Test static func bothProgramsHaveOneVersion() async throws {
        let versions = [try await Repository.program("phrd").succeed(["--version"]).lines, try await Repository.program("phr").succeed(["--version"]).lines]
        #expect(versions[0] == versions[1] && versions[0].count == 1, "\(versions)")
    }

    @Test static func findsTheRecords() {
        #expect(Repository.records.count == 26)
    }
}
