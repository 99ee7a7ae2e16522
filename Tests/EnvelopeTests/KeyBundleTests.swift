import CanonicalEncoding
import Envelope
import Testing

@Suite struct KeyBundleTests {
    static func first() throws -> KeyBundle {
        try KeyBundle(
            signer: World.owner, xWingKey: World.alice.publicKey, x25519Key: World.bob.publicKey, rsaKeyDER: World.dave.publicKey,
            created: 1_700_000_000)
    }

    @Test func survivesEncoding() throws {
        let bundle = try Self.first()
        #expect(try KeyBundle(decoding: bundle.encoded()) == bundle)
        #expect(bundle.sequence == 0 && bundle.previousSignature == nil)
        #expect(bundle.recipient == World.alice.publicSide)
        #expect(bundle.keyIDs == [World.alice.keyID, World.bob.keyID, World.dave.keyID])
        #expect(bundle.signingKeyID == World.owner.keyID)
        let small = try KeyBundle(signer: World.owner, xWingKey: World.alice.publicKey, created: 1)
        #expect(try KeyBundle(decoding: small.encoded()).keyIDs.count == 1)
    }

    @Test func refusesEveryChangedByte() throws {
        let bytes = try KeyBundle(signer: World.owner, xWingKey: World.alice.publicKey, created: 1).encoded()
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            #expect(refusal { _ = try KeyBundle(decoding: changed) } != nil, "byte \(index) may be changed")
        }
        #expect(refusal { _ = try KeyBundle(decoding: bytes + [0]) } == .malformed)
        #expect(refusal { _ = try KeyBundle(decoding: Array(bytes.dropLast())) } == .malformed)
    }

    @Test func aNewKeyIsVouchedForByTheOld() throws {
        let first = try Self.first()
        let newSigner = Signer.generate()
        let second = try KeyBundle(
            signer: newSigner, xWingKey: Identity.generateXWing().publicKey, created: 2, following: (first, World.owner))
        #expect(second.sequence == 1)
        let read = try KeyBundle(decoding: second.encoded())
        try read.verify(following: first)
        #expect(refusal { try first.verify(following: first) } == .malformed)
        let stranger = try KeyBundle(signer: World.signer, xWingKey: World.alice.publicKey, created: 0)
        #expect(refusal { try read.verify(following: stranger) } == .wrongSigner)
        let third = try KeyBundle(signer: newSigner, xWingKey: World.alice.publicKey, created: 3, following: (second, newSigner))
        try third.verify(following: second)
        #expect(refusal { try third.verify(following: first) } == .malformed)
        #expect(
            refusal { _ = try KeyBundle(signer: newSigner, xWingKey: World.alice.publicKey, created: 3, following: (second, World.owner)) }
                == .wrongSigner)
    }

    @Test func refusesUnknownFieldsAndWrongLengths() throws {
        let bytes = try Self.first().encoded()
        var map = try #require(CBOR(decoding: bytes).mapValue)
        map[9] = .unsigned(1)
        #expect(refusal { _ = try KeyBundle(decoding: CBOR.map(map).encoded()) } == .unsupported)
        map[9] = nil
        map[2] = .bytes([1])
        #expect(refusal { _ = try KeyBundle(decoding: CBOR.map(map).encoded()) } == .malformed)
        #expect(refusal { _ = try KeyBundle(signer: World.owner, xWingKey: [1, 2], created: 1) } == .malformed)
    }
}
