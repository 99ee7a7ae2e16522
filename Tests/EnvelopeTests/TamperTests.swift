import CanonicalEncoding
import Envelope
import Testing

@Suite struct TamperTests {
    /// Every part in it: slack, padding, leaf list, two members.
    static func file(_ size: Int = 40) throws -> [UInt8] {
        try sealMembers([pattern(size), pattern(size)], options: .init(leafList: true, notAfter: 2_000_000_000))
    }

    @Test(arguments: [UInt8(0x01), 0x80]) func refusesEveryChangedByte(mask: UInt8) throws {
        let file = try Self.file()
        for index in file.indices {
            var changed = file
            changed[index] ^= mask
            #expect(refusal { _ = try open(changed) } != nil, "byte \(index) of \(file.count) may be changed")
        }
    }

    @Test func refusesEveryChangedByteOfAFullSlot() throws {
        let file = try seal(pattern(3), options: .init(slot: .full))
        for index in 0..<(96 + 4096) {
            var changed = file
            changed[index] ^= 0x10
            #expect(refusal { _ = try open(changed) } != nil, "byte \(index) may be changed")
        }
    }

    @Test func changedPrefixBytesAreNamedForWhatTheyAre() throws {
        let file = try seal(pattern(3))
        func code(_ index: Int) -> EnvelopeError.Code? {
            var changed = file
            changed[index] ^= 0x40
            return refusal { _ = try open(changed) }
        }
        #expect(code(1) == .malformed)
        #expect(code(6) == .malformed)
        #expect(code(8) == .unsupported)
        #expect(code(9) == .unsupported)
        #expect(code(10) == .unsupported)
        #expect(code(11) == .unsupported)
        #expect(code(16) == .tampered)
        #expect(code(32) == .tampered)
        #expect(code(64) == .tampered)
    }

    @Test func refusesEveryCut() throws {
        let file = try Self.file(20)
        let first = Int(try layout(file).members[0].footerRange.upperBound)
        for count in file.indices where count != first {
            #expect(refusal { _ = try open(Array(file.prefix(count))) } != nil, "cut at \(count) is accepted")
        }
        #expect(refusal { _ = try open(Array(file.prefix(first))) } == .incomplete)
    }

    @Test func refusesCutsAtAndAroundEachBoundaryOfALargeFile() throws {
        let file = try seal(pattern(200_000), options: .init(leafList: true))
        let member = try layout(file).members[0]
        var boundaries = [0, 96, member.headRange.upperBound, member.metadataRange.lowerBound, member.metadataRange.upperBound]
        boundaries += [member.leafListRange.upperBound, member.footerRange.upperBound]
        for index in 1..<4 { boundaries.append(member.segmentsRange.lowerBound + UInt64(index * 65_552)) }
        for boundary in boundaries.map(Int.init) {
            for count in [boundary - 1, boundary, boundary + 1] where (0..<file.count).contains(count) {
                #expect(refusal { _ = try open(Array(file.prefix(count))) } != nil, "cut at \(count) is accepted")
            }
        }
    }

    @Test(arguments: [1, 256, 65_552]) func refusesWhatFollowsTheEnd(count: Int) throws {
        #expect(refusal { _ = try open(seal(pattern(20)) + [UInt8](repeating: 0, count: count)) } == .truncated)
        #expect(refusal { _ = try open([UInt8](repeating: 0, count: count) + seal(pattern(20))) } == .malformed)
    }

    @Test func refusesSegmentsDroppedSwappedDuplicatedOrAppended() throws {
        let file = try seal(pattern(200_000))
        let member = try layout(file).members[0]
        let start = Int(member.segmentsRange.lowerBound)
        let size = 65_552
        func segment(_ index: Int) -> ArraySlice<UInt8> {
            file[(start + index * size)..<min(start + (index + 1) * size, Int(member.segmentsRange.upperBound))]
        }
        func rebuilt(_ order: [Int]) -> [UInt8] {
            file[..<start] + order.flatMap { segment($0) } + file[Int(member.segmentsRange.upperBound)...]
        }
        #expect(try open(rebuilt([0, 1, 2, 3])) == pattern(200_000))
        for order in [[1, 0, 2, 3], [0, 2, 1, 3], [0, 0, 2, 3], [0, 1, 1, 3]] {
            #expect(refusal { _ = try open(rebuilt(order)) } == .tampered, "\(order)")
            // Also without the Merkle root: nonce and additional data hold the segment number.
            #expect(refusal { _ = try readOnly(rebuilt(order)) } == .tampered, "\(order)")
        }
        for order in [[0, 1, 3], [0, 1, 2, 2, 3], [0, 1, 2, 3, 3], [3], [0, 1, 2]] {
            #expect(refusal { _ = try open(rebuilt(order)) } != nil, "\(order)")
        }
    }

