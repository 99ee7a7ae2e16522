// The keyring: what it keeps, what it refuses, and that no failure costs the file.

import Envelope
import Foundation
import Keyring
import Testing

@Suite struct KeyringTests {
    private let passphrase = Secret(Array("correct horse".utf8))

    @Test func keepsKeysAndPasswords() throws {
        let home = try TemporaryFolder()
        var made = try Keyring.create(in: home.path + "/new/home", passphrase: passphrase)
        made.setPassword(Secret(Array("pw".utf8)), profile: "default")
        try made.save()
        let opened = try Keyring.open(in: home.path + "/new/home", passphrase: passphrase)
        #expect(opened.password(profile: "default")?.withBytes { $0 } == Array("pw".utf8))
        #expect(opened.password(profile: "other") == nil)
        #expect(try opened.bundle() == made.bundle())
        #expect(try opened.identities().map(\.keyID) == made.identities().map(\.keyID))
        #expect(try opened.signer().publicKey == made.signer().publicKey)
        #expect(opened.created > 1_700_000_000)
    }

    @Test func makesKeysThatOpenWhatIsSealedForThem() throws {
        let home = try TemporaryFolder()
        let keyring = try Keyring.create(in: home.path, passphrase: passphrase, withRSA: true)
        let bundle = try keyring.bundle()
        #expect(try keyring.identities().map(\.kind) == [.xWing, .x25519, .rsa])
        #expect(try KeyBundle(decoding: bundle.encoded()) == bundle)
        for identity in try Keyring.open(in: home.path, passphrase: passphrase).identities() {
            let recipient = try #require(identity.recipient)
            #expect(bundle.keyIDs.contains(recipient.keyID))
            _ = try WrapKey(opening: WrapKey(recipients: [recipient]).stanzas, with: [identity])
        }
    }

    @Test func twoIdentitiesDiffer() throws {
        let first = try TemporaryFolder(), second = try TemporaryFolder()
        let one = try Keyring.create(in: first.path, passphrase: passphrase), two = try Keyring.create(in: second.path, passphrase: passphrase)
        #expect(try Set(one.bundle().keyIDs).isDisjoint(with: two.bundle().keyIDs))
        #expect(try Data(contentsOf: first.file) != Data(contentsOf: second.file))
    }

    @Test func isForItsOwnerOnly() throws {
        let home = try TemporaryFolder()
        _ = try Keyring.create(in: home.path + "/h", passphrase: passphrase)
        #expect(try mode(home.path + "/h") == 0o700)
        #expect(try mode(home.path + "/h/identity.phrkey") == 0o600)
        for exposed in [0o640, 0o604, 0o660, 0o601] {
            try FileManager.default.setAttributes([.posixPermissions: exposed], ofItemAtPath: home.path + "/h/identity.phrkey")
            let error = try #require(throws: KeyringError.self) { try Keyring.open(in: home.path + "/h", passphrase: passphrase) }
            guard case .exposed = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func tellsWrongPassphraseFromDamage() throws {
        let home = try TemporaryFolder()
        _ = try Keyring.create(in: home.path, passphrase: passphrase)
        let good = try Data(contentsOf: home.file)
        #expect(throws: KeyringError.wrongPassphrase(path: home.file.path)) {
            try Keyring.open(in: home.path, passphrase: Secret(Array("wrong".utf8)))
        }
        #expect(try Data(contentsOf: home.file) == good)
        // The checksum stands before the costly derivation, so every byte can be tried.
        for index in good.indices {
            var bad = good
            bad[index] ^= 0x10
            try write(bad, to: home.file)
            expectDamage(home)
        }
        for length in [0, 1, 15, 40, good.count - 1] {
            try write(good.prefix(length), to: home.file)
            expectDamage(home)
        }
        try write(good + [0], to: home.file)
        expectDamage(home)
        try write(good, to: home.file)
        _ = try Keyring.open(in: home.path, passphrase: passphrase)
    }

    private func expectDamage(_ home: TemporaryFolder) {
        let error = #expect(throws: KeyringError.self) { try Keyring.open(in: home.path, passphrase: passphrase) }
        guard case .damaged = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func neverReplacesAnIdentity() throws {
        let home = try TemporaryFolder()
        _ = try Keyring.create(in: home.path, passphrase: passphrase)
        let good = try Data(contentsOf: home.file)
        #expect(throws: KeyringError.alreadyExists(path: home.file.path)) { try Keyring.create(in: home.path, passphrase: passphrase) }
        #expect(try Data(contentsOf: home.file) == good)
    }

    @Test func refusesMissingLinkedAndOversizedFiles() throws {
        let home = try TemporaryFolder()
        #expect(throws: KeyringError.missing(path: home.file.path)) { try Keyring.open(in: home.path, passphrase: passphrase) }
        let other = try TemporaryFolder()
        _ = try Keyring.create(in: other.path, passphrase: passphrase)
        try FileManager.default.createSymbolicLink(at: home.file, withDestinationURL: other.file)
        #expect(throws: KeyringError.cannotRead(path: home.file.path, reason: "it is a symbolic link")) {
            try Keyring.open(in: home.path, passphrase: passphrase)
        }
        try FileManager.default.removeItem(at: home.file)
        try write(Data(count: (1 << 20) + 1), to: home.file)
        #expect(throws: KeyringError.self) { try Keyring.open(in: home.path, passphrase: passphrase) }
    }

    @Test func refusesAnEmptyPassphrase() throws {
        let home = try TemporaryFolder()
        #expect(throws: KeyringError.emptyPassphrase) { try Keyring.create(in: home.path, passphrase: Secret([])) }
    }

    @Test func secretsDoNotShow() throws {
        let home = try TemporaryFolder()
        let keyring = try Keyring.create(in: home.path, passphrase: passphrase)
        var dumped = ""
        dump(passphrase, to: &dumped)
        #expect(!"\(passphrase) \(dumped)".contains("correct"))
        #expect(!"\(try keyring.identities()) \(try keyring.signer())".contains("[" + "0x"))
        let file = try Data(contentsOf: home.file)
        let seed = try #require(try keyring.identities()[0].exportPrivateKey())
        #expect(file.range(of: Data(seed)) == nil)
    }

    @Test func wipesArrays() {
        var bytes: [UInt8] = [1, 2, 3]
        let secret = Secret(consuming: &bytes)
        #expect(bytes.isEmpty)
        #expect(secret.withBytes { $0 } == [1, 2, 3])
        #expect(secret.byteCount == 3)
    }
}
