// Keyrings of version 1, written here from their description, open for ever and become version 2 when they are saved.

import CanonicalEncoding
import Crypto
import CryptoExtras
import Envelope
import Foundation
import Keyring
import Testing

@Suite struct MigrationTests {
    private let passphrase = Secret(Array("correct horse".utf8))
    private let magic = Array("phr-keyring/v1\n".utf8)

    private func contents(_ version: UInt64 = 1, more: [UInt64: CBOR] = [:]) -> [UInt64: CBOR] {
        [
            0: .unsigned(version), 1: .unsigned(1_700_000_000), 2: .bytes(Array(repeating: 1, count: 32)), 3: .bytes(Array(repeating: 2, count: 32)),
            4: .bytes(Array(repeating: 3, count: 32)), 6: .unsigned(0), 7: .array([.array([.text("default"), .bytes(Array("pw".utf8))])]),
        ].merging(more) { $1 }
    }

    /// A keyring file: the format of version 1, with the given contents.
    private func writeKeyring(_ contents: [UInt64: CBOR], outer version: UInt64, to home: TemporaryFolder) throws {
        let salt = Array(repeating: UInt8(5), count: 16)
        let derived = try KDF.Scrypt.deriveKey(
            from: Array("correct horse".utf8), salt: salt, outputByteCount: 64, rounds: 1 << 10, blockSize: 8, parallelism: 1)
        let bytes = unsafe derived.withUnsafeBytes { unsafe Array($0) }
        var fields: [UInt64: CBOR] = [
            0: .unsigned(version), 1: .bytes(salt), 2: .unsigned(10),
            3: .bytes(Array(SHA256.hash(data: Array("phr-keyring/v1/check".utf8) + bytes.suffix(32)).prefix(16))),
        ]
        let nonce = AES.GCM.Nonce()
        let box = try AES.GCM.seal(
            CBOR.map(contents).encoded(), using: SymmetricKey(data: bytes.prefix(32)), nonce: nonce, authenticating: magic + CBOR.map(fields).encoded())
        fields[4] = .bytes(Array(nonce))
        fields[5] = .bytes(Array(box.ciphertext) + Array(box.tag))
        let body = magic + CBOR.map(fields).encoded()
        try write(Data(body + Array(SHA256.hash(data: body))), to: home.file)
    }

    private func outerVersion(_ home: TemporaryFolder) throws -> UInt64? {
        let file = [UInt8](try Data(contentsOf: home.file))
        return try CBOR(decoding: Array(file.dropFirst(magic.count).dropLast(32)))[0]?.unsignedValue
    }

    @Test func opensVersion1AndSavesVersion2() throws {
        let home = try TemporaryFolder()
        try writeKeyring(contents(), outer: 1, to: home)
        var keyring = try Keyring.open(in: home.path, passphrase: passphrase)
        #expect(keyring.created == 1_700_000_000 && keyring.password(profile: "default")?.withBytes { $0 } == Array("pw".utf8))
        #expect(keyring.authorities(site: "s").isEmpty && keyring.receivedKeys(site: "s", now: 0).isEmpty)
        let bundle = try keyring.bundle()
        #expect(try outerVersion(home) == 1)
        try keyring.update { $0.setPassword(Secret([1]), profile: "second") }
        #expect(try outerVersion(home) == 2)
        let again = try Keyring.open(in: home.path, passphrase: passphrase)
        #expect(try again.bundle() == bundle && again.password(profile: "second") != nil && again.password(profile: "default") != nil)
    }

    @Test func refusesNewerVersions() throws {
        let home = try TemporaryFolder()
        try writeKeyring(contents(), outer: 3, to: home)
        #expect(throws: KeyringError.unsupportedVersion(path: home.file.path, version: 3)) { try Keyring.open(in: home.path, passphrase: passphrase) }
        try writeKeyring(contents(), outer: 0, to: home)
        #expect(throws: KeyringError.unsupportedVersion(path: home.file.path, version: 0)) { try Keyring.open(in: home.path, passphrase: passphrase) }
    }

    @Test(
        arguments: [
            [0: CBOR.unsigned(3)], [2: .bytes([1])], [6: .text("0")], [7: .array([.array([.text("x")])])], [7: .array([.unsigned(1)])], [8: .unsigned(0)],
            [8: .array([.unsigned(0)])], [8: .array([.map([:])])], [9: .array([.map([0: .text("site")])])], [10: .array([.map([0: .text("site")])])],
        ] as [[UInt64: CBOR]])
    func refusesContentsThatDoNotRead(change: [UInt64: CBOR]) throws {
        let home = try TemporaryFolder()
        try writeKeyring(contents(2, more: change), outer: 2, to: home)
        #expect(throws: KeyringError.damaged(path: home.file.path, reason: "its contents cannot be read")) {
            try Keyring.open(in: home.path, passphrase: passphrase)
        }
    }

    @Test func refusesAnAuthorityThatContradictsItself() throws {
        let home = try TemporaryFolder()
        let epoch = { (number: UInt64) in CBOR.map([0: .unsigned(number), 1: .bytes([1]), 2: .unsigned(1)]) }
        func authority(_ change: [UInt64: CBOR]) -> [UInt64: CBOR] {
            [
                8: .array([
                    .map(
                        ([
                            0: .text("s"), 1: .text("a"), 2: .unsigned(0), 3: .unsigned(3), 5: .array([epoch(1)]), 6: .bytes([]), 7: .unsigned(0),
                            8: .unsigned(8),
                            9: .array([]), 10: .array([]),
                        ] as [UInt64: CBOR]).merging(change) { $1 })
                ])
            ]
        }
        try writeKeyring(contents(2, more: authority([:])), outer: 2, to: home)
        #expect(try Keyring.open(in: home.path, passphrase: passphrase).authority("a", site: "s")?.currentEpoch.number == 1)
        let changes: [[UInt64: CBOR]] = [
            [5: .array([])], [5: .array([epoch(2), epoch(1)])], [5: .array([epoch(1), epoch(1)])], [3: .unsigned(40)], [2: .unsigned(9)], [7: .unsigned(9)],
            [8: .unsigned(1 << 40)], [4: .bytes([1])],
        ]
        for change in changes {
            try writeKeyring(contents(2, more: authority(change)), outer: 2, to: home)
            #expect(throws: KeyringError.self, "\(change)") { try Keyring.open(in: home.path, passphrase: passphrase) }
        }
    }
}
