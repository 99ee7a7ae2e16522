// What the keyring holds, and its CBOR form inside the seal.

internal import CanonicalEncoding
internal import Crypto

/// The private keys of one identity, the passwords of its accounts, and its attribute keys.
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
    /// Authorities whose keys can be issued with this keyring.
    var authorities: [HeldAuthority] = []
    /// In the order in which they came.
    var receivedKeys: [ReceivedKey] = []
    var emergencyHoldings: [EmergencyHolding] = []

    /// Version 1 had no attribute keys; it is read, and written anew as version 2.
    static let version: UInt64 = 2
    private static let limits = CBOR.Limits(byteCount: Keyring.maximumByteCount, itemCount: 1 << 23)

    private enum Key {
        static let version: UInt64 = 0, created: UInt64 = 1, xWing: UInt64 = 2, x25519: UInt64 = 3, signing: UInt64 = 4
        static let rsa: UInt64 = 5, sequence: UInt64 = 6, passwords: UInt64 = 7
        static let authorities: UInt64 = 8, receivedKeys: UInt64 = 9, emergencyHoldings: UInt64 = 10
    }

    static func generate(created: UInt64, rsa: Secret?) -> KeyringContents {
        KeyringContents(
            created: created, xWingSeed: .random(byteCount: 32), x25519: .random(byteCount: 32), signing: .random(byteCount: 32),
            rsa: rsa, sequence: 0, passwords: [:])
    }

    /// Lends the encoded form; it is wiped afterwards.
    func withEncoded<R>(_ body: ([UInt8]) throws(KeyringError) -> R) throws(KeyringError) -> R {
        var fields: [UInt64: CBOR] = [
            Key.version: .unsigned(Self.version), Key.created: .unsigned(created), Key.xWing: xWingSeed.cbor, Key.x25519: x25519.cbor,
            Key.signing: signing.cbor, Key.sequence: .unsigned(sequence),
        ]
        if let rsa { fields[Key.rsa] = rsa.cbor }
        fields[Key.passwords] = .array(passwords.sorted { $0.key < $1.key }.map { name, password in .array([.text(name), password.cbor]) })
        fields[Key.authorities] = .array(authorities.map(\.cbor))
        fields[Key.receivedKeys] = .array(receivedKeys.map(\.cbor))
        fields[Key.emergencyHoldings] = .array(emergencyHoldings.map(\.cbor))
        var value = CBOR.map(fields)
        fields = [:]
        var bytes = value.encodedOnce()
        value.wipeBytes()
        defer { wipe(&bytes) }
        return try body(bytes)
    }

    /// - Throws: when the bytes are not contents of version 1 or 2.
    init(_ bytes: [UInt8]) throws(UnreadableContents) {
        guard var value = try? CBOR(decoding: bytes, limit: Self.limits) else { throw UnreadableContents() }
        var fields = try KeyringFields(&value)
        guard (1...Self.version).contains(try fields.unsigned(Key.version)) else { throw UnreadableContents() }
        self.init(
            created: try fields.unsigned(Key.created), xWingSeed: try fields.secret(Key.xWing, count: 32),
            x25519: try fields.secret(Key.x25519, count: 32), signing: try fields.secret(Key.signing, count: 32),
            rsa: try fields.optionalSecret(Key.rsa), sequence: try fields.unsigned(Key.sequence), passwords: try fields.secrets(Key.passwords),
            authorities: try fields.list(Key.authorities) { (fields) throws(UnreadableContents) in try HeldAuthority(&fields) },
            receivedKeys: try fields.list(Key.receivedKeys) { (fields) throws(UnreadableContents) in try ReceivedKey(&fields) },
            emergencyHoldings: try fields.list(Key.emergencyHoldings) { (fields) throws(UnreadableContents) in try EmergencyHolding(&fields) })
    }

    private init(
        created: UInt64, xWingSeed: Secret, x25519: Secret, signing: Secret, rsa: Secret?, sequence: UInt64, passwords: [String: Secret],
        authorities: [HeldAuthority] = [], receivedKeys: [ReceivedKey] = [], emergencyHoldings: [EmergencyHolding] = []
    ) {
        self.created = created
        self.xWingSeed = xWingSeed
        self.x25519 = x25519
        self.signing = signing
        self.rsa = rsa
        self.sequence = sequence
        self.passwords = passwords
        self.authorities = authorities
        self.receivedKeys = receivedKeys
        self.emergencyHoldings = emergencyHoldings
    }
}
