// Point encodings: the first thousand multiples of the generators as zkcrypto publishes them, and what must be refused.

import Testing

import BLS12381

@Suite struct EncodingTests {
    /// 0·point, 1·point, …
    private func multiples<G>(of point: G, _ identity: G, _ add: (G, G) -> G) -> [G] {
        var all = [identity]
        while all.count < 1000 { all.append(add(all[all.count - 1], point)) }
        return all
    }

    @Test func readsAndWritesG1AsPublished() throws {
        let points = multiples(of: G1.generator, .identity, +)
        let short = try VectorFiles.bytes("zkcrypto/g1_compressed_valid_test_vectors.dat").pieces(of: 48)
        let long = try VectorFiles.bytes("zkcrypto/g1_uncompressed_valid_test_vectors.dat").pieces(of: 96)
        #expect(G1.compressed(points) == short)
        #expect(points.map(\.uncompressed) == long)
        #expect(points.map(\.compressed) == short)
        #expect(try short.map { try G1(compressed: $0) } == points)
        #expect(try long.map { try G1(uncompressed: $0) } == points)
    }

    @Test func readsAndWritesG2AsPublished() throws {
        let points = multiples(of: G2.generator, .identity, +)
        let short = try VectorFiles.bytes("zkcrypto/g2_compressed_valid_test_vectors.dat").pieces(of: 96)
        let long = try VectorFiles.bytes("zkcrypto/g2_uncompressed_valid_test_vectors.dat").pieces(of: 192)
        #expect(G2.compressed(points) == short)
        #expect(points.map(\.uncompressed) == long)
        #expect(points.map(\.compressed) == short)
        #expect(try short.map { try G2(compressed: $0) } == points)
        #expect(try long.map { try G2(uncompressed: $0) } == points)
    }

    /// The lengths and flags that are wrong for a point, and the reason.
    @Test func refusesWrongLengthsAndFlags() throws {
        let (g1, g2) = (G1.generator, G2.generator)
        for count in [0, 1, 47, 49, 96] {
            #expect(throws: BLS12381Error.wrongLength(need: 48, have: count)) { try G1(compressed: [UInt8](repeating: 0, count: count)) }
        }
        for count in [0, 48, 95, 97] {
            #expect(throws: BLS12381Error.wrongLength(need: 96, have: count)) { try G1(uncompressed: [UInt8](repeating: 0, count: count)) }
            #expect(throws: BLS12381Error.wrongLength(need: 96, have: count)) { try G2(compressed: [UInt8](repeating: 0, count: count)) }
        }
        for count in [0, 96, 191, 193] {
            #expect(throws: BLS12381Error.wrongLength(need: 192, have: count)) { try G2(uncompressed: [UInt8](repeating: 0, count: count)) }
        }
        // Three flag bits over a finite point: compressed 100 and 101 are its two signs, all else is malformed or not infinity.
        for flags in UInt8(0)..<8 {
            func flagged(_ bytes: [UInt8]) -> [UInt8] { [bytes[0] & 0x1f | flags << 5] + bytes.dropFirst() }
            if flags == 4 || flags == 5 {
                let point = try G1(compressed: flagged(g1.compressed)), point2 = try G2(compressed: flagged(g2.compressed))
                #expect(point == g1 || point == -g1)
                #expect(point2 == g2 || point2 == -g2)
                #expect(point.compressed == flagged(g1.compressed) && point2.compressed == flagged(g2.compressed))
            } else {
                #expect(throws: BLS12381Error.malformedFlags) { try G1(compressed: flagged(g1.compressed)) }
                #expect(throws: BLS12381Error.malformedFlags) { try G2(compressed: flagged(g2.compressed)) }
            }
            if flags != 0 {
                #expect(throws: BLS12381Error.malformedFlags) { try G1(uncompressed: flagged(g1.uncompressed)) }
                #expect(throws: BLS12381Error.malformedFlags) { try G2(uncompressed: flagged(g2.uncompressed)) }
            }
        }
    }

    /// Infinity has one encoding of each length.
    @Test func refusesInfinityWithOtherBits() throws {
        func check(_ encoding: [UInt8], _ decode: ([UInt8]) throws -> Bool) throws {
            #expect(try decode(encoding))
            for place in encoding.indices {
                for bit in 0..<8 {
                    var changed = encoding
                    changed[place] ^= 1 << bit
                    // Without the infinity bit it claims to be a finite point with x = 0, which is none of the group.
                    if place == 0, bit == 6 {
                        #expect(throws: BLS12381Error.self) { try decode(changed) }
                    } else {
                        #expect(throws: BLS12381Error.malformedFlags, "byte \(place), bit \(bit)") { try decode(changed) }
                    }
                }
            }
        }
        try check(G1.identity.compressed) { try G1(compressed: $0).isIdentity }
        try check(G1.identity.uncompressed) { try G1(uncompressed: $0).isIdentity }
        try check(G2.identity.compressed) { try G2(compressed: $0).isIdentity }
        try check(G2.identity.uncompressed) { try G2(uncompressed: $0).isIdentity }
    }

    /// A changed bit of an uncompressed point never gives a point.
    @Test func refusesEveryChangedBitOfAPoint() {
        let point = G1(hashing: [1], domain: [2]).uncompressed, point2 = G2(hashing: [1], domain: [2]).uncompressed
        for bit in 0..<point.count * 8 {
            var changed = point
            changed[bit / 8] ^= 0x80 >> (bit % 8)
            #expect(throws: BLS12381Error.self) { try G1(uncompressed: changed) }
        }
        for bit in 0..<point2.count * 8 {
            var changed = point2
            changed[bit / 8] ^= 0x80 >> (bit % 8)
            #expect(throws: BLS12381Error.self) { try G2(uncompressed: changed) }
        }
    }

    @Test func refusesScalarsFromTheOrderUpwards() throws {
        let order = try [UInt8](hexadecimal: "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001")
        var below = order
        below[31] -= 1
        #expect(try Scalar(bytes: below) == -.one)
        #expect(try Scalar(bytes: below).bytes == below)
        var above = order
        above[31] += 1
        for bytes in [order, above, [UInt8](repeating: 0xff, count: 32)] {
            #expect(throws: BLS12381Error.notCanonical) { try Scalar(bytes: bytes) }
        }
        #expect(Scalar(reducing: order).isZero && Scalar(reducing: above) == .one)
        for count in [0, 31, 33] {
            #expect(throws: BLS12381Error.wrongLength(need: 32, have: count)) { try Scalar(bytes: [UInt8](repeating: 0, count: count)) }
        }
    }
}
