import CanonicalEncoding
import Envelope
import Testing

/// Members that are authentic in every MAC and signature, and break one rule of the format.
@Suite struct RuleTests {
    static func wellFormedStanza() throws -> CBOR { try HandmadeMember.stanza(wrapping: HandmadeMember().wrapKey, for: World.bob.publicKey) }

    @Test(arguments: [0, 8, 65_535, 65_536, 131_072, 140_000]) func aForeignWriterIsRead(size: Int) throws {
        #expect(try open(HandmadeMember(plaintext: pattern(size)).sealed()) == pattern(size))
    }

    @Test func skipsUnknownStanzas() throws {
        let unknown = CBOR.map([0: .unsigned(6), 1: .bytes([1, 2, 3]), 2: .array([.text("later")]), 9: .unsigned(1)])
        let far = CBOR.map([0: .unsigned(70_000)])
        let member = HandmadeMember(stanzas: [unknown, try Self.wellFormedStanza(), far])
        #expect(try open(member.sealed()) == member.plaintext)
        #expect(try layout(member.sealed()).stanzas.map(\.type) == [6, 2, 70_000])
        #expect(refusal { _ = try open(HandmadeMember(stanzas: [unknown]).sealed()) } == .wrongKey)
    }

    @Test func refusesUnknownCriticalFieldsAndPassesOverOthers() throws {
        for key in UInt64(6)...15 { #expect(refusal { _ = try open(HandmadeMember(header: [key: .unsigned(1)]).sealed()) } == .unsupported) }
        for key in UInt64(16)...23 { #expect(refusal { _ = try open(HandmadeMember(header: [key: .text("later")]).sealed()) } == nil) }
    }

    @Test func refusesStanzasThatBreakTheRules() throws {
        let good = try Self.wellFormedStanza()
        let entries = try #require(good.mapValue)
        func code(_ stanzas: [CBOR]) -> EnvelopeError.Code? { refusal { _ = try open(HandmadeMember(stanzas: stanzas).sealed()) } }
        #expect(code([good]) == nil)
        #expect(code([]) == .malformed)
        #expect(code([good, good]) == .malformed)
        #expect(code([good, .unsigned(1)]) == .malformed)
        #expect(code([good, .map([1: .bytes([])])]) == .malformed)
        #expect(code([.map(entries.merging([4: .unsigned(1)]) { $1 })]) == .malformed)
        #expect(code([.map(entries.merging([3: .bytes([UInt8](repeating: 0, count: 47))]) { $1 })]) == .malformed)
        #expect(code([.map(entries.merging([2: .bytes([UInt8](repeating: 0, count: 31))]) { $1 })]) == .malformed)
        #expect(code([.map(entries.merging([2: .bytes([UInt8](repeating: 0, count: 32))]) { $1 })]) == .tampered)
        #expect(code([.map(entries.merging([0: .unsigned(1)]) { $1 })]) == .malformed)
        #expect(code([good] + (0..<64).map { .map([0: .unsigned(100 + UInt64($0))]) }) == .limitExceeded)
        let passphrase: [UInt64: CBOR] = [
            0: .unsigned(5), 1: .bytes([UInt8](repeating: 0, count: 16)), 2: .bytes([UInt8](repeating: 1, count: 16)),
            3: .bytes([UInt8](repeating: 2, count: 48)), 4: .unsigned(10),
        ]
        #expect(code([.map(passphrase)]) == .wrongKey)
        #expect(code([good, .map(passphrase)]) == .malformed)
        #expect(code([.map(passphrase.merging([4: .unsigned(21)]) { $1 })]) == .limitExceeded)
        #expect(code([.map(passphrase.merging([4: .unsigned(0)]) { $1 })]) == .malformed)
        #expect(code([.map(passphrase.merging([1: .bytes([UInt8](repeating: 1, count: 16))]) { $1 })]) == .malformed)
    }

    @Test func refusesHeadersThatBreakTheRules() throws {
        func code(_ header: [UInt64: CBOR]) -> EnvelopeError.Code? { refusal { _ = try open(HandmadeMember(header: header).sealed()) } }
        #expect(code([0: .text("1")]) == .malformed)
        #expect(code([1: .text("1")]) == .malformed)
        #expect(code([2: .unsigned(1)]) == .malformed)
        #expect(code([3: .bytes([1])]) == .malformed)
        #expect(code([4: .bytes([UInt8](repeating: 1, count: 16))]) == .malformed)
        #expect(code([5: .bytes([UInt8](repeating: 1, count: 64))]) == .malformed)
        #expect(code([4: .bytes([UInt8](repeating: 1, count: 15)), 5: .bytes([UInt8](repeating: 1, count: 64))]) == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(encodedHeader: [0xa0]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(encodedHeader: [0xbf, 0xff]).sealed()) } == .malformed)
    }

    @Test func refusesSlackAndPaddingThatIsNotZero() throws {
        #expect(refusal { _ = try open(HandmadeMember(slack: [0, 0, 0]).sealed()) } == nil)
        #expect(refusal { _ = try open(HandmadeMember(slack: [0, 1, 0]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(flags: 2, padding: [0, 0, 0]).sealed()) } == nil)
        #expect(refusal { _ = try open(HandmadeMember(flags: 2, padding: [0, 1, 0]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(metadataPadding: 1).sealed()) } == .malformed)
    }

    @Test func refusesSizesThatDoNotFit() throws {
        // More behind the content than it says, without the flag that announces padding.
        #expect(refusal { _ = try open(HandmadeMember(padding: [0, 0, 0]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(metadata: [0: .unsigned(7)]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(metadata: [0: .unsigned(9)]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(metadata: [0: .unsigned(.max)]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(flags: 2, metadata: [0: .unsigned(.max)]).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(metadata: [1: .bytes([UInt8](repeating: 0, count: 32))]).sealed()) } == .tampered)
        #expect(refusal { _ = try open(HandmadeMember(metadata: [1: .text("x")]).sealed()) } == .malformed)
    }

    @Test func refusesFlagsThatContradict() throws {
        #expect(refusal { _ = try open(HandmadeMember(footerFlags: 0).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(footerFlags: 3).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(footerFlags: 9).sealed()) } == .malformed)
        #expect(refusal { _ = try open(HandmadeMember(footerFlags: 2).sealed()) } == .incomplete)
        #expect(refusal { _ = try open(HandmadeMember(footerFlags: 5).sealed()) } != nil)
        #expect(refusal { _ = try open(HandmadeMember(flags: 4).sealed()) } == .tampered)
        #expect(refusal { _ = try open(HandmadeMember(flags: 0x10).sealed()) } == .unsupported)
        #expect(refusal { _ = try open(HandmadeMember(memberNumber: 1).sealed()) } == .tampered)
        #expect(refusal { _ = try open(HandmadeMember(previous: [UInt8](repeating: 1, count: 32)).sealed()) } == .tampered)
    }
}
