// The points of a key, decoded when they are used.

internal import BLS12381

extension AttributeKey {
    /// sk' and sk''.
    static func masterElements(_ bytes: [UInt8]) throws(AttributeError) -> (master: G1, randomness: G2) {
        (try point(bytes, at: 0), try point(bytes, at: 48))
    }

    /// K4
    static func randomness(_ bytes: [UInt8]) throws(AttributeError) -> G1 { try point(bytes, at: 144) }

    /// sk_u
    static func fabeoElement(_ bytes: [UInt8], _ index: Int) throws(AttributeError) -> G1 {
        try point(bytes, at: commonByteCount + index * elementByteCount)
    }

    /// K1_u
    static func decentralizedElement(_ bytes: [UInt8], _ index: Int) throws(AttributeError) -> G2 {
        try point(bytes, at: commonByteCount + index * elementByteCount + 48)
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
