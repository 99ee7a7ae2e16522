import CanonicalEncoding
import Envelope
import Testing

@Suite struct HeaderRewriterTests {
    private func rewrapped(
        _ file: [UInt8], to recipients: [Recipient], revision: UInt64 = 1, slot: HeaderSlot = .full, opening identities: [Identity] = [World.bob]
    ) throws -> [[UInt8]] {
        try HeaderRewriter.rewrap(
            heads: layout(file).heads, opening: identities, recipients: recipients, revision: revision, notAfter: 1_900_000_000, owner: World.owner,
            slot: slot)
    }

    private func replaced(_ file: [UInt8], _ heads: [[UInt8]]) throws -> [UInt8] {
        var result: [UInt8] = []
        for (member, head) in zip(try layout(file).members, heads) {
            result += head + file[Int(member.headRange.upperBound)..<Int(member.footerRange.upperBound)]
        }
        return result
    }

    @Test(arguments: [HeaderSlot.lean, .full]) func sharesAndUnshares(slot: HeaderSlot) throws {
        let parts = [pattern(70_000), pattern(100)]
        let plaintext = parts.flatMap { $0 }
        let file = try sealMembers(parts, options: .init(slot: slot))
        let shared = try replaced(file, rewrapped(file, to: [World.bob.publicSide, World.carol.publicSide], slot: slot))
        #expect(try open(shared, with: [World.carol]) == plaintext)
        #expect(try layout(shared).headerRevision == 1)
        #expect(try layout(shared).notAfter == 1_900_000_000)
        #expect(try layout(shared).footerHash == layout(file).footerHash)
        #expect(try layout(shared).headersDigest != layout(file).headersDigest)
        let unshared = try replaced(shared, rewrapped(shared, to: [World.bob.publicSide], revision: 2, slot: slot))
        #expect(refusal { _ = try open(unshared, with: [World.carol]) } == .wrongKey)
        #expect(try open(unshared) == plaintext)
    }

    @Test func membersShareOneFreshWrapKey() throws {
        let file = try sealMembers([pattern(5), pattern(5)])
        let old = try layout(file).members.map { WrapKey.stanzaHash(of: $0.head.stanzas) }
        #expect(Set(old).count == 2)
        let new = try rewrapped(file, to: [World.bob.publicSide]).map { WrapKey.stanzaHash(of: try EnvelopeHead(parsing: $0).stanzas) }
        #expect(Set(new).count == 1 && !old.contains(new[0]))
    }

    @Test func aFullSlotKeepsTheBodyInPlace() throws {
        let file = try seal(pattern(100), options: .init(slot: .full))
        let many = [World.alice.publicSide, World.bob.publicSide, World.carol.publicSide]
        let shared = try replaced(file, rewrapped(file, to: many))
        #expect(try layout(shared).members[0].segmentsRange == layout(file).members[0].segmentsRange)
        let larger = try rewrapped(file, to: many + (0..<40).map { _ in Identity.generateX25519().publicSide })
        #expect(larger[0].count == 96 + 8192)
        let smaller = try rewrapped(replaced(file, larger), to: [World.bob.publicSide], revision: 2)
        #expect(smaller[0].count == 96 + 8192)
    }

