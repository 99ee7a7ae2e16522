/// Attacks on the real server, by scripts: every function in them is a case.
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite(.site) struct DataAttackTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "attack_cases.py")) func attack(name: String) async throws {
            try await here.runCase(name, of: "attack_cases.py")
        }
    }

    @Suite(.site) struct StoreAttackTests {
        let here = try! Surroundings()

        @Test(arguments: Repository.cases(of: "store_attack_cases.py")) func attack(name: String) async throws {
            try await here.runCase(name, of: "store_attack_cases.py")
        }
    }

    @Test(arguments: [("attack_cases.py", 8), ("store_attack_cases.py", 8)])
    static func findsTheAttacks(script: String, atLeast count: Int) {
        #expect(Repository.cases(of: script).count >= count)
    }
}
