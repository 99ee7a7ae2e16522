// The keyring's file: a magic line, deterministic CBOR with the sealed contents, and a checksum.
//
// 1. The checksum (SHA-256 of all that precedes) is looked at first: bytes that changed by accident are "damaged",
//    so that a wrong passphrase can be told from a wrong file.
// 2. The key check value is looked at next: when it differs, the passphrase is wrong.
// 3. What opens under AES-256-GCM, with everything before it as additional data, is what was sealed.

internal import CanonicalEncoding
internal import Crypto
internal import CryptoExtras

/// Seals and opens the keyring's contents under a passphrase.
struct SealedKeyring {
    static let magic = Array("phr-keyring/v1\n".utf8)
    /// The version of the contents, outside the seal too: an older program says that it does not know it. Every one is read.
    static let version = KeyringContents.version
    private static let versions = 1...version
    /// Cost 2^15 with r = 8, p = 1: 32 MiB and about a tenth of a second.
    static let defaultCost: UInt64 = 15
    private static let costs: ClosedRange<UInt64> = 10...20
    private static let checkLabel = Array("phr-keyring/v1/check".utf8)

    private enum Key {
        static let version: UInt64 = 0, salt: UInt64 = 1, cost: UInt64 = 2, check: UInt64 = 3, nonce: UInt64 = 4, sealed: UInt64 = 5
    }

    /// What the passphrase gives: a sealing key, and a value that tells a right passphrase from a wrong one.
    struct DerivedKey {
        let salt: [UInt8]
        let cost: UInt64
        let sealing: SymmetricKey
        let check: [UInt8]

        init(passphrase: Secret, salt: [UInt8], cost: UInt64) throws(KeyringError) {
            do {
                let derived = try passphrase.withBytes { passphrase in
                    try KDF.Scrypt.deriveKey(from: passphrase, salt: salt, outputByteCount: 64, rounds: 1 << Int(cost), blockSize: 8, parallelism: 1)
                }
                sealing = unsafe derived.withUnsafeBytes { unsafe SymmetricKey(data: $0.prefix(32)) }
                check = unsafe derived.withUnsafeBytes { half in
                    Array(unsafe SHA256.hash(data: SealedKeyring.checkLabel + half.suffix(32)).prefix(16))
                }
            } catch {
                throw .invalidKey("scrypt failed: \(error)")
            }
            self.salt = salt
            self.cost = cost
        }

        static func new(passphrase: Secret) throws(KeyringError) -> DerivedKey {
            var generator = SystemRandomNumberGenerator()
            let salt = (0..<16).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
            return try DerivedKey(passphrase: passphrase, salt: salt, cost: SealedKeyring.defaultCost)
        }
    }

    static func seal(_ contents: [UInt8], under key: DerivedKey) throws(KeyringError) -> [UInt8] {
        var fields: [UInt64: CBOR] = [
            Key.version: .unsigned(version), Key.salt: .bytes(key.salt), Key.cost: .unsigned(key.cost), Key.check: .bytes(key.check),
        ]
        do {
            let nonce = AES.GCM.Nonce()
            let box = try AES.GCM.seal(contents, using: key.sealing, nonce: nonce, authenticating: magic + CBOR.map(fields).encoded())
            fields[Key.nonce] = .bytes(Array(nonce))
            fields[Key.sealed] = .bytes(Array(box.ciphertext) + Array(box.tag))
        } catch {
            throw .invalidKey("the keyring cannot be sealed: \(error)")
        }
        let body = magic + CBOR.map(fields).encoded()
        return body + Array(SHA256.hash(data: body))
    }

    /// The key that the passphrase gives for this file; the file's checksum and the passphrase are checked.
    static func key(of file: [UInt8], path: String, passphrase: Secret) throws(KeyringError) -> DerivedKey {
        let parts = try Parts(file, path: path)
        let key = try DerivedKey(passphrase: passphrase, salt: parts.salt, cost: parts.cost)
        guard constantTimeEqual(key.check, parts.check) else { throw .wrongPassphrase(path: path) }
        return key
    }

    /// The contents, under a key that was derived before.
    ///
    /// - Throws: `.wrongPassphrase` when the file was sealed under another key.
    static func open(_ file: [UInt8], path: String, under key: DerivedKey) throws(KeyringError) -> [UInt8] {
        let parts = try Parts(file, path: path)
        guard parts.salt == key.salt, parts.cost == key.cost, constantTimeEqual(key.check, parts.check) else { throw .wrongPassphrase(path: path) }
        do {
            let box = try AES.GCM.SealedBox(nonce: parts.nonce, ciphertext: parts.sealed.dropLast(16), tag: parts.sealed.suffix(16))
            return Array(try AES.GCM.open(box, using: key.sealing, authenticating: parts.authenticated))
        } catch {
            throw .damaged(path: path, reason: "its contents do not open")
        }
    }

    /// The file taken apart, before any secret is needed.
    private struct Parts {
        let salt: [UInt8]
        let cost: UInt64
        let check: [UInt8]
        let nonce: AES.GCM.Nonce
        let sealed: [UInt8]
        /// What the seal covers besides the contents.
        let authenticated: [UInt8]

        init(_ file: [UInt8], path: String) throws(KeyringError) {
            guard file.starts(with: magic) else { throw .damaged(path: path, reason: "it does not begin as a keyring") }
            guard file.count > magic.count + 32 else { throw .damaged(path: path, reason: "it ends too early") }
            let body = Array(file.dropLast(32))
            guard Array(SHA256.hash(data: body)) == Array(file.suffix(32)) else {
                throw .damaged(path: path, reason: "its checksum does not agree")
            }
            guard let map = try? CBOR(decoding: Array(body.dropFirst(magic.count)), limit: .init(byteCount: Keyring.maximumByteCount)),
                let version = map[Key.version]?.unsignedValue
            else { throw .damaged(path: path, reason: "its fields cannot be read") }
            guard versions.contains(version) else { throw .unsupportedVersion(path: path, version: version) }
            guard case .map(var fields) = map, let salt = fields[Key.salt]?.bytesValue, salt.count == 16,
                let cost = fields[Key.cost]?.unsignedValue, costs.contains(cost), let check = fields[Key.check]?.bytesValue,
                let nonce = fields.removeValue(forKey: Key.nonce)?.bytesValue, let sealed = fields.removeValue(forKey: Key.sealed)?.bytesValue,
                sealed.count >= 16, let gcmNonce = try? AES.GCM.Nonce(data: nonce)
            else { throw .damaged(path: path, reason: "its fields cannot be read") }
            self.salt = salt
            self.cost = cost
            self.check = check
            self.nonce = gcmNonce
            self.sealed = sealed
            authenticated = magic + CBOR.map(fields).encoded()
        }
    }
}
