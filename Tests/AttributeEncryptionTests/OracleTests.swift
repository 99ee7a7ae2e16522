// A second implementation, in Python over mcl, written from docs/formats/attribute-keys.md: both make and open each other's headers.

import AttributeEncryption
import CanonicalEncoding
import Crypto
import Foundation
import ProgramFixtures
import Testing

/// What Tests/Scripts/attribute_oracle.py is asked. Bytes are hexadecimal.
private struct Request: Encodable {
    var op: String
    var header: String?
    var keys: [String]?
    var month: String?
    var policy: String?
    var records: [String: String]?
    var message: String?
    var publicKey: String?
    var attributes: [String]?
    var transformKey: String?
    var associatedData: String

    static func open(_ header: String, keys: [String], associatedData: String, month: String) -> Request {
        Request(op: "open", header: header, keys: keys, month: month, associatedData: associatedData)
    }

    static func seal(_ policy: String, records: [String: String], associatedData: String, message: String) -> Request {
        Request(op: "seal", policy: policy, records: records, message: message, associatedData: associatedData)
    }

    static func openEntry(_ header: String, key: String, associatedData: String) -> Request {
        Request(op: "openEntry", header: header, keys: [key], associatedData: associatedData)
    }

    static func sealEntry(_ attributes: [String], publicKey: String, associatedData: String, message: String) -> Request {
        Request(op: "sealEntry", message: message, publicKey: publicKey, attributes: attributes, associatedData: associatedData)
    }

    static func transform(_ header: String, with transformKey: String) -> Request {
        Request(op: "transform", header: header, transformKey: transformKey, associatedData: "")
    }
}

private struct Answer: Decodable {
    var header: String?
    var transformed: String?
    var key: String?
    var error: String?
    var reason: String?
}

private enum Oracle {
    static func answers(_ requests: [Request]) async throws -> [Answer] {
        let encoder = JSONEncoder()
        let lines = try requests.map { try encoder.encode($0) }
        let output = try await Program("python3").run(
            [Repository.path("Tests/Scripts/attribute_oracle.py")], input: Array(lines.joined(separator: Data("\n".utf8))), limit: .seconds(300))
        try #require(output.code == 0, "run scripts/setup test first? \(output.report)")
        let answers = try output.standardOutput.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(Answer.self, from: Data($0)) }
        try #require(answers.count == requests.count)
        return answers
    }

    /// The oracle does not say why keys do not satisfy a policy.
    static func code(_ code: String) -> String {
        ["expired", "revoked", "wrongEpoch", "wrongIdentity"].contains(code) ? "notSatisfied" : code
    }
}

@Suite struct OracleTests {
    @Test func makesThePublishedHeaders() async throws {
        let file = try VectorFile.read()
        let answers = try await Oracle.answers(
            file.headers.map { vector in
                let authorities = try vector.authorities.map { try file.authority($0) }
                return .seal(
                    vector.canonicalPolicy, records: Dictionary(uniqueKeysWithValues: authorities.map { ($0.account, $0.record) }),
                    associatedData: vector.associatedData, message: vector.message)
            })
        for (vector, answer) in zip(file.headers, answers) {
            #expect(answer.header == vector.header && answer.key == vector.key, "\(vector.name): \(answer.reason ?? "")")
        }
    }

    @Test func judgesThePublishedHeaders() async throws {
        let file = try VectorFile.read()
        var requests: [Request] = []
        var expected: [(name: String, key: String?, error: String?)] = []
        for vector in file.headers {
            for trial in vector.trials {
                let keys = try trial.keys.map { try file.key($0).encoding }
                requests.append(.open(vector.header, keys: keys, associatedData: vector.associatedData, month: trial.month))
                let isGood = trial.expect == "success"
                expected.append((vector.name, isGood ? vector.key : nil, isGood ? nil : Oracle.code(trial.expect)))
            }
        }
        for vector in file.refusals {
            let keys = try vector.keys.map { try file.key($0).encoding }
            requests.append(.open(vector.header, keys: keys, associatedData: vector.associatedData, month: vector.month))
            expected.append((vector.name, nil, Oracle.code(vector.expect)))
        }
        for (expected, answer) in zip(expected, try await Oracle.answers(requests)) {
            #expect(answer.key == expected.key && answer.error == expected.error, "\(expected.name): \(answer.reason ?? "")")
        }
    }

    @Test func makesAndJudgesThePublishedEntries() async throws {
        let file = try KeyPolicyFile.read()
        let made = try await Oracle.answers(
            file.entries.map { .sealEntry($0.attributes, publicKey: file.publicKey, associatedData: $0.associatedData, message: $0.message) })
        for (entry, answer) in zip(file.entries, made) {
            #expect(answer.header == entry.header && answer.key == entry.key, "\(entry.attributes): \(answer.reason ?? "")")
        }
        let pairs = file.entries.flatMap { entry in file.keys.map { (entry: entry, key: $0) } }
        let opened = try await Oracle.answers(pairs.map { .openEntry($0.entry.header, key: $0.key.encoding, associatedData: $0.entry.associatedData) })
        for (pair, answer) in zip(pairs, opened) {
            let opens = pair.entry.opens.contains(pair.key.policy)
            #expect(answer.key == (opens ? pair.entry.key : nil) && answer.error == (opens ? nil : "notSatisfied"), "\(pair.key.policy)")
        }
    }

