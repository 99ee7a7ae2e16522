// What the keyring holds, and its CBOR form inside the seal.

internal import CanonicalEncoding
internal import Crypto

/// The private keys of one identity and the passwords of its accounts.
struct KeyringContents: Sendable {
    var created: UInt64
    /// X-Wing (ML-KEM-768 with X25519): the 32-byte seed.
    var xWingSeed: Secret
    var x25519: Secret
    /// Ed25519: signs envelopes, headers and key bundles.
    var signing: Secret
    /// PKCS#1 DER; only when the identity was made with one.
    var rsa: Secret?
    /// How often the public keys were replaced.
    var sequence: UInt64
    /// Password of each server profile.
    var passwords: [String: Secret]

    private enum Key {
        static let version: UInt64 = 0, created: UInt64 = 1, xWing: UInt64 = 2, x25519: UInt64 = 3, signing: UInt64 = 4
        static let rsa: UInt64 = 5, sequence: UInt64 = 6, passwords: UInt64 = 7
    }

    static func generate(created: UInt64, rsa: Secret?) -> KeyringContents {
        KeyringContents(
            created: created, xWingSeed: .random(byteCount: 32), x25519: .random(byteCount: 32), signing: .random(byteCount: 32),
            rsa: rsa, sequence: 0, passwords: [:])
    }

    /// Lends the encoded form; it is wiped afterwards.
    func withEncoded<R>(_ body: ([UInt8]) throws(KeyringError) -> R) throws(KeyringError) -> R {
        var fields: [UInt64: CBOR] = [
            Key.version: .unsigned(1), Key.created: .unsigned(created), Key.xWing: xWingSeed.withBytes { .bytes($0) },
            Key.x25519: x25519.withBytes { .bytes($0) }, Key.signing: signing.withBytes { .bytes($0) }, Key.sequence: .unsigned(sequence),
        ]
        if let rsa { fields[Key.rsa] = rsa.withBytes { .bytes($0) } }
        fields[Key.passwords] = .array(
            passwords.sorted { $0.key < $1.key }.map { name, password in
                .array([.text(name), password.withBytes { .bytes($0) }])
            })
        var bytes = CBOR.map(fields).encoded()
        defer { wipe(&bytes) }
        return try body(bytes)
    }

    /// `nil` when the bytes are not contents of version 1.
    init?(_ bytes: [UInt8]) {
        guard let map = try? CBOR(decoding: bytes), map[Key.version]?.unsignedValue == 1,
            let created = map[Key.created]?.unsignedValue, let sequence = map[Key.sequence]?.unsignedValue,
            let xWing = map[Key.xWing]?.bytesValue, xWing.count == 32, let x25519 = map[Key.x25519]?.bytesValue, x25519.count == 32,
            let signing = map[Key.signing]?.bytesValue, signing.count == 32, let list = map[Key.passwords]?.arrayValue
        else { return nil }
        var passwords: [String: Secret] = [:]
        for entry in list {
            guard let pair = entry.arrayValue, pair.count == 2, let name = pair[0].textValue, let password = pair[1].bytesValue else { return nil }
            passwords[name] = Secret(password)
        }
        self.init(
            created: created, xWingSeed: Secret(xWing), x25519: Secret(x25519), signing: Secret(signing),
            rsa: map[Key.rsa]?.bytesValue.map { Secret($0) }, sequence: sequence, passwords: passwords)
    }

    private init(
        created: UInt64, xWingSeed: Secret, x25519: Secret, signing: Secret, rsa: Secret?, sequence: UInt64, passwords: [String: Secret]
    ) {
        self.created = created
        self.xWingSeed = xWingSeed
        self.x25519 = x25519
        self.signing = signing
        self.rsa = rsa
        self.sequence = sequence
        self.passwords = passwords
    }
}
