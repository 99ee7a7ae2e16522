// The published headers and keys of version 1: they follow from their coins, and open, for ever.

import AttributeEncryption
import CanonicalEncoding
import Crypto
import Foundation
import Testing

@Suite struct VectorTests {
    private let file: VectorFile

    init() throws {
        file = try VectorFile.read()
    }

    @Test func thereAreVectorsOfEachKind() {
        #expect(file.authorities.count >= 6 && file.keys.count >= 8 && file.headers.count >= 16 && file.refusals.count >= 16)
        #expect(Set(file.headers.map(\.suite)) == [1, 2])
        let outcomes = Set(file.headers.flatMap(\.trials).map(\.expect))
        #expect(outcomes == ["success", "notSatisfied", "revoked", "wrongEpoch", "expired", "wrongIdentity"])
    }

    @Test func authoritiesAreRead() throws {
        for vector in file.authorities {
            let secret = try vector.secretKey()
            let record = try vector.authorityRecord()
            #expect(record.publicKey.fingerprint == secret.publicKey.fingerprint)
            #expect(record.publicKey.fingerprint.hexadecimal == vector.fingerprint)
            #expect(record.encoded().hexadecimal == vector.record)
            #expect(secret.withEncoded { $0.hexadecimal } == vector.secret)
            let signer = try Curve25519.Signing.PrivateKey(rawRepresentation: bytes(vector.signer))
            #expect(Array(signer.publicKey.rawRepresentation) == record.publicKey.owner)
        }
    }

    @Test(arguments: VectorFile.published.keys) func aKeyFollowsFromItsScalars(vector: KeyVector) throws {
        let key = try vector.issued(file)
        #expect(key.withEncoded { $0.hexadecimal } == vector.encoding)
        #expect(key.keyID.hexadecimal == vector.keyID)
        let read = try AttributeKey(decoding: bytes(vector.encoding))
        #expect(read.keyID == key.keyID)
        #expect(read.withEncoded { $0.hexadecimal } == vector.encoding)
        try read.verify(with: file.authority(vector.authority).authorityRecord().publicKey, for: bytes(vector.gid))
    }

    @Test(arguments: VectorFile.published.headers) func aHeaderFollowsFromItsMessage(vector: HeaderVector) throws {
        #expect(try vector.sealedPolicy(file).text == vector.canonicalPolicy)
        let (header, key) = try vector.encapsulated(file)
        #expect(header.hexadecimal == vector.header)
        #expect(key.hexadecimal == vector.key)
        #expect(try KeyEncapsulation.inspect(header).suite.rawValue == vector.suite)
    }

    @Test(arguments: VectorFile.published.headers) func aHeaderOpensForWhomItShould(vector: HeaderVector) throws {
        for trial in vector.trials {
            let outcome = opening(vector.header, trial.keys, vector.associatedData, trial.month)
            #expect(outcome.code == trial.expect, "\(trial.keys)")
            if trial.expect == "success" { #expect(outcome.key == vector.key) }
        }
    }

    @Test(arguments: VectorFile.published.refusals) func aBadHeaderIsRefused(vector: RefusalVector) {
        #expect(opening(vector.header, vector.keys, vector.associatedData, vector.month).code == vector.expect)
    }

    private func opening(_ header: String, _ keys: [String], _ associatedData: String, _ month: String) -> (code: String, key: String?) {
        do {
            let key = try KeyEncapsulation.decapsulate(
                bytes(header), keys: file.attributeKeys(keys), associatedData: bytes(associatedData), at: #require(Month(month)))
            return ("success", key.hexadecimal)
        } catch let error as AttributeError {
            return (error.code.rawValue, nil)
        } catch {
            return ("\(error)", nil)
        }
    }
}

extension SymmetricKey {
    /// For comparison with what is published.
    var hexadecimal: String { unsafe withUnsafeBytes { unsafe Array($0) }.hexadecimal }
}