    @Test func transformsThePublishedHeaders() async throws {
        let file = try VectorFile.read()
        let vectors = try TransformVector.read()
        let answers = try await Oracle.answers(try vectors.map { .transform(try file.header($0.header).header, with: $0.transformKey) })
        for (vector, answer) in zip(vectors, answers) { #expect(answer.transformed == vector.transformed, "\(vector.header): \(answer.reason ?? "")") }
    }

    /// Random policies, authorities and holders, new ones in every run, in both directions.
    @Test func agreesOnRandomPolicies() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        let world = try RandomWorld()
        let cases = try (0..<48).map { _ in try world.randomCase(using: &random) }
        let opened = try await Oracle.answers(
            cases.map { .open($0.header, keys: $0.keys, associatedData: $0.associatedData, month: World.month.description) })
        let sealed = try await Oracle.answers(
            cases.map { .seal($0.policy.text, records: world.records, associatedData: $0.associatedData, message: $0.message) })
        for (index, sample) in cases.enumerated() {
            let context: Comment = "seed \(seed): \(sample.policy), bit \(sample.held)"
            #expect(sealed[index].header == sample.header && sealed[index].key == sample.key, context)
            #expect(opened[index].key == (sample.isSatisfied ? sample.key : nil), context)
            #expect(opened[index].error == (sample.isSatisfied ? nil : "notSatisfied"), context)
            // What the oracle sealed opens here, for the same holders.
            let header = try bytes(#require(sealed[index].header))
            let keys = try sample.keys.map { try AttributeKey(decoding: bytes($0)) }
            let key = try? KeyEncapsulation.decapsulate(header, keys: keys, associatedData: bytes(sample.associatedData), at: World.month)
            #expect(key?.hexadecimal == (sample.isSatisfied ? sample.key : nil), context)
        }
        // Of both kinds and suites there are enough.
        #expect(cases.count { $0.isSatisfied } >= 8 && cases.count { !$0.isSatisfied } >= 4, "seed \(seed)")
        #expect(cases.count { $0.policy.authorities.count == 1 } >= 4 && cases.count { $0.policy.authorities.count > 1 } >= 16, "seed \(seed)")
    }

    /// A wrong header must not pass, or the tests above say nothing.
    @Test func oracleRefusesAChangedHeader() async throws {
        let vector = try #require(VectorFile.read().headers.first)
        let keys = try VectorFile.read().keys.map(\.encoding)
        var header = try bytes(vector.header)
        header[header.count - 1] ^= 1
        let answers = try await Oracle.answers([
            .open(header.hexadecimal, keys: keys, associatedData: vector.associatedData, month: vector.month),
            .open(vector.header, keys: keys, associatedData: vector.associatedData, month: vector.month),
        ])
        #expect(answers.map(\.error) == ["tampered", nil])
        #expect(answers[1].key == vector.key)
    }
}

/// Three authorities, one with revoked members, and what a holder may have of them.
private struct RandomWorld {
    struct Case {
        let policy: Policy
        /// Bit i stands for the i-th clause.
        let held: UInt16
        let keys: [String]
        let associatedData: String
        let message: String
        let header: String
        let key: String
        let isSatisfied: Bool
    }

    let authorities: [World.Authority]

    /// A policy asks for these; a holder of the attribute beside it meets it.
    private static let clauses: [(text: String, attribute: String)] = [
        ("a:x", "x"), ("a:y", "y"), ("a:level >= 40", "level=41"), ("b:x", "x"), ("b:role=Ärztin", "role=Ärztin"),
        ("b:since in 2020-03-01..2026-02-28", "since=2024-02-29"), ("c:x", "x"), ("c:valid in 2026-11", ""),
    ]

    init() throws {
        authorities = [try World.Authority("a"), try World.Authority("b", revoked: [7, 40]), try World.Authority("c", epoch: 3)]
    }

    var records: [String: String] { Dictionary(uniqueKeysWithValues: authorities.map { ($0.name, $0.record.encoded().hexadecimal) }) }

    func randomCase(using random: inout SeededGenerator) throws -> Case {
        let clauses = try Self.clauses.map { try #require(Policy(parsing: $0.text).root.clauses.first) }
        // Every third policy is about one authority.
        let choice = Int.random(in: 0..<9, using: &random)
        let usable = choice < 3 ? clauses.filter { $0.authority == authorities[choice].name } : clauses
        let node = PolicyNode.random(leaves: Int.random(in: 1...7, using: &random), clauses: usable, using: &random)
        let policy = try Policy(normalizing: node)
        let held = UInt16.random(in: 0..<256, using: &random) | UInt16.random(in: 0..<256, using: &random)
        let isRevoked = Int.random(in: 0..<6, using: &random) == 0
        var keys: [String] = []
        for authority in authorities {
            let attributes = Self.clauses.indices.filter { held >> $0 & 1 == 1 && Self.clauses[$0].text.hasPrefix("\(authority.name):") }
                .map { Self.clauses[$0].attribute }.filter { !$0.isEmpty }
            let leaf: UInt32 = isRevoked ? 40 : 11
            let key = try authority.issue(World.doctor, attributes + ["other"], leaf: leaf)
            keys.append(key.withEncoded { $0.hexadecimal })
        }
        let message = (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
        let associatedData = (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        let (header, key) = try KeyEncapsulation.encapsulate(
            policy, authorities: Dictionary(uniqueKeysWithValues: authorities.map { ($0.name, $0.record) }), associatedData: associatedData,
            message: SymmetricKey(data: message))
        let isSatisfied = node.isSatisfied { clause in
            guard let index = clauses.firstIndex(of: clause), !(isRevoked && clause.authority == "b") else { return false }
            return held >> index & 1 == 1 || Self.clauses[index].attribute.isEmpty
        }
        return Case(
            policy: policy, held: held, keys: keys, associatedData: associatedData.hexadecimal, message: message.hexadecimal,
            header: header.hexadecimal, key: key.hexadecimal, isSatisfied: isSatisfied)
    }
}
