import CanonicalEncoding
import Crypto
import CryptoExtras
import Envelope
import Testing

/// One ciphertext, two keys: AES-GCM alone accepts both ("invisible salamanders", Dodis et al. 2018; "partitioning
/// oracles", Len et al. 2021). The key commitment in the prefix does not.
@Suite struct CommitmentAttackTests {
    @Test func aKeyThatIsNotTheCommittedOneIsRefused() throws {
        let honest = HandmadeMember()
        let other = HandmadeMember(fileKey: [UInt8](repeating: 0xf2, count: 32))
        let attack = HandmadeMember(fileKey: other.fileKey, commitment: Array(honest.boundPrefix.suffix(32)))
        #expect(refusal { _ = try open(attack.sealed()) } == .commitmentMismatch)
        #expect(refusal { _ = try open(honest.sealed()) } == nil)
    }

    @Test func twoWrapKeysDoNotOpenOneHeader() throws {
        let (first, second) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let stanzas = [
            try HandmadeMember.stanza(wrapping: first, for: World.bob.publicKey),
            try HandmadeMember.stanza(wrapping: second, for: World.carol.publicKey),
        ]
        let file = try HandmadeMember(wrapKey: first, stanzas: stanzas).sealed()
        #expect(refusal { _ = try open(file, with: [World.bob]) } == nil)
        #expect(refusal { _ = try open(file, with: [World.carol]) } == .tampered)
    }

    @Test func invisibleSalamander() throws {
        let (first, second) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        var attack = HandmadeMember(
            wrapKey: first,
            commitment: [UInt8](repeating: 0xcc, count: 32),
            stanzas: [
                try HandmadeMember.stanza(wrapping: first, for: World.bob.publicKey),
                try HandmadeMember.stanza(wrapping: second, for: World.carol.publicKey),
            ])
        let keys = [HandmadeMember.fileKeyWrappingKey(first), HandmadeMember.fileKeyWrappingKey(second)]
        let forged = try collidingCiphertext(keys: keys, nonce: [UInt8](repeating: 3, count: 12), additionalData: attack.boundPrefix)
        // The computation is right: both keys open it, to different file keys.
        let box = try AES.GCM.SealedBox(combined: forged)
        let opened = try keys.map { Array(try AES.GCM.open(box, using: $0, authenticating: attack.boundPrefix)) }
        #expect(opened[0] != opened[1])
        attack.wrappedFileKey = forged
        let file = try attack.sealed()
        #expect(refusal { _ = try open(file, with: [World.bob]) } == .commitmentMismatch)
        #expect(refusal { _ = try open(file, with: [World.carol]) } == .commitmentMismatch)
    }

    /// Nonce, two blocks and a tag that AES-GCM accepts under both keys.
    ///
    /// With n blocks A of additional data, T = E(J₀) + Σ Aᵢ·Hⁿ⁺⁴⁻ⁱ + C₁·H³ + C₂·H² + L·H. Equal tags under two keys are one
    /// linear equation in C₁, solved by division by H₁³ + H₂³.
    private func collidingCiphertext(keys: [SymmetricKey], nonce: [UInt8], additionalData: [UInt8]) throws -> [UInt8] {
        let second: UInt128 = 0x0123_4567_89ab_cdef_0011_2233_4455_6677
        let lengths = UInt128(additionalData.count * 8) << 64 | 256
        let hashKeys = try keys.map { try block([UInt8](repeating: 0, count: 16), $0) }
        let masks = try keys.map { try block(nonce + [0, 0, 0, 1], $0) }
        let rest = zip(hashKeys, masks).map { hashKey, mask in
            var sum: UInt128 = 0
            for start in stride(from: 0, to: additionalData.count, by: 16) {
                sum = multiply(sum ^ integer(Array(additionalData[start..<start + 16])), hashKey)
            }
            let square = multiply(hashKey, hashKey)
            return mask ^ multiply(sum, multiply(square, hashKey)) ^ multiply(second, square) ^ multiply(lengths, hashKey)
        }
        let cubes = hashKeys.map { multiply(multiply($0, $0), $0) }
        let first = multiply(rest[0] ^ rest[1], inverse(cubes[0] ^ cubes[1]))
        return nonce + bytes(first) + bytes(second) + bytes(rest[0] ^ multiply(first, cubes[0]))
    }

    private func block(_ input: [UInt8], _ key: SymmetricKey) throws -> UInt128 {
        var input = input
        try AES.permute(&input, key: key)
        return integer(input)
    }

    private func integer(_ bytes: [UInt8]) -> UInt128 { bytes.reduce(0) { $0 << 8 | UInt128($1) } }

    private func bytes(_ value: UInt128) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return bytes
    }

    /// The field of GHASH: bits reflected, x¹²⁸ + x⁷ + x² + x + 1. Source: NIST SP 800-38D §6.3.
    private func multiply(_ first: UInt128, _ second: UInt128) -> UInt128 {
        var (result, shifted) = (UInt128(0), second)
        for bit in (0..<128).reversed() {
            if first >> UInt128(bit) & 1 == 1 { result ^= shifted }
            shifted = shifted >> 1 ^ (shifted & 1 == 1 ? UInt128(0xe1) << 120 : 0)
        }
        return result
    }

    /// x to the power of 2¹²⁸ − 2.
    private func inverse(_ value: UInt128) -> UInt128 {
        var (result, power) = (UInt128(1) << 127, value)
        for _ in 1..<128 {
            power = multiply(power, power)
            result = multiply(result, power)
        }
        return result
    }
}
