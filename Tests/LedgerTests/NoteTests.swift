// Verifier keys, signed notes, checkpoints and tile paths.

import CanonicalEncoding
import Crypto
import Ledger
import Testing

@Suite struct NoteTests {
    private static let vkey = "phr.example/site-a+30aa6ebc+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    private static let text = "phr.example/site-a\n700\nxw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JAc=\n"

    private static func signature(_ text: String, name: String = Fixture.origin, id: [UInt8]? = nil) throws -> SignedNote.Signature {
        let keyID = try VerifierKey(parsing: vkey).keyID
        return SignedNote.Signature(
            name: name, keyID: id ?? keyID, bytes: Array(try Fixture.keys.log.signature(for: Array(text.utf8))))
    }

    private static func note(_ text: String = text, _ more: [SignedNote.Signature] = []) throws -> String {
        SignedNote(text: text, signatures: [try signature(text)] + more).formatted
    }

    @Test func verifierKeyIsTheFixedOne() throws {
        let key = try VerifierKey(name: Fixture.origin, publicKey: Array(Fixture.keys.log.publicKey.rawRepresentation))
        #expect(key.text == Self.vkey)
        #expect(key.keyID.hexadecimal == "30aa6ebc")
        #expect(try VerifierKey(parsing: Self.vkey) == key)
    }

    @Test(arguments: [
        "", "a+b", "phr.example/site-a+30aa6ebd+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "phr.example/site-b+30aa6ebc+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "phr.example/site-a+30aa6ebc+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
        "phr.example/site-a+30aa6ebc+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\n", "phr example+30aa6ebc+AQOh",
    ])
    func refusesOtherVerifierKeys(text: String) {
        #expect(codeThrown { _ = try VerifierKey(parsing: text) } != nil)
    }

    @Test(arguments: ["", "a b", "a+b", "a\nb", "ä", "phr-block/v1", "phr-tx/v1", "phr-genesis/v1", String(repeating: "a", count: 256)])
    func refusesOriginsThatCouldMeanSomethingElse(name: String) {
        #expect(codeThrown { _ = try VerifierKey(name: name, publicKey: [UInt8](repeating: 1, count: 32)) } == .invalidOrigin)
    }

    @Test func readsACheckpointWithForeignCosignatures() throws {
        let key = try VerifierKey(parsing: Self.vkey)
        let foreign = try (0..<20).map { try Self.signature("other", name: "witness.example/\($0)", id: [1, 2, 3, UInt8($0)]) }
        let note = try Self.note(Self.text, foreign)
        let checkpoint = try CheckpointNote(parsing: note, verifiedBy: key)
        #expect(checkpoint.size == 700)
        #expect(checkpoint.root.base64 == "xw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JAc=")
        #expect(checkpoint.text == note)
    }

    @Test func refusesABadSignatureOfTheKnownKeyEvenBesideAGoodOne() throws {
        let key = try VerifierKey(parsing: Self.vkey)
        let note = try Self.note(Self.text, [try Self.signature("other")])
        #expect(codeThrown { _ = try CheckpointNote(parsing: note, verifiedBy: key) } == .badSignature)
    }

    @Test func refusesANoteWithoutTheKnownKey() throws {
        let key = try VerifierKey(parsing: Self.vkey)
        let note = SignedNote(text: Self.text, signatures: [try Self.signature(Self.text, id: [0, 0, 0, 0])]).formatted
        #expect(codeThrown { _ = try CheckpointNote(parsing: note, verifiedBy: key) } == .unknownKey)
    }

