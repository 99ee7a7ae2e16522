// Every published vector of EIP-2537, with every input that must be refused and for which reason.

import Testing

@testable import BLS12381

@Suite struct PrecompileTests {
    struct Vector: Decodable {
        var Name, Input: String
        var Expected, ExpectedError: String?
    }

    /// A file of vectors without its ending, the number of its vectors, and what they are run against.
    struct Operation: Sendable, CustomTestStringConvertible {
        var file: String
        var count: Int
        var run: @Sendable ([UInt8]) throws -> [[UInt8]]
        var testDescription: String { file }

        static let all: [Operation] = [
            Operation(file: "add_G1_bls", count: 9) { [try Precompiles.add($0, G1.self)] },
            Operation(file: "add_G2_bls", count: 9) { [try Precompiles.add($0, G2.self)] },
            Operation(file: "mul_G1_bls", count: 11) { try Precompiles.multiply($0, G1.self) },
            Operation(file: "mul_G2_bls", count: 11) { try Precompiles.multiply($0, G2.self) },
            Operation(file: "msm_G1_bls_upto16", count: 30) { try Precompiles.multiplySum($0, G1.self) },
            Operation(file: "map_fp_to_G1_bls", count: 5) { [try Precompiles.mapToG1($0)] },
            Operation(file: "map_fp2_to_G2_bls", count: 5) { [try Precompiles.mapToG2($0)] },
            Operation(file: "pairing_check_bls", count: 15) { try Precompiles.pairingCheck($0) },
        ]

        static let refusing: [Operation] = [
            Operation(file: "fail-add_G1_bls", count: 7) { [try Precompiles.add($0, G1.self)] },
            Operation(file: "fail-add_G2_bls", count: 7) { [try Precompiles.add($0, G2.self)] },
            Operation(file: "fail-mul_G1_bls", count: 8) { try Precompiles.multiply($0, G1.self) },
            Operation(file: "fail-mul_G2_bls", count: 8) { try Precompiles.multiply($0, G2.self) },
            Operation(file: "fail-msm_G1_bls", count: 8) { try Precompiles.multiplySum($0, G1.self) },
            Operation(file: "fail-msm_G2_bls", count: 8) { try Precompiles.multiplySum($0, G2.self) },
            Operation(file: "fail-map_fp_to_G1_bls", count: 5) { [try Precompiles.mapToG1($0)] },
            Operation(file: "fail-map_fp2_to_G2_bls", count: 5) { [try Precompiles.mapToG2($0)] },
            Operation(file: "fail-pairing_check_bls", count: 25) { try Precompiles.pairingCheck($0) },
        ]

        func vectors() throws -> [Vector] {
            let vectors: [Vector] = try VectorFiles.json("eip-2537/\(file).json")
            try #require(vectors.count == count)
            return vectors
        }
    }

    @Test(arguments: Operation.all) func givesThePublishedResult(operation: Operation) throws {
        for vector in try operation.vectors() {
            let results = try operation.run([UInt8](hexadecimal: vector.Input))
            for result in results { #expect(result.hexadecimal == vector.Expected, "\(vector.Name)") }
        }
    }

    @Test(arguments: Operation.refusing) func refusesForThePublishedReason(operation: Operation) throws {
        for vector in try operation.vectors() {
            let reason = try #require(vector.ExpectedError)
            do {
                _ = try operation.run([UInt8](hexadecimal: vector.Input))
                Issue.record("accepted: \(vector.Name)")
            } catch let error as PrecompileError {
                #expect(reason.hasSuffix(error.text), "\(vector.Name): \(error)")
            }
        }
    }
}
