// The user's keyring: private keys and passwords in one file that only a passphrase opens.

internal import Crypto
internal import CryptoExtras
internal import Glibc

/// An open keyring. Changes are kept by `save()`, which replaces the file whole or leaves it as it was.
package struct Keyring: Sendable {
    package static let fileName = "identity.phrkey"
    /// Of the file: the register of a large hospital, with years of issuances, has some megabytes.
    static let maximumByteCount = 64 << 20

    package let path: String
    private let key: SealedKeyring.DerivedKey
    var contents: KeyringContents

    /// Makes a new identity in `home`, a folder that is made when it is missing. An existing keyring is never replaced.
    ///
    /// - Parameter withRSA: also make an RSA-3072 key, for senders that know nothing newer.
    package static func create(in home: String, passphrase: Secret, withRSA: Bool = false) throws(KeyringError) -> Keyring {
        guard !passphrase.isEmpty else { throw .emptyPassphrase }
        try PrivateFile.makeFolder(home)
        let path = home + "/" + fileName
        guard unsafe access(path, F_OK) != 0 else { throw .alreadyExists(path: path) }
        var rsa: Secret?
        if withRSA {
            do {
                rsa = Secret(Array(try _RSA.Encryption.PrivateKey(keySize: .bits3072).derRepresentation))
            } catch {
                throw .invalidKey("RSA: \(error)")
            }
        }
        let contents = KeyringContents.generate(created: UInt64(max(time(nil), 0)), rsa: rsa)
        let keyring = Keyring(path: path, key: try .new(passphrase: passphrase), contents: contents)
        try keyring.write(mayExist: false)
        return keyring
    }

    /// Opens the keyring in `home`.
    ///
    /// - Throws: `KeyringError`; `.wrongPassphrase`, `.damaged` and `.exposed` are told apart.
    package static func open(in home: String, passphrase: Secret) throws(KeyringError) -> Keyring {
        let path = home + "/" + fileName
        let file = try PrivateFile.read(path, limit: maximumByteCount)
        let key = try SealedKeyring.key(of: file, path: path, passphrase: passphrase)
        return Keyring(path: path, key: key, contents: try contents(of: file, path: path, under: key))
    }

    private static func contents(of file: [UInt8], path: String, under key: SealedKeyring.DerivedKey) throws(KeyringError) -> KeyringContents {
        var bytes = try SealedKeyring.open(file, path: path, under: key)
        defer { wipe(&bytes) }
        do {
            return try KeyringContents(bytes)
        } catch {
            throw .damaged(path: path, reason: "its contents cannot be read")
        }
    }

    /// Whether `home` holds a keyring.
    package static func exists(in home: String) -> Bool { unsafe access(home + "/" + fileName, F_OK) == 0 }

    /// Seconds since 1970 when the identity was made.
    package var created: UInt64 { contents.created }

    package func password(profile: String) -> Secret? { contents.passwords[profile] }

    /// Sets or, with `nil`, forgets the password of a server profile.
    package mutating func setPassword(_ password: Secret?, profile: String) { contents.passwords[profile] = password }

    /// Writes the keyring under its passphrase. On a failure the old file stays.
    package func save() throws(KeyringError) {
        try write(mayExist: true)
    }

    /// Changes the keyring as it lies on the disk now, under a lock, so that no other program's change is lost.
    ///
    /// This copy becomes what was written. When `change` or the writing fails, file and copy stay as they were.
    package mutating func update<R>(_ change: (inout Keyring) throws -> R) throws -> R {
        let lock = try PrivateFile.Lock(path + ".lock")
        defer { lock.release() }
        var present = self
        present.contents = try Self.contents(of: try PrivateFile.read(path, limit: Self.maximumByteCount), path: path, under: key)
        let result = try change(&present)
        try present.save()
        self = present
        return result
    }

    private func write(mayExist: Bool) throws(KeyringError) {
        let file = try contents.withEncoded { (bytes: [UInt8]) throws(KeyringError) in try SealedKeyring.seal(bytes, under: key) }
        try PrivateFile.replace(path, with: file, mayExist: mayExist)
    }
}
