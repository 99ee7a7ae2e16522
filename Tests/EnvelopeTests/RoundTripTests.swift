import CanonicalEncoding
import Crypto
import Envelope
import Foundation
import MerkleTree
import Testing

@Suite struct RoundTripTests {
    static let sizes = [0, 1, 15, 16, 17, 255, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000]

    @Test(arguments: sizes) func opensWhatWasSealed(size: Int) throws {
        let plaintext = pattern(size)
        #expect(try open(seal(plaintext)) == plaintext)
    }

    @Test(arguments: [1, 7, 1000, 16_384, 65_535, 65_536, 65_537, 150_000]) func doesNotDependOnHowBytesArrive(chunk: Int) throws {
        let plaintext = pattern(150_000)
        let member = try sealMember(plaintext, chunk: chunk)
        #expect(try open(member.bytes) == plaintext)
        #expect(member.summary.plaintextSHA256 == Array(SHA256.hash(data: plaintext)))
    }

    @Test(arguments: [0, 100, 4096, 4097, 65_536, 100_000, 262_144]) func hidesTheLengthWhenPadding(size: Int) throws {
        let plaintext = pattern(size)
        let member = try sealMember(plaintext, options: .init(padding: .padme))
        let layout = try layout(member.bytes)
        #expect(layout.totalPlaintextUpperBound >= UInt64(max(size, 4096)))
        #expect(layout.totalPlaintextUpperBound <= UInt64(max(size * 112 / 100, 4096)))
        #expect(member.summary.plaintextByteCount == UInt64(size))
        #expect(try open(member.bytes) == plaintext)
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13]) func merkleRootIsThatOfRFC6962(segments: Int) throws {
        let member = try sealMember(pattern(segments * 65_536 - 1))
        let layout = try layout(member.bytes)
        var frontier = MerkleFrontier()
        var offset = Int(layout.members[0].segmentsRange.lowerBound)
        for index in 0..<segments {
            let end = min(offset + 65_552, Int(layout.members[0].segmentsRange.upperBound))
            var leaf: [UInt8] = []
            leaf.appendBigEndian(UInt64(index))
            frontier.append(leafHash: MerkleHash.leaf(leaf + member.bytes[offset..<end]))
            offset = end
        }
        #expect(layout.footer.segmentCount == UInt64(segments))
        #expect(member.summary.merkleRoot == frontier.root)
        #expect(layout.footer.merkleRoot == frontier.root)
    }

    @Test(arguments: [HeaderSlot.lean, .full], [true, false]) func summaryMatchesTheFile(slot: HeaderSlot, leafList: Bool) throws {
        let member = try sealMember(pattern(70_000), options: .init(slot: slot, leafList: leafList, sealedOnIngest: true))
        let layout = try layout(member.bytes)
        let summary = member.summary
        #expect(summary.totalLength == UInt64(member.bytes.count))
        #expect(summary.headLength == layout.members[0].headRange.count)
        #expect(summary.bodyLength == UInt64(layout.members[0].segmentsRange.count))
        #expect(summary.footerHash == layout.footerHash)
        #expect(summary.footerHash == Array(SHA256.hash(data: member.bytes.suffix(256))))
        #expect(EnvelopeHead.headersDigest(of: [layout.heads[0]]) == Array(SHA256.hash(data: summary.headDigest)))
        #expect(layout.headersDigest == Array(SHA256.hash(data: summary.headDigest)))
        #expect(layout.members[0].leafListRange.count == (leafList ? 64 : 0))
        #expect(layout.members[0].prefix.flags.contains(.sealedOnIngest))
        if slot == .full { #expect((summary.headLength - 96) % 4096 == 0) }
        #expect(try open(member.bytes) == pattern(70_000))
    }

    @Test func keepsMetadata() throws {
        var metadata = RecordMetadata(
            originalName: "Alcántar Ñ.xml", mediaType: "application/xml", clientModificationTime: 1_700_000_000,
            source: .init(uploader: "clinic", tlsSuite: "TLS_AES_256_GCM_SHA384", receivedAt: 1_700_000_001))
        metadata.others = [20: .array([.unsigned(1)])]
        let file = try sealMember(pattern(10), metadata: metadata).bytes
        let reader = try EnvelopeReader(layout: layout(file), source: ArrayByteSource(file), identities: [World.bob])
        #expect(reader.metadata.originalName == "Alcántar Ñ.xml")
        #expect(reader.metadata.mediaType == "application/xml")
        #expect(reader.metadata.clientModificationTime == 1_700_000_000)
        #expect(reader.metadata.source == metadata.source)
        #expect(reader.metadata.others == metadata.others)
        #expect(reader.metadata.plaintextByteCount == 10)
        #expect(reader.metadata.plaintextSHA256 == Array(SHA256.hash(data: pattern(10))))
    }

    @Test func metadataTellsOnlyItsRoundedLength() throws {
        let short = try sealMember([], metadata: .init(originalName: "a")).bytes.count
        let long = try sealMember([], metadata: .init(originalName: String(repeating: "a", count: 150))).bytes.count
        #expect(short == long)
    }

    @Test func refusesOverlongMetadata() throws {
        let name = String(repeating: "x", count: 70_000)
        #expect(refusal { _ = try sealMember([], metadata: .init(originalName: name)) } == .limitExceeded)
    }

    @Test func sealsNothingTwiceTheSame() throws {
        #expect(try seal(pattern(100)) != seal(pattern(100)))
    }

    @Test func takesADigestComputedElsewhere() throws {
        let plaintext = pattern(1000)
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: WrapKey(recipients: [World.bob.publicSide]),
            options: .init(plaintextDigest: .supplied), signer: World.signer)
        var file = sealer.head
        try unsafe sealer.update(plaintext) { unsafe file.append(contentsOf: $0) }
        let digest = Array(SHA256.hash(data: plaintext))
        _ = try unsafe sealer.finish(metadata: .init(), interrupted: false, plaintextSHA256: digest) { unsafe file.append(contentsOf: $0) }
        #expect(try open(file) == plaintext)
    }

    @Test func sealsNothingMoreAfterAnErrorOrTheEnd() throws {
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: WrapKey(recipients: [World.bob.publicSide]), options: .init(),
            signer: World.signer)
        struct Full: Error {}
        #expect(throws: Full.self) { try unsafe sealer.update(pattern(65_536)) { _ in throw Full() } }
        #expect(refusal { try unsafe sealer.update([1]) { _ in } } == .source)
        #expect(refusal { _ = try unsafe sealer.finish(metadata: .init(), interrupted: true) { _ in } } == .source)
    }

    @Test func mayBeHandedToAnotherThread() throws {
        nonisolated(unsafe) let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: WrapKey(recipients: [World.bob.publicSide]), options: .init(),
            signer: World.signer)
        nonisolated(unsafe) var file = unsafe sealer.head
        let plaintext = pattern(100_000)
        for start in stride(from: 0, to: plaintext.count, by: 10_000) {
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                try? unsafe sealer.update(Array(plaintext[start..<start + 10_000])) { unsafe file.append(contentsOf: $0) }
                done.signal()
            }
            done.wait()
        }
        _ = try unsafe sealer.finish(metadata: .init(), interrupted: false) { unsafe file.append(contentsOf: $0) }
        #expect(try unsafe open(file) == plaintext)
    }

    @Test func readsFromAFile() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("envelope-\(UUID().uuidString).phr").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(seal(pattern(70_000))).write(to: URL(fileURLWithPath: path))
        let source = try FileByteSource(path: path)
        let reader = try EnvelopeReader(layout: EnvelopeLayout(scanning: source), source: source, identities: [World.bob])
        #expect(try reader.readAll() == pattern(70_000))
        #expect(refusal { _ = try FileByteSource(path: path + ".missing") } == .source)
    }
}

