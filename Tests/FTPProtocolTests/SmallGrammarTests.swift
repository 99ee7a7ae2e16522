// FEAT, REST, ALLO, LIST, numbers and receipts.

import FTPProtocol
import Testing

@Suite struct SmallGrammarTests {
    @Test(arguments: [("0", 0), ("1", 1), ("0007", 7), ("9223372036854775807", UInt64(Int64.max))] as [(String, UInt64)])
    func readsOffsets(text: String, value: UInt64) {
        #expect(RestartOffset(text)?.value == value)
    }

    @Test(arguments: ["", "-1", "+5", " 5", "5 ", "1e9", "0x10", "9223372036854775808", "18446744073709551616", "99999999999999999999", "٥", "1.5"])
    func refusesOffsets(text: String) {
        #expect(RestartOffset(text) == nil)
        #expect(Allocation(text) == nil)
    }

    @Test func readsAllocations() {
        #expect(Allocation("100")?.byteCount == 100)
        #expect(Allocation("100 R 80")?.byteCount == 100)
        #expect(Allocation("100 r 80")?.byteCount == 100)
        for text in ["100 R", "100 X 80", "100 R x", "R 80", "100  R 80"] { #expect(Allocation(text) == nil) }
        #expect(Allocation(nil) == nil && RestartOffset(nil) == nil)
    }

    @Test(
        arguments: [
            (nil, false, nil), ("", false, nil), ("-a", true, nil), ("-la", true, nil), ("-l a b", false, "a b"), ("-l -a x", true, "x"),
            ("x -a", false, "x -a"),
            ("  x", false, "  x"), ("-", false, nil), ("-l \u{301}x", false, "\u{301}x"),
        ] as [(String?, Bool, String?)])
    func readsListArguments(text: String?, showsHidden: Bool, path: String?) {
        let argument = ListArgument(text)
        #expect(argument.showsHidden == showsHidden && argument.path == path)
    }

    @Test func speaksOfFeatures() {
        let features = Features(lines: ["AUTH TLS", "UTF8", "MLST type*;size*;", " REST STREAM", ""])
        #expect(features.contains("UTF8") && features.contains("AUTH", "TLS") && features.contains("REST", "stream"))
        #expect(!features.contains("AUTH", "SSL") && !features.contains("HASH"))
        #expect(Features(reply: features.reply) == features)
        #expect(Features(reply: Reply(211, "No features")) == Features())
        #expect(Features().reply.lines.count == 1)
    }

    @Test func readsReceipts() {
        let digest = String(repeating: "0f", count: 32)
        let receipt = StoredReceipt(sha256: digest, byteCount: 5, envelopeRoot: digest, index: 7, height: 3)
        #expect(StoredReceipt(receipt.text) == receipt)
        #expect(StoredReceipt("Transfer complete") == nil)
        #expect(StoredReceipt(receipt.text.replacing("size=5", with: "size=-5")) == nil)
        #expect(StoredReceipt(receipt.text.replacing("0f0f", with: "0F0F")) == nil)
        #expect(StoredReceipt(receipt.text + " more=words")?.height == 3)
    }

    @Test(
        arguments: [
            (#""a b""#, "a b", nil), (#""a""b" 0 9"#, #"a"b"#, ByteRange(first: 0, last: 9)), ("\"\"\"a\"", "\"a", nil),
            ("a b 3 4", "a b", ByteRange(first: 3, last: 4)), (#""a 1 2""#, "a 1 2", nil),
        ] as [(String, String, ByteRange?)])
    func digestArgumentsHaveQuotesAndRanges(_ text: String, _ path: String, _ range: ByteRange?) throws {
        let argument = try #require(DigestArgument(text))
        #expect(argument.path == path && argument.range == range)
    }

    @Test(arguments: ["a", "a b", "\"", "\"\"", #""a"#, #""a"b"#, #""a" 5 4"#, #""a" 5"#, " 1 2", "a 1 -2", "a 1  2", "1 2", "a 2 1"])
    func otherDigestArgumentsAreNames(_ text: String) {
        #expect(DigestArgument(text) == nil)
    }
}
