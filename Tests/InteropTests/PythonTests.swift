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

    /// A script that cannot be read would otherwise be a test without cases.
    @Test(arguments: [("ftplib_cases.py", 4), ("protocol_cases.py", 20), ("transfer_cases.py", 20)])
    static func findsTheCases(script: String, atLeast count: Int) {
        #expect(Repository.cases(of: script).count >= count)
    }

    @Test static func findsTheRecords() {
        #expect(Repository.records.count == 26)
    }
}
