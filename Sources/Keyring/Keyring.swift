// The user's keyring: private keys and passwords in one file that only a passphrase opens.

internal import Crypto
internal import CryptoExtras
internal import Glibc

/// An open keyring. Changes are kept by `save()`, which replaces the file whole or leaves it as it was.
package struct Keyring: Sendable {
    package static let fileName = "identity.phrkey"

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
        let file = try PrivateFile.read(path)
        var (bytes, key) = try SealedKeyring.open(file, path: path, passphrase: passphrase)
        defer { wipe(&bytes) }
        guard let contents = KeyringContents(bytes) else { throw .damaged(path: path, reason: "its contents cannot be read") }
        return Keyring(path: path, key: key, contents: contents)
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

    private func write(mayExist: Bool) throws(KeyringError) {
        let file = try contents.withEncoded { (bytes: [UInt8]) throws(KeyringError) in try SealedKeyring.seal(bytes, under: key) }
        try PrivateFile.replace(path, with: file, mayExist: mayExist)
    }
}