@Suite struct RandomAccessTests {
    @Test func readsAnyRange() throws {
        let parts = [pattern(70_000), [], pattern(65_536), pattern(5)]
        let plaintext = parts.flatMap { $0 }
        let file = try sealMembers(parts, options: .init(padding: .padme))
        let reader = try EnvelopeReader(layout: layout(file), source: ArrayByteSource(file), identities: [World.bob])
        #expect(reader.plaintextByteCount == UInt64(plaintext.count))
        for offset in [
            0, 1, 65_535, 65_536, 69_999, 70_000, 70_001, 135_535, 135_536, plaintext.count - 1, plaintext.count, plaintext.count + 9, Int.max,
        ] {
            for count in [0, 1, 10, 66_000, 200_000] {
                var output = [UInt8](repeating: 0, count: count)
                let got = try unsafe output.withUnsafeMutableBytes { unsafe try reader.read(offset: UInt64(offset), into: $0) }
                let expected = plaintext.dropFirst(offset).prefix(count)
                #expect(got == expected.count)
                #expect(output.prefix(got).elementsEqual(expected))
            }
        }
    }

    @Test func touchesOnlyTheSegmentsItNeeds() throws {
        var file = try seal(pattern(200_000))
        let layout = try layout(file)
        file[Int(layout.members[0].segmentsRange.lowerBound) + 65_552 * 2 + 5] ^= 1
        let reader = try EnvelopeReader(layout: layout, source: ArrayByteSource(file), identities: [World.bob])
        var output = [UInt8](repeating: 0, count: 131_072)
        #expect(try unsafe output.withUnsafeMutableBytes { unsafe try reader.read(offset: 0, into: $0) } == 131_072)
        #expect(output == Array(pattern(200_000).prefix(131_072)))
        #expect(refusal { _ = try unsafe output.withUnsafeMutableBytes { unsafe try reader.read(offset: 131_072, into: $0) } } == .tampered)
        // A failed segment leaves nothing behind that a later read would give out.
        #expect(refusal { _ = try unsafe output.withUnsafeMutableBytes { unsafe try reader.read(offset: 131_072, into: $0) } } == .tampered)
    }

