// The deterministic CBOR profile: examples of RFC 8949, and everything that is not the one form.

import CanonicalEncoding
import Testing

@Suite struct CBORTests {
    /// RFC 8949 appendix A, as far as the profile goes.
    private static let examples: [(CBOR, String)] = [
        (.unsigned(0), "00"), (.unsigned(1), "01"), (.unsigned(10), "0a"), (.unsigned(23), "17"), (.unsigned(24), "1818"),
        (.unsigned(25), "1819"), (.unsigned(100), "1864"), (.unsigned(255), "18ff"), (.unsigned(256), "190100"),
        (.unsigned(1000), "1903e8"), (.unsigned(65_535), "19ffff"), (.unsigned(65_536), "1a00010000"),
        (.unsigned(1_000_000), "1a000f4240"), (.unsigned(4_294_967_295), "1affffffff"),
        (.unsigned(4_294_967_296), "1b0000000100000000"), (.unsigned(1_000_000_000_000), "1b000000e8d4a51000"),
        (.unsigned(.max), "1bffffffffffffffff"), (.bytes([]), "40"), (.bytes([1, 2, 3, 4]), "4401020304"), (.text(""), "60"),
        (.text("a"), "6161"), (.text("IETF"), "6449455446"), (.text("\"\\"), "62225c"), (.text("\u{fc}"), "62c3bc"),
        (.text("\u{6c34}"), "63e6b0b4"), (.array([]), "80"),
        (.array([.unsigned(1), .unsigned(2), .unsigned(3)]), "83010203"),
        (.array([.unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)])]), "8301820203820405"),
        (.array((1...25).map { .unsigned($0) }), "98190102030405060708090a0b0c0d0e0f101112131415161718181819"),
        (.map([:]), "a0"), (.map([1: .unsigned(2), 3: .unsigned(4)]), "a201020304"),
        (.map([23: .bytes([0xff]), 0: .map([5: .text("x")])]), "a200a10561781741ff"),
    ]

    @Test(arguments: examples) func writesAndReadsTheOneForm(value: CBOR, hexadecimal: String) throws {
        #expect(value.encoded().hexadecimal == hexadecimal)
        let bytes = try #require([UInt8](hexadecimal: hexadecimal))
        #expect(try CBOR(decoding: bytes) == value)
    }

    @Test(arguments: examples) func refusesEveryShorterInput(value: CBOR, hexadecimal: String) throws {
        let bytes = value.encoded()
        for count in bytes.indices { #expect(throws: CBORError.self) { try CBOR(decoding: Array(bytes[..<count])) } }
    }

    @Test(arguments: examples) func refusesTrailingBytes(value: CBOR, hexadecimal: String) {
        #expect(throws: CBORError.trailingBytes(count: 1)) { try CBOR(decoding: value.encoded() + [0]) }
    }

    @Test(arguments: [
        ("1800", CBORError.notShortest(offset: 0)), ("1817", .notShortest(offset: 0)), ("190018", .notShortest(offset: 0)),
        ("1900ff", .notShortest(offset: 0)), ("1a0000ffff", .notShortest(offset: 0)), ("1b00000000ffffffff", .notShortest(offset: 0)),
        ("580101", .notShortest(offset: 0)), ("78016a", .notShortest(offset: 0)), ("980100", .notShortest(offset: 0)),
        ("20", .unsupportedType(0x20, offset: 0)), ("c000", .unsupportedType(0xc0, offset: 0)), ("f4", .unsupportedType(0xf4, offset: 0)),
        ("f6", .unsupportedType(0xf6, offset: 0)), ("f93c00", .unsupportedType(0xf9, offset: 0)), ("5fff", .unsupportedType(0x5f, offset: 0)),
        ("7fff", .unsupportedType(0x7f, offset: 0)), ("9fff", .unsupportedType(0x9f, offset: 0)), ("bfff", .unsupportedType(0xbf, offset: 0)),
        ("1c", .unsupportedType(0x1c, offset: 0)), ("1f", .unsupportedType(0x1f, offset: 0)),
        ("a2010001", .truncated(need: 2, have: 3)), ("a201000100", .unorderedMapKey(offset: 3)), ("a202000100", .unorderedMapKey(offset: 3)),
        ("a1181800", .invalidMapKey(offset: 1)), ("a1616100", .invalidMapKey(offset: 1)), ("a1410000", .invalidMapKey(offset: 1)),
        ("61ff", .invalidText(offset: 0)), ("62c328", .invalidText(offset: 0)), ("63eda080", .invalidText(offset: 0)),
        ("", .truncated(need: 1, have: 0)), ("4401", .truncated(need: 4, have: 1)), ("5bffffffffffffffff", .truncated(need: .max, have: 0)),
        ("9bffffffffffffffff", .truncated(need: .max, have: 0)), ("bb7fffffffffffffff", .truncated(need: .max, have: 0)),
    ])
    func refusesWhatIsNotInTheProfile(hexadecimal: String, error: CBORError) throws {
        let bytes = try #require([UInt8](hexadecimal: hexadecimal))
        #expect(throws: error) { try CBOR(decoding: bytes) }
    }

    @Test func boundsTheNesting() throws {
        let eight = [UInt8](repeating: 0x81, count: 8) + [0]
        #expect(try CBOR(decoding: eight).encoded() == eight)
        #expect(throws: CBORError.tooDeep(limit: 8)) { try CBOR(decoding: [0x81] + eight) }
        #expect(throws: CBORError.tooDeep(limit: 2)) { try CBOR(decoding: [0x81, 0x81, 0x81, 0], limit: .init(depth: 2)) }
    }

    @Test func boundsSizeAndCount() {
        #expect(throws: CBORError.tooLarge(byteCount: 9, limit: 8)) {
            try CBOR(decoding: CBOR.bytes([UInt8](repeating: 0, count: 8)).encoded(), limit: .init(byteCount: 8))
        }
        let many = CBOR.array([CBOR](repeating: .unsigned(0), count: 10)).encoded()
        #expect(throws: CBORError.tooManyItems(limit: 10)) { try CBOR(decoding: many, limit: .init(itemCount: 10)) }
    }

    @Test func everyAcceptedChangeOfAnEncodingIsAnotherValue() throws {
        let value = CBOR.map([0: .unsigned(1), 1: .bytes([1, 2, 3]), 7: .array([.text("abc"), .unsigned(300)]), 15: .bytes([9])])
        let bytes = value.encoded()
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << bit
                guard let other = try? CBOR(decoding: changed) else { continue }
                #expect(other != value)
                #expect(other.encoded() == changed)
            }
        }
    }

    @Test func randomBytesDecodeToThemselvesOrNotAtAll() {
        var generator = SystemRandomNumberGenerator()
        var acceptedCount = 0
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...12)).map { _ in UInt8.random(in: .min ... .max, using: &generator) & 0xbf }
            guard let value = try? CBOR(decoding: bytes) else { continue }
            acceptedCount += 1
            #expect(value.encoded() == bytes)
        }
        #expect(acceptedCount > 0)
    }

    @Test func givesItsParts() {
        let value = CBOR.map([1: .unsigned(7), 2: .bytes([1]), 3: .text("t"), 4: .array([.unsigned(1)])])
        #expect(value[1]?.unsignedValue == 7)
        #expect(value[2]?.bytesValue == [1])
        #expect(value[3]?.textValue == "t")
        #expect(value[4]?.arrayValue == [.unsigned(1)])
        #expect(value[5] == nil)
        #expect(value.mapValue?.count == 4)
        #expect(value.unsignedValue == nil)
        #expect(CBOR.unsigned(1)[1] == nil)
    }
}
