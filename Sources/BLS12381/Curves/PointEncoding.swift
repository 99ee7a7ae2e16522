// The Zcash and IETF encodings of points: big-endian coordinates with three flag bits on top, strictly read.
//
// Source: draft-irtf-cfrg-pairing-friendly-curves appendix C, which follows the Zcash protocol specification.

private enum Flag {
    static let compressed: UInt8 = 0x80
    static let infinity: UInt8 = 0x40
    static let sign: UInt8 = 0x20
    static let all: UInt8 = 0xE0
}

/// Reads x alone with the sign of y: 48 bytes in G1, 96 in G2.
func decodeCompressed<F: SubgroupField>(_ bytes: [UInt8], _ field: F.Type) throws(BLS12381Error) -> Projective<F> {
    guard bytes.count == F.byteCount else { throw .wrongLength(need: F.byteCount, have: bytes.count) }
    let flags = bytes[0] & Flag.all
    guard flags & Flag.compressed != 0 else { throw .malformedFlags }
    if flags & Flag.infinity != 0 {
        guard bytes[0] == Flag.compressed | Flag.infinity, bytes.dropFirst().allSatisfy({ $0 == 0 }) else { throw .malformedFlags }
        return .identity
    }
    return try withScratch { s throws(BLS12381Error) in
        var s = s
        let point = unsafe s.copy(Affine<F>(x: F(), y: F())), right = unsafe s.take(F.self)
        guard unsafe readCoordinate(point.x, bytes, at: 0) != 0 else { throw .notCanonical }
        unsafe curveRightSide(right, point.x, s)
        guard unsafe F.sqrt(point.y, right, s) != 0 else { throw .notOnCurve }
        let wantsLarger: Mask = flags & Flag.sign != 0 ? ~0 : 0
        unsafe F.cneg(point.y, F.isLarger(point.y) ^ wantsLarger)
        return unsafe try inSubgroup(point.pointee, s)
    }
}

/// Reads x and y: 96 bytes in G1, 192 in G2.
func decodeUncompressed<F: SubgroupField>(_ bytes: [UInt8], _ field: F.Type) throws(BLS12381Error) -> Projective<F> {
    guard bytes.count == 2 * F.byteCount else { throw .wrongLength(need: 2 * F.byteCount, have: bytes.count) }
    let flags = bytes[0] & Flag.all
    guard flags & ~Flag.infinity == 0 else { throw .malformedFlags }
    if flags & Flag.infinity != 0 {
        guard bytes[0] == Flag.infinity, bytes.dropFirst().allSatisfy({ $0 == 0 }) else { throw .malformedFlags }
        return .identity
    }
    return try withScratch { s throws(BLS12381Error) in
        var s = s
        let point = unsafe s.copy(Affine<F>(x: F(), y: F()))
        guard unsafe readCoordinate(point.x, bytes, at: 0) & readCoordinate(point.y, bytes, at: F.byteCount) != 0 else { throw .notCanonical }
        guard unsafe pointIsOnCurve(point, s) != 0 else { throw .notOnCurve }
        return unsafe try inSubgroup(point.pointee, s)
    }
}

/// Reads the coordinate at an offset, without the flags of the first byte.
private func readCoordinate<F: CurveField>(_ r: Pointer<F>, _ bytes: [UInt8], at offset: Int) -> Mask {
    var plain = Array(bytes[offset..<offset + F.byteCount])
    if offset == 0 { plain[0] &= ~Flag.all }
    return unsafe plain.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return 0 }
        return unsafe F.fromBytes(r, start)
    }
}

private func inSubgroup<F: SubgroupField>(_ point: Affine<F>, _ s: Scratch) throws(BLS12381Error) -> Projective<F> {
    var s = s
    let projective = unsafe s.copy(Projective(point))
    guard unsafe F.isInSubgroup(projective, s) != 0 else { throw .notInSubgroup }
    return unsafe projective.pointee
}

/// Encodes points with one inversion for all. Takes the same time for all points; only infinity, which no secret is, shows.
func encodePoints<F: CurveField>(_ points: [Projective<F>], isCompressed: Bool) -> [[UInt8]] {
    let byteCount = points.count * (2 * MemoryLayout<Projective<F>>.stride + MemoryLayout<F>.stride) + 24 * 1024
    return withScratch(byteCount: byteCount) { s in
        var s = s
        let finite = unsafe s.take(Projective<F>.self, count: points.count), affine = unsafe s.take(Affine<F>.self, count: points.count)
        var count = 0
        var places: [Int?] = []
        for point in points {
            unsafe finite[count] = point
            let isIdentity = unsafe pointIsIdentity(finite + count) != 0
            places.append(isIdentity ? nil : count)
            if !isIdentity { count += 1 }
        }
        unsafe pointsToAffine(affine, finite, count, s)
        return places.map { place in
            guard let place else {
                let length = isCompressed ? F.byteCount : 2 * F.byteCount
                return [Flag.infinity | (isCompressed ? Flag.compressed : 0)] + [UInt8](repeating: 0, count: length - 1)
            }
            return unsafe encode(affine + place, isCompressed: isCompressed)
        }
    }
}

private func encode<F>(_ point: Input<Affine<F>>, isCompressed: Bool) -> [UInt8] {
    let length = isCompressed ? F.byteCount : 2 * F.byteCount
    var bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, initialized in
        if let start = buffer.baseAddress {
            unsafe F.toBytes(start, point.x)
            if !isCompressed { unsafe F.toBytes(start + F.byteCount, point.y) }
        }
        initialized = length
    }
    if isCompressed { bytes[0] |= Flag.compressed | (Flag.sign & UInt8(truncatingIfNeeded: unsafe F.isLarger(point.y))) }
    return bytes
}
