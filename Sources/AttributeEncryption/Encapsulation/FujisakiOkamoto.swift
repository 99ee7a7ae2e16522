// From a scheme that is safe against onlookers to one that is safe against whoever sends changed headers.

internal import BLS12381
internal import CanonicalEncoding
internal import Crypto

/// All randomness of a header comes from one message of 32 bytes, which travels masked by the shared secret. Who opens a
/// header gets the message, makes the header again and compares.
///
///     context   = SHA-256("phr/v1/abe-context" ‖ u32 ‖ preamble ‖ u32 ‖ associated data)
///     coins 32 ‖ key 32 ‖ tag 32 = HKDF-SHA-256(message, salt context, "phr/v1/abe-fo")
///     W         = message ⊕ HKDF-SHA-256(shared secret, salt context, "phr/v1/abe-mask")
///
/// The tag commits to message and context, hence to the key: no header opens to two keys.
/// Source: Fujisaki, Okamoto 1999, with explicit rejection; the context binds as in OpenABE's transform.
struct FujisakiOkamoto {
    static let byteCount = 32

    private let context: [UInt8]

    init(preamble: [UInt8], associatedData: [UInt8]) {
        var hash = SHA256()
        hash.update(data: Array("phr/v1/abe-context".utf8))
        for part in [preamble, associatedData] {
            var length: [UInt8] = []
            length.appendBigEndian(UInt32(part.count))
            hash.update(data: length)
            hash.update(data: part)
        }
        context = Array(hash.finalize())
    }

    struct Derived {
        let coins: SymmetricKey
        let key: SymmetricKey
        let tag: [UInt8]
    }

    func derive(_ message: SymmetricKey) -> Derived {
        let output = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: message, salt: context, info: Array("phr/v1/abe-fo".utf8), outputByteCount: 3 * Self.byteCount)
        return output.withBytes { bytes in
            Derived(
                coins: SymmetricKey(data: bytes[0..<Self.byteCount]), key: SymmetricKey(data: bytes[Self.byteCount..<2 * Self.byteCount]),
                tag: Array(bytes[(2 * Self.byteCount)...]))
        }
    }

    /// Puts the mask on, or takes it off.
    func masked(_ bytes: [UInt8], by sharedSecret: GT) -> [UInt8] {
        var secret = sharedSecret.bytes
        let mask = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(consuming: &secret), salt: context, info: Array("phr/v1/abe-mask".utf8), outputByteCount: Self.byteCount)
        return mask.withBytes { zip(bytes, $0).map { $0 ^ $1 } }
    }
}

/// Scalars in a fixed order out of 32 bytes: the i-th is hash-to-scalar(seed ‖ u32 i).
struct CoinScalars: ScalarSource {
    private static let domain = Array("PHR-V1-COINS-BLS12381_XMD:SHA-256".utf8)

    private let seed: SymmetricKey
    private var index: UInt32 = 0

    init(_ seed: SymmetricKey) {
        self.seed = seed
    }

    mutating func next() -> Scalar {
        defer { index += 1 }
        return seed.withBytes { seed in
            var message = seed
            message.appendBigEndian(index)
            defer { message.wipe() }
            return Scalar.hash(message, domain: Self.domain)
        }
    }
}