    @Test func progressCanStopIt() throws {
        struct Stop: Error {}
        let file = try seal(pattern(200_000))
        let reader = try EnvelopeReader(layout: layout(file), source: ArrayByteSource(file), identities: [World.bob])
        #expect(throws: Stop.self) { try unsafe reader.readAll(emit: { _ in }, progress: { if $0 > 65_536 { throw Stop() } }) }
    }
}

@Suite struct MemberTests {
    @Test func joinsMembers() throws {
        let parts = [pattern(100), pattern(70_000), [], pattern(65_536)]
        let file = try sealMembers(parts)
        #expect(try open(file) == parts.flatMap { $0 })
        #expect(try layout(file).members.count == 4)
    }

    @Test func appendsTwentyTimes() throws {
        var file: [UInt8] = []
        var chain: MemberChain?
        for number in 0..<20 {
            let member = try sealMember(Array("line \(number)\n".utf8), chain: chain)
            file += member.bytes
            chain = .following(member.summary)
            #expect(try open(file).count > number)
            #expect(try layout(file).nextInChain == chain)
        }
        #expect(String(decoding: try open(file), as: UTF8.self).hasSuffix("line 19\n"))
    }

    @Test func refusesAnUnfinishedUpload() throws {
        let member = try sealMember(pattern(10), interrupted: true)
        #expect(refusal { _ = try layout(member.bytes) } == .incomplete)
        let partial = try EnvelopeLayout(scanning: ArrayByteSource(member.bytes), allowingInterrupted: true)
        #expect(partial.footer.flags == .interrupted)
    }

    @Test func givesEachMemberItsOwnRecipients() throws {
        let first = try sealMember(pattern(5), for: [World.bob.publicSide], interrupted: true)
        let second = try sealMember(pattern(5), for: [World.carol.publicSide], chain: .following(first.summary))
        let file = first.bytes + second.bytes
        #expect(refusal { _ = try open(file) } == .wrongKey)
        #expect(try open(file, with: [World.bob, World.carol]) == pattern(5) + pattern(5))
    }

    @Test func refusesMoreThan1024Members() throws {
        let chain = MemberChain(objectID: MemberChain.newObjectID(), memberNumber: 1024, previousFooterHash: [UInt8](repeating: 1, count: 32))
        #expect(refusal { _ = try sealMember([], chain: chain) } == .limitExceeded)
    }

    @Test func refusesMembersOfDifferentRevisions() throws {
        let first = try sealMember(pattern(5), interrupted: true)
        let second = try sealMember(pattern(5), chain: .following(first.summary), revision: 1)
        #expect(refusal { _ = try layout(first.bytes + second.bytes) } == .tampered)
    }
}
