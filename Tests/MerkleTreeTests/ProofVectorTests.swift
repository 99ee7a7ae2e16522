// The published inclusion and consistency proofs of transparency-dev/merkle.

import Foundation
import MerkleTree
import Testing

@Suite struct ProofVectorTests {
    private struct Inclusion: Decodable {
        let leafIdx: UInt64
        let treeSize: UInt64
        let root: Data?
        let leafHash: Data?
        let proof: [Data]?
        let wantErr: Bool
    }

    private struct Consistency: Decodable {
        let size1: UInt64
        let size2: UInt64
        let root1: Data?
        let root2: Data?
        let proof: [Data]?
        let wantErr: Bool
    }

    @Test func inclusionVectorsAreAllJudgedRight() throws {
        let vectors = try Self.load("inclusion", as: Inclusion.self)
        #expect(vectors.count == 98)
        for (name, vector) in vectors {
            let isAccepted =
                (try? MerkleProof.verifyInclusion(
                    leafHash: Self.bytes(vector.leafHash), index: vector.leafIdx, size: vector.treeSize,
                    path: (vector.proof ?? []).map { Array($0) }, root: Self.bytes(vector.root))) != nil
            #expect(isAccepted == !vector.wantErr, "\(name)")
        }
    }

    @Test func consistencyVectorsAreAllJudgedRight() throws {
        let vectors = try Self.load("consistency", as: Consistency.self)
        #expect(vectors.count == 98)
        for (name, vector) in vectors {
            let isAccepted =
                (try? MerkleProof.verifyConsistency(
                    from: vector.size1, to: vector.size2, path: (vector.proof ?? []).map { Array($0) },
                    fromRoot: Self.bytes(vector.root1), toRoot: Self.bytes(vector.root2))) != nil
            #expect(isAccepted == !vector.wantErr, "\(name)")
        }
    }

    private static func bytes(_ data: Data?) -> [UInt8] { Array(data ?? Data()) }

    private static func load<Vector: Decodable>(_ kind: String, as type: Vector.Type) throws -> [(String, Vector)] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Vectors/transparency-dev-merkle/\(kind)")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.sorted()
        return try names.map { name in
            (name, try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(name))))
        }
    }
}
