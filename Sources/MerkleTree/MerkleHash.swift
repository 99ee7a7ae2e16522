// The two hashes of an RFC 6962 tree.

private import Crypto

/// SHA-256 with the domain bytes that keep leaves and nodes apart. Source: RFC 6962 §2.1, RFC 9162 §2.1.1.
package enum MerkleHash {
    package static let byteCount = 32

    /// The root of a tree without leaves: SHA-256 of nothing.
    package static let empty: [UInt8] = Array(SHA256().finalize())

    /// The hash of a leaf's content: SHA-256(0x00 ‖ data).
    package static func leaf(_ data: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: leafPrefix)
        hash.update(data: data)
        return Array(hash.finalize())
    }

    /// The hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
    package static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var input: [UInt8] = []
        input.reserveCapacity(1 + left.count + right.count)
        input.append(1)
        input.append(contentsOf: left)
        input.append(contentsOf: right)
        return Array(SHA256.hash(data: input))
    }

    private static let leafPrefix: [UInt8] = [0]
}
