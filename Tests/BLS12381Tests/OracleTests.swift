// Random cases against arkworks, mcl, blst and py_ecc, in both directions: new ones in every run.

import BLS12381
import Foundation
import Testing

@Suite struct OracleTests {
    private static let script = Python.script("bls12381_oracle.py")

    /// The libraries' cases, solved here.
    @Test func solvesCasesAsOtherLibrariesDo() throws {
        // A failure names the seed: `bls12381_oracle.py cases SEED` gives the same cases again.
        let seed = String(UInt64.random(in: 0 ... .max), radix: 16)
        let output = try Python.run([Self.script, "cases", seed])
        try #require(output.status == 0, "seed \(seed): run scripts/setup test first? \(output.errors)")
        var counts: [String: Int] = [:]
        for line in output.text.split(separator: "\n") {
            let answered = try JSONDecoder().decode(OracleCase.self, from: Data(line.utf8))
            #expect(try answered.solved() == answered, "seed \(seed)")
            counts[answered.op, default: 0] += 1
        }
        let expected = [
            "add": 300, "sum": 380, "decode": 400, "decodeLong": 300, "hash": 200, "encode": 120, "map": 120, "expand": 150,
            "scalar": 150, "reduce": 150, "pairing": 110, "power": 80, "gt": 30,
        ]
        #expect(counts == expected, "seed \(seed)")
    }

    /// Our cases, with points and messages of our own choice, checked there.
    @Test func givesResultsThatOtherLibrariesConfirm() throws {
        let cases = try (0..<25).flatMap { round in try Self.cases(round).map { try $0.solved() } }
        let encoder = JSONEncoder()
        let lines = try cases.map { try encoder.encode($0) }
        let output = try Python.run([Self.script, "check"], input: Data(lines.joined(separator: Data("\n".utf8))))
        try #require(output.status == 0, "\(output.errors)")
        let counts = try JSONDecoder().decode([String: Int].self, from: Data(output.text.utf8))
        #expect(counts.values.reduce(0, +) == cases.count)
        #expect(counts.count == 11 && counts.values.allSatisfy { $0 >= 25 })
    }

    /// A wrong result must not pass, or the two tests above say nothing.
    @Test func oracleRefusesAWrongResult() throws {
        var wrong = OracleCase("add", "g1")
        wrong.points = [G1.generator.compressed.hexadecimal, G1.generator.compressed.hexadecimal]
        wrong.result = G1.generator.compressed.hexadecimal
        let output = try Python.run([Self.script, "check"], input: JSONEncoder().encode(wrong))
        #expect(output.status == 1 && output.errors.contains("wrong: "))
    }

    private static func random(_ count: Int) -> String {
        (0..<count).map { _ in UInt8.random(in: .min ... .max) }.hexadecimal
    }

    private static func scalars(_ count: Int) -> [String] { (0..<count).map { _ in Scalar.random().bytes.hexadecimal } }

    /// One case of each operation, of some for each group.
    private static func cases(_ round: Int) throws -> [OracleCase] {
        func points(_ group: String, _ count: Int) -> [String] {
            (0..<count).map { _ in
                let scalar = Scalar.random()
                return (group == "g1" ? (G1.generator * scalar).compressed : (G2.generator * scalar).compressed).hexadecimal
            }
        }
        func filled(_ op: String, _ group: String? = nil, _ fill: (inout OracleCase) throws -> Void) rethrows -> OracleCase {
            var filled = OracleCase(op, group)
            try fill(&filled)
            return filled
        }
        var cases: [OracleCase] = []
        for group in ["g1", "g2"] {
            cases.append(filled("add", group) { $0.points = points(group, 2) })
            cases.append(filled("sum", group) { ($0.points, $0.scalars) = (points(group, 1 + round), scalars(1 + round)) })
            cases.append(filled("hash", group) { ($0.message, $0.domain) = (random(7 * round), random(1 + 20 * round)) })
            cases.append(filled("encode", group) { ($0.message, $0.domain) = (random(5 * round), random(1 + 20 * round)) })
            cases.append(filled("decode", group) { $0.bytes = points(group, 1)[0] })
            cases.append(
                try filled("decodeLong", group) {
                    let bytes = try [UInt8](hexadecimal: points(group, 1)[0])
                    $0.bytes = try (group == "g1" ? G1(compressed: bytes).uncompressed : G2(compressed: bytes).uncompressed).hexadecimal
                })
        }
        cases.append(filled("expand") { ($0.message, $0.domain, $0.count) = (random(round), random(256), 1 + 300 * round) })
        cases.append(filled("scalar") { $0.scalars = scalars(2) })
        cases.append(filled("reduce") { $0.bytes = random(64 - round) })
        cases.append(filled("pairing") { ($0.points, $0.others) = (points("g1", round % 6), points("g2", round % 6)) })
        cases.append(filled("power") { ($0.points, $0.others, $0.scalars) = (points("g1", 1), points("g2", 1), scalars(1)) })
        return cases
    }
}