    @Test func refusesAShortenedBodyWithAFooterToMatch() throws {
        let file = try seal(pattern(200_000))
        let member = try layout(file).members[0]
        var changed = file
        // One full segment less, in the body and in the counts; the root and the MAC cannot be made to match.
        let end = Int(member.segmentsRange.lowerBound)
        changed.removeSubrange(end..<(end + 65_552))
        let footer = changed.count - 256
        var counts: [UInt8] = []
        counts.appendBigEndian(UInt64(member.segmentsRange.count - 65_552))
        counts.appendBigEndian(UInt64(3))
        changed.replaceSubrange((footer + 8)..<(footer + 24), with: counts)
        _ = try layout(changed)
        #expect(refusal { _ = try open(changed) } == .wrongSigner)
        #expect(refusal { _ = try readOnly(changed) } == .tampered)
    }

    @Test func refusesSegmentsOfAnotherFile() throws {
        let first = try seal(pattern(70_000))
        let second = try seal(pattern(70_000))
        let range = try layout(first).members[0].segmentsRange
        let mixed = Array(first[..<Int(range.lowerBound)] + second[Int(range.lowerBound)..<Int(range.upperBound)] + first[Int(range.upperBound)...])
        #expect(refusal { _ = try readOnly(mixed) } == .tampered)
    }

    @Test func refusesMembersDroppedSwappedOrOfAnotherRecord() throws {
        let file = try sealMembers([pattern(10), pattern(20), pattern(30)])
        let members = try layout(file).members
        func part(_ index: Int) -> ArraySlice<UInt8> { file[Int(members[index].headRange.lowerBound)..<Int(members[index].footerRange.upperBound)] }
        for order in [[1, 2], [0, 2], [1, 0, 2], [0, 1, 1, 2], [2], [0, 0, 1, 2]] {
            #expect(refusal { _ = try layout(order.flatMap { part($0) }) } == .tampered, "\(order)")
        }
        let other = try sealMembers([pattern(10), pattern(20), pattern(30)])
        #expect(refusal { _ = try layout(part(0) + part(1) + Array(other[Int(members[2].headRange.lowerBound)...])) } == .tampered)
    }

    @Test func refusesTheHeadOfAnotherRecord() throws {
        let first = try seal(pattern(10))
        let second = try seal(pattern(10))
        let end = Int(try layout(first).members[0].headRange.upperBound)
        #expect(refusal { _ = try layout(Array(second[..<end] + first[end...])) } == .tampered)
    }

    @Test func tellsATransferInTextModeFromAForeignFile() throws {
        var file = try seal(pattern(10))
        file.remove(at: 4)
        let error = #expect(throws: EnvelopeError.self) { _ = try layout(file) }
        #expect(error?.code == .malformed)
        #expect(error?.reason.contains("text") == true)
        #expect(refusal { _ = try layout(Array("%PDF-1.7".utf8) + pattern(5000)) } == .malformed)
        #expect(refusal { _ = try layout([]) } == .malformed)
    }

    @Test func boundsLengthsInHostileFooters() throws {
        let file = try seal(pattern(10))
        let footer = file.count - 256
        for (offset, width) in [(8, 8), (16, 8), (24, 4), (28, 4)] {
            var changed = file
            for index in 0..<width { changed[footer + offset + index] = 0xff }
            #expect(refusal { _ = try layout(changed) } != nil)
        }
    }

    /// Opens without the checks that need no key.
    private func readOnly(_ file: [UInt8]) throws -> [UInt8] {
        try EnvelopeReader(layout: layout(file), source: ArrayByteSource(file), identities: [World.bob]).readAll()
    }
}

@Suite struct SignatureTests {
    @Test func acceptsOnlyTheExpectedSigner() throws {
        let file = try seal(pattern(10))
        let layout = try layout(file)
        try EnvelopeVerifier.verifySignatures(layout, signerKeys: [World.owner.publicKey, World.signer.publicKey])
        #expect(refusal { try EnvelopeVerifier.verifySignatures(layout, signerKeys: [World.owner.publicKey]) } == .wrongSigner)
        #expect(refusal { try EnvelopeVerifier.verifySignatures(layout, signerKeys: []) } == .wrongSigner)
    }

    @Test func findsBodyDamageWithoutAKey() throws {
        var file = try seal(pattern(100_000), options: .init(leafList: true))
        let layout = try layout(file)
        for offset in [layout.members[0].segmentsRange.lowerBound + 70_000, layout.members[0].leafListRange.lowerBound + 40] {
            file[Int(offset)] ^= 1
            #expect(refusal { try EnvelopeVerifier.verifyBody(layout, source: ArrayByteSource(file), signerKeys: nil) } == .tampered)
            file[Int(offset)] ^= 1
        }
        try EnvelopeVerifier.verifyBody(layout, source: ArrayByteSource(file), signerKeys: nil)
    }
}
