// Hashes of messages: to field elements, to points of G1 and G2, and to scalars (RFC 9380).

/// hash_to_field of RFC 9380 §5.2 with 64 bytes a coordinate.
func hashToField<F: MappableField>(_ r: Pointer<F>, _ count: Int, _ message: [UInt8], _ domain: [UInt8], _ s: Scratch) {
    var s = s
    let coordinateCount = count * MemoryLayout<F>.size / MemoryLayout<Fp>.size
    let bytes = unsafe s.take(UInt8.self, count: 64 * coordinateCount)
    unsafe expandMessage(bytes, 64 * coordinateCount, message, domain)
    for i in 0..<coordinateCount { unsafe fpFromWideBytes(r.part(i, of: Fp.self), bytes + 64 * i) }
}

/// hash_to_curve with two elements, encode_to_curve with one (RFC 9380 §3).
private func hashToGroup<F: MappableField>(_ message: [UInt8], _ domain: [UInt8], elementCount: Int) -> Projective<F> {
    withScratch(byteCount: 16 * 1024) { s in
        var s = s
        let elements = unsafe s.take(F.self, count: elementCount)
        unsafe hashToField(elements, elementCount, message, domain, s)
        return unsafe mapToGroup(elements, elementCount, s)
    }
}

extension G1 {
    /// The hash of a message, as good as a random point of unknown logarithm: RFC 9380 with SSWU and SHA-256
    /// (suite BLS12381G1_XMD:SHA-256_SSWU_RO_).
    ///
    /// Time depends on the lengths alone.
    ///
    /// - Parameter domain: The domain separation tag, not empty: one a purpose.
    public init(hashing message: [UInt8], domain: [UInt8]) {
        self.init(unchecked: hashToGroup(message, domain, elementCount: 2))
    }

    /// A point for a message, at half the price of a hash: about a tenth of the group is reached, and not evenly
    /// (suite BLS12381G1_XMD:SHA-256_SSWU_NU_). Not for schemes that need a random oracle.
    public init(encoding message: [UInt8], domain: [UInt8]) {
        self.init(unchecked: hashToGroup(message, domain, elementCount: 1))
    }

    /// map_to_curve and clear_cofactor of one element: 48 big-endian bytes.
    ///
    /// - Throws: `wrongLength`, `notCanonical`.
    package init(mapping element: [UInt8]) throws(BLS12381Error) {
        let value = try fieldElement(element)
        self.init(
            unchecked: withScratch(byteCount: 16 * 1024) { s in
                var s = s
                return unsafe mapToGroup(s.copy(value), 1, s)
            })
    }
}

extension G2 {
    /// The hash of a message, as good as a random point of unknown logarithm: RFC 9380 with SSWU and SHA-256
    /// (suite BLS12381G2_XMD:SHA-256_SSWU_RO_).
    ///
    /// Time depends on the lengths alone.
    ///
    /// - Parameter domain: The domain separation tag, not empty: one a purpose.
    public init(hashing message: [UInt8], domain: [UInt8]) {
        self.init(unchecked: hashToGroup(message, domain, elementCount: 2))
    }

    /// A point for a message, at half the price of a hash, not evenly distributed (suite BLS12381G2_XMD:SHA-256_SSWU_NU_).
    /// Not for schemes that need a random oracle.
    public init(encoding message: [UInt8], domain: [UInt8]) {
        self.init(unchecked: hashToGroup(message, domain, elementCount: 1))
    }

    /// map_to_curve and clear_cofactor of c0 + c1·u: 48 big-endian bytes each.
    ///
    /// - Throws: `wrongLength`, `notCanonical`.
    package init(mapping c0: [UInt8], _ c1: [UInt8]) throws(BLS12381Error) {
        let value = Fp2(try fieldElement(c0), try fieldElement(c1))
        self.init(
            unchecked: withScratch(byteCount: 16 * 1024) { s in
                var s = s
                return unsafe mapToGroup(s.copy(value), 1, s)
            })
    }
}

extension Scalar {
    /// The hash of a message: 48 bytes of `expandMessage` modulo r, whose distance from uniform is below 2⁻¹²⁸.
    ///
    /// - Parameter domain: The domain separation tag, not empty: one a purpose.
    public static func hash(_ message: [UInt8], domain: [UInt8]) -> Scalar {
        Scalar(reducing: expandMessage(message, domain: domain, byteCount: 48))
    }
}

/// Reads 48 big-endian bytes.
private func fieldElement(_ bytes: [UInt8]) throws(BLS12381Error) -> Fp {
    guard bytes.count == Fp.byteCount else { throw .wrongLength(need: Fp.byteCount, have: bytes.count) }
    var value = Fp()
    let isCanonical = unsafe bytes.withUnsafeBufferPointer { buffer -> Mask in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe fpFromBytes(&value, start)
    }
    guard isCanonical != 0 else { throw .notCanonical }
    return value
}