    @Test func ownerSignatureIsChecked() throws {
        let file = try sealMembers([pattern(5), pattern(5)])
        let heads = try rewrapped(file, to: [World.bob.publicSide])
        try HeaderRewriter.verifyOwnerSignature(heads: heads, ownerPublicKey: World.owner.publicKey)
        #expect(refusal { try HeaderRewriter.verifyOwnerSignature(heads: heads, ownerPublicKey: World.signer.publicKey) } == .wrongSigner)
        let unsigned = try layout(file).heads
        #expect(refusal { try HeaderRewriter.verifyOwnerSignature(heads: unsigned, ownerPublicKey: World.owner.publicKey) } == .wrongSigner)
        #expect(
            refusal { try HeaderRewriter.verifyOwnerSignature(heads: [heads[0], unsigned[1]], ownerPublicKey: World.owner.publicKey) } == .wrongSigner
        )
        #expect(refusal { try HeaderRewriter.verifyOwnerSignature(heads: [], ownerPublicKey: World.owner.publicKey) } == .truncated)
    }

    @Test func aReaderWithTheFileKeyCannotSignForTheOwner() throws {
        // Bob may open the record and so knows its MAC keys; a head he writes is still not the owner's.
        let file = try seal(pattern(5))
        let forged = try HeaderRewriter.rewrap(
            heads: layout(file).heads, opening: [World.bob], recipients: [World.carol.publicSide], revision: 1, notAfter: nil,
            owner: Signer.generate(), slot: .lean)
        #expect(try open(replaced(file, forged), with: [World.carol]) == pattern(5))
        #expect(refusal { try HeaderRewriter.verifyOwnerSignature(heads: forged, ownerPublicKey: World.owner.publicKey) } == .wrongSigner)
    }

    @Test func aSignedHeadIsChangedInNoByte() throws {
        let heads = try rewrapped(seal(pattern(5)), to: [World.bob.publicSide], slot: .lean)
        for index in heads[0].indices {
            var changed = heads[0]
            changed[index] ^= 1
            let isAccepted =
                refusal {
                    try HeaderRewriter.verifyOwnerSignature(heads: [changed], ownerPublicKey: World.owner.publicKey)
                    _ = try HeaderRewriter.rewrap(
                        heads: [changed], opening: [World.bob], recipients: [World.bob.publicSide], revision: 9, notAfter: nil, owner: World.owner,
                        slot: .lean)
                } == nil
            #expect(!isAccepted, "byte \(index) may be changed")
        }
    }

    @Test func recognisesAnotherBody() throws {
        let file = try sealMembers([pattern(5), pattern(5)])
        let heads = try layout(file).heads
        let shared = try rewrapped(file, to: [World.carol.publicSide])
        try HeaderRewriter.sameBody(heads, shared)
        let other = try layout(sealMembers([pattern(5), pattern(5)])).heads
        #expect(refusal { try HeaderRewriter.sameBody(heads, other) } == .tampered)
        #expect(refusal { try HeaderRewriter.sameBody(heads, [shared[0]]) } == .tampered)
        #expect(refusal { try HeaderRewriter.sameBody(heads, shared.reversed()) } == .tampered)
        #expect(refusal { try HeaderRewriter.sameBody(heads, [shared[0], heads[1]]) } == .tampered)
    }

    @Test func rollbackOfAHeaderShows() throws {
        let file = try seal(pattern(5))
        let shared = try replaced(file, rewrapped(file, to: [World.bob.publicSide, World.carol.publicSide]))
        let revoked = try replaced(shared, rewrapped(shared, to: [World.bob.publicSide], revision: 2))
        // The old header still opens for Carol: only its revision and its digest tell, which the ledger holds.
        let rolledBack = try replaced(revoked, layout(shared).heads)
        #expect(try open(rolledBack, with: [World.carol]) == pattern(5))
        #expect(try layout(rolledBack).headerRevision < layout(revoked).headerRevision)
        #expect(try layout(rolledBack).headersDigest != layout(revoked).headersDigest)
        #expect(refusal { _ = try rewrapped(revoked, to: [World.bob.publicSide], revision: 2) } == .malformed)
        #expect(refusal { _ = try rewrapped(revoked, to: [World.bob.publicSide], revision: 1) } == .malformed)
    }

    @Test func needsAKeyThatOpensAllMembers() throws {
        let file = try sealMembers([pattern(5), pattern(5)])
        #expect(refusal { _ = try rewrapped(file, to: [World.carol.publicSide], opening: [World.carol]) } == .wrongKey)
    }

    @Test func splitsConcatenatedHeads() throws {
        let heads = try layout(sealMembers([pattern(5), pattern(5), []])).heads
        #expect(try HeaderRewriter.split(heads.flatMap { $0 }) == heads)
        #expect(refusal { _ = try HeaderRewriter.split(Array(heads.flatMap { $0 }.dropLast())) } == .truncated)
        #expect(refusal { _ = try HeaderRewriter.split(heads[0] + [1]) } == .truncated)
        #expect(try EnvelopeHead.headLength(prefix: Array(heads[0].prefix(96))) == heads[0].count)
    }
}