    @Test(arguments: [
        "phr.example/site-a\n0700\nxw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JAc=\n",
        "phr.example/site-a\n+700\nxw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JAc=\n",
        "phr.example/site-a\n18446744073709551616\nxw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JAc=\n",
        "phr.example/site-a\n700\nxw5zSZqcGcWQ2YSUvQUOs6ZGvzjJ96OX3OWj/t47JA==\n", "phr.example/site-a\n700\n", "\n700\nAAAA\n",
    ])
    func refusesSignedTextThatIsNoCheckpoint(text: String) throws {
        let key = try VerifierKey(parsing: Self.vkey)
        let note = try Self.note(text)
        #expect(codeThrown { _ = try CheckpointNote(parsing: note, verifiedBy: key) } == .malformedNote)
    }

    @Test func refusesACheckpointOfAnotherOriginUnderTheSameKey() throws {
        let note = try Self.note("other.example\n1\n" + MerkleRootText.empty + "\n")
        let key = try VerifierKey(parsing: Self.vkey)
        #expect(codeThrown { _ = try CheckpointNote(parsing: note, verifiedBy: key) } == .unknownKey)
    }

    private enum MerkleRootText { static let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" }

    @Test(arguments: [
        "", "\n", "a\n", "a\n\n", "a\n\n\n", "a\n\n— x\n", "a\n\n- x AAAAAAA=\n", "a\n\n— x AAAA\n", "a\n\n— x AAAAAAA= y\n", "a\n\n— x+y AAAAAAA=\n",
        "a\n\n—  AAAAAAA=\n", "a\n\n— x AAAAAAA=", "a\r\n\n— x AAAAAAA=\n", "a\t\n\n— x AAAAAAA=\n", "a\n\n— x AAAAAAB=\n",
    ])
    func refusesWhatIsNoNote(text: String) {
        #expect(codeThrown { _ = try SignedNote(parsing: text) } == .malformedNote)
    }

    @Test func everyChangedByteOfACheckpointIsRefused() throws {
        let key = try VerifierKey(parsing: Self.vkey)
        let note = try Self.note()
        let bytes = Array(note.utf8)
        for position in bytes.indices {
            var changed = bytes
            changed[position] ^= 1
            guard let text = String(validating: changed, as: UTF8.self) else { continue }
            #expect(codeThrown { _ = try CheckpointNote(parsing: text, verifiedBy: key) } != nil, "byte \(position)")
        }
        for count in 0..<bytes.count {
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            #expect(codeThrown { _ = try CheckpointNote(parsing: text, verifiedBy: key) } != nil, "cut at \(count)")
        }
    }
}

@Suite struct TilePathTests {
    @Test(arguments: [
        ("tile/0/000", TilePath(kind: .hashes(level: 0), number: 0)),
        ("tile/0/x001/x234/067", TilePath(kind: .hashes(level: 0), number: 1_234_067)),
        ("tile/1/x001/000", TilePath(kind: .hashes(level: 1), number: 1000)),
        ("tile/entries/999.p/255", TilePath(kind: .entries, number: 999, width: 255)),
        ("tile/7/000.p/1", TilePath(kind: .hashes(level: 7), number: 0, width: 1)),
        ("tile/entries/x123/456", TilePath(kind: .entries, number: 123_456)),
    ])
    func readsAndWritesTheOneSpelling(text: String, path: TilePath) throws {
        #expect(try TilePath(parsing: text) == path)
        #expect(path.text == text)
    }

    @Test(arguments: [
        "", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/0000", "tile/0/x000/001", "tile/0/x001", "tile/0/001/000", "tile/00/000",
        "tile/8/000", "tile/-1/000", "tile/8/0/000", "tile/data/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/", "tile/0/000.p",
        "tile/0/000.p/01", "tile/0/000.p/1/", "/tile/0/000", "tile/0/+01", "tile/0/x001/x000/x000/x000/x000/000", "tile/0/０００", "tile/0/../000",
        "tile/entries/000.p/-1", "tile/0/.p/1", "tile/0/x000.p/1",
    ])
    func refusesEveryOtherSpelling(text: String) {
        #expect(codeThrown { _ = try TilePath(parsing: text) } == .malformedPath)
    }
}
