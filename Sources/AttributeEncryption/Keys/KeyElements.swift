// The secret elements of a key beside the names they are for.

internal import BLS12381
internal import Crypto

/// Points of one issuance, for each name in byte order, behind the common ones. Points are decoded when they are used.
///
///     sk' 48 ‖ sk'' 96 ‖ K4 48 ‖ (sk_u 48 ‖ K1_u 96) …
struct KeyElements: Sendable {
    static let commonByteCount = 48 + 96 + 48
    static let byteCountOfName = 48 + 96
    static let nameLimit = 2048

    /// Sorted by bytes, each once.
    let names: [String]
    private let bytes: SymmetricKey

    /// - Throws: `limitExceeded` for too many names, `malformed` for elements of another length.
    init(names: [String], bytes: SymmetricKey) throws(AttributeError) {
        guard names.count <= Self.nameLimit else {
            throw AttributeError(.limitExceeded, "attribute key: \(names.count) names are more than \(Self.nameLimit)", hint: "numbers take 17 names each")
        }
        guard bytes.bitCount == 8 * (Self.commonByteCount + names.count * Self.byteCountOfName) else {
            throw AttributeError(.malformed, "attribute key: the elements do not match the attributes")
        }
        self.names = names
        self.bytes = bytes
    }

    /// Puts points into their places.
    static func encoded(master: G1, masterRandomness: G2, randomness: G1, fabeo: [G1], decentralized: [G2]) -> [UInt8] {
        let first = G1.compressed([master, randomness] + fabeo)
        let second = G2.compressed([masterRandomness] + decentralized)
        var elements: [UInt8] = []
        elements.reserveCapacity(commonByteCount + fabeo.count * byteCountOfName)
        elements += first[0] + second[0] + first[1]
        for index in fabeo.indices { elements += first[index + 2] + second[index + 1] }
        return elements
    }

    var byteCount: Int { bytes.bitCount / 8 }

    /// Whether a name is among those of the key, and where its elements stand.
    func index(of name: String) -> Int? {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            if names[middle].utf8.lexicographicallyPrecedes(name.utf8) { low = middle + 1 } else { high = middle }
        }
        return low < names.count && names[low] == name ? low : nil
    }

    func withBytes<R, E: Error>(_ body: ([UInt8]) throws(E) -> R) throws(E) -> R { try bytes.withBytes(body) }

    /// Every point multiplied with a scalar.
    func times(_ scalar: Scalar) throws(AttributeError) -> KeyElements {
        var scaled = try withBytes { (bytes) throws(AttributeError) in
            let (master, masterRandomness) = try Self.masterElements(bytes)
            var fabeo: [G1] = []
            var decentralized: [G2] = []
            for index in names.indices {
                fabeo.append(try Self.fabeoElement(bytes, index) * scalar)
                decentralized.append(try Self.decentralizedElement(bytes, index) * scalar)
            }
            return Self.encoded(
                master: master * scalar, masterRandomness: masterRandomness * scalar, randomness: try Self.randomness(bytes) * scalar, fabeo: fabeo,
                decentralized: decentralized)
        }
        return try KeyElements(names: names, bytes: SymmetricKey(consuming: &scaled))
    }

    // MARK: Points

    /// sk' and sk''.
    static func masterElements(_ bytes: [UInt8]) throws(AttributeError) -> (master: G1, randomness: G2) {
        (try point(bytes, at: 0), try point(bytes, at: 48))
    }

    /// K4
    static func randomness(_ bytes: [UInt8]) throws(AttributeError) -> G1 { try point(bytes, at: 144) }

    /// sk_u
    static func fabeoElement(_ bytes: [UInt8], _ index: Int) throws(AttributeError) -> G1 {
        try point(bytes, at: commonByteCount + index * byteCountOfName)
    }

    /// K1_u
    static func decentralizedElement(_ bytes: [UInt8], _ index: Int) throws(AttributeError) -> G2 {
        try point(bytes, at: commonByteCount + index * byteCountOfName + 48)
    }

    private static func point(_ bytes: [UInt8], at offset: Int) throws(AttributeError) -> G1 {
        guard let point = try? G1(compressed: Array(bytes[offset..<offset + 48])), !point.isIdentity else { throw invalid }
        return point
    }

    private static func point(_ bytes: [UInt8], at offset: Int) throws(AttributeError) -> G2 {
        guard let point = try? G2(compressed: Array(bytes[offset..<offset + 96])), !point.isIdentity else { throw invalid }
        return point
    }

    private static var invalid: AttributeError {
        AttributeError(.invalidKey, "the attribute key has an element that is no point of the group", hint: "ask the authority to issue it again")
    }
}
