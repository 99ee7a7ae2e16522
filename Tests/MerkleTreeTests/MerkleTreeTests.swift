// Frontiers and proofs against a tree computed straight from its definition.

import CanonicalEncoding
import MerkleTree
import Testing

/// The definition of RFC 6962 §2.1, by recursion over all leaf hashes.
private func definitionRoot(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
    if leaves.isEmpty { return MerkleHash.empty }
    if leaves.count == 1, let only = leaves.first { return only }
    var width = 1
    while width * 2 < leaves.count { width *= 2 }
    let middle = leaves.startIndex + width
    return MerkleHash.node(definitionRoot(leaves[..<middle]), definitionRoot(leaves[middle...]))
}

private let leaves = (0..<300).map { MerkleHash.leaf([UInt8](String("leaf \($0)").utf8)) }

private func root(_ range: Range<UInt64>) -> [UInt8] { definitionRoot(leaves[Int(range.lowerBound)..<Int(range.upperBound)]) }

@Suite struct MerkleTreeTests {
    /// The roots of certificate-transparency's reference tree of eight leaves.
    @Test func agreesWithTheReferenceTree() throws {
        let inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ]
        var frontier = MerkleFrontier()
        for (input, root) in zip(inputs, roots) {
            frontier.append(leafHash: MerkleHash.leaf(try #require([UInt8](hexadecimal: input))))
            #expect(frontier.root.hexadecimal == root)
        }
        #expect(MerkleHash.empty.hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    /// The 700 leaves `entry 0` to `entry 699`, checked with Go's sumdb/tlog.
    @Test func hasTheFixedRootOf700Entries() {
        var frontier = MerkleFrontier()
        for index in 0..<700 { frontier.append(leafHash: MerkleHash.leaf([UInt8]("entry \(index)".utf8))) }
        #expect(frontier.root.base64 == "xw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JAc=")
        #expect(frontier.size == 700)
    }

    @Test func frontierFollowsTheDefinition() throws {
        var frontier = MerkleFrontier()
        #expect(frontier.root == MerkleHash.empty)
        for size in 1...leaves.count {
            frontier.append(leafHash: leaves[size - 1])
            #expect(frontier.root == definitionRoot(leaves[..<size]))
            #expect(frontier.hashes.count == frontier.size.nonzeroBitCount)
            #expect(try MerkleFrontier(size: frontier.size, hashes: frontier.hashes) == frontier)
        }
    }

    @Test func refusesAFrontierThatDoesNotFit() {
        #expect(throws: MerkleError.invalidFrontier(size: 3, hashCount: 1)) { try MerkleFrontier(size: 3, hashes: [leaves[0]]) }
        #expect(throws: MerkleError.invalidFrontier(size: 0, hashCount: 1)) { try MerkleFrontier(size: 0, hashes: [leaves[0]]) }
        #expect(throws: MerkleError.invalidHashLength(31)) { try MerkleFrontier(size: 1, hashes: [Array(leaves[0].dropLast())]) }
    }

    @Test func rootFromCompleteSubtreesFollowsTheDefinition() {
        for size in 0...UInt64(leaves.count) {
            let result = MerkleProof.root(of: 0..<size) { range in
                let count = range.upperBound - range.lowerBound
                #expect(count.nonzeroBitCount == 1 && range.lowerBound % count == 0)
                return root(range)
            }
            #expect(result == root(0..<size))
        }
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 70, 128]) func inclusionProofsVerifyForEveryLeaf(size: UInt64) throws {
        let treeRoot = root(0..<size)
        for index in 0..<size {
            let path = MerkleProof.inclusionPath(index: index, size: size, subtreeRoot: root)
            try MerkleProof.verifyInclusion(leafHash: leaves[Int(index)], index: index, size: size, path: path, root: treeRoot)
            #expect(throws: MerkleError.self) {
                try MerkleProof.verifyInclusion(
                    leafHash: leaves[Int(index) + 1], index: index, size: size, path: path, root: treeRoot)
            }
            for other in 0..<size where other != index {
                #expect(throws: MerkleError.self) {
                    try MerkleProof.verifyInclusion(leafHash: leaves[Int(index)], index: other, size: size, path: path, root: treeRoot)
                }
            }
        }
    }

    @Test func consistencyProofsVerifyForEveryPairOfSizes() throws {
        for to in 1...UInt64(70) {
            for from in 1...to {
                let path = MerkleProof.consistencyPath(from: from, to: to, subtreeRoot: root)
                try MerkleProof.verifyConsistency(from: from, to: to, path: path, fromRoot: root(0..<from), toRoot: root(0..<to))
                #expect(throws: MerkleError.self) {
                    try MerkleProof.verifyConsistency(
                        from: from, to: to, path: path + [leaves[0]], fromRoot: root(0..<from), toRoot: root(0..<to))
                }
                #expect(throws: MerkleError.self) {
                    try MerkleProof.verifyConsistency(from: from, to: to, path: path, fromRoot: leaves[299], toRoot: root(0..<to))
                }
            }
        }
    }

    @Test func everyChangedBitOfAProofIsRefused() throws {
        let path = MerkleProof.inclusionPath(index: 20, size: 70, subtreeRoot: root)
        let consistency = MerkleProof.consistencyPath(from: 45, to: 70, subtreeRoot: root)
        func flipped(_ path: [[UInt8]], _ hash: Int, _ bit: Int) -> [[UInt8]] {
            var changed = path
            changed[hash][bit / 8] ^= 1 << (bit % 8)
            return changed
        }
        for bit in 0..<256 {
            for hash in path.indices {
                #expect(throws: MerkleError.rootMismatch) {
                    try MerkleProof.verifyInclusion(leafHash: leaves[20], index: 20, size: 70, path: flipped(path, hash, bit), root: root(0..<70))
                }
            }
            for hash in consistency.indices {
                #expect(throws: MerkleError.rootMismatch) {
                    try MerkleProof.verifyConsistency(
                        from: 45, to: 70, path: flipped(consistency, hash, bit), fromRoot: root(0..<45), toRoot: root(0..<70))
                }
            }
        }
    }

    @Test func refusesSizesAndLengthsThatCannotBe() {
        let hash = leaves[0]
        #expect(throws: MerkleError.indexOutOfRange(index: 1, size: 1)) {
            try MerkleProof.verifyInclusion(leafHash: hash, index: 1, size: 1, path: [], root: hash)
        }
        #expect(throws: MerkleError.indexOutOfRange(index: 0, size: 0)) {
            try MerkleProof.verifyInclusion(leafHash: hash, index: 0, size: 0, path: [], root: MerkleHash.empty)
        }
        #expect(throws: MerkleError.invalidSizes(from: 0, to: 1)) {
            try MerkleProof.verifyConsistency(from: 0, to: 1, path: [], fromRoot: MerkleHash.empty, toRoot: hash)
        }
        #expect(throws: MerkleError.invalidSizes(from: 2, to: 1)) {
            try MerkleProof.verifyConsistency(from: 2, to: 1, path: [], fromRoot: hash, toRoot: hash)
        }
        #expect(throws: MerkleError.invalidHashLength(1)) {
            try MerkleProof.verifyInclusion(leafHash: hash, index: 0, size: 2, path: [[0]], root: hash)
        }
        #expect(throws: MerkleError.invalidPathLength(0)) {
            try MerkleProof.verifyInclusion(leafHash: hash, index: 0, size: .max, path: [], root: hash)
        }
    }
}
