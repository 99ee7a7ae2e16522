// Replies, written and read.

import FTPProtocol
import Testing

@Suite struct ReplyTests {
    private func parse(_ text: String, chunk: Int = 7) -> [Result<Reply, ReplyError>] { parse(Array(text.utf8), chunk: chunk) }

    private func parse(_ bytes: [UInt8], chunk: Int = 7) -> [Result<Reply, ReplyError>] {
        var buffer = ReplyBuffer()
        var results: [Result<Reply, ReplyError>] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            buffer.append(bytes[start..<min(start + chunk, bytes.count)])
            while let result = buffer.next() {
                results.append(result)
                if !result.isSuccess { return results }
            }
        }
        return results
    }

    @Test func encodesOneLineAndSeveral() {
        #expect(String(decoding: Reply(220, "ready").encoded, as: UTF8.self) == "220 ready\r\n")
        let several = Reply(211, lines: ["Extensions:", "UTF8", "MLST type*;", "End"])
        #expect(String(decoding: several.encoded, as: UTF8.self) == "211-Extensions:\r\n UTF8\r\n MLST type*;\r\n211 End\r\n")
        #expect(String(decoding: Reply(200, lines: []).encoded, as: UTF8.self) == "200 \r\n")
    }

    @Test func noTextForgesALine() {
        let reply = Reply(550, "no such file: a\r\n230 welcome\u{1B}[2J\u{85}")
        #expect(String(decoding: reply.encoded, as: UTF8.self) == "550 no such file: a??230 welcome?[2J?\r\n")
    }

    @Test func innerLinesCannotEndAReply() {
        let reply = Reply(211, lines: ["a", "211 b", "211-c", "d"])
        #expect(parse(String(decoding: reply.encoded, as: UTF8.self)) == [.success(reply)])
    }

    @Test func readsWhatItWrites() {
        for reply in [Reply(150, "go"), Reply(257, "\"/a\" is it"), Reply(211, lines: ["a", "b", "", "c"]), Reply(226, ""), Reply(200, "héllo")] {
            for chunk in 1...5 { #expect(parse(String(decoding: reply.encoded, as: UTF8.self), chunk: chunk) == [.success(reply)]) }
        }
    }

    @Test func readsForeignForms() {
        #expect(parse("226\r\n") == [.success(Reply(226, ""))])
        #expect(
            parse("220-Welcome\r\n220-to us\r\n 220 not yet\r\n2200 no\r\n220 now\n") == [
                .success(Reply(220, lines: ["Welcome", "to us", "220 not yet", "2200 no", "now"]))
            ])
        #expect(parse("220 a\r\n331 b\r\n").count == 2)
    }

    @Test(arguments: ["hello\r\n", "099 x\r\n", "700 x\r\n", "22 x\r\n", "220x\r\n", "\r\n", "2 20 x\r\n", " 220 x\r\n", "٢٢٠ x\r\n"])
    func refusesWhatIsNoReply(text: String) {
        guard case .failure(.malformedCode) = parse(text).first else {
            Issue.record("accepted \(text)")
            return
        }
    }

    @Test func keepsTerminalsSafe() {
        #expect(parse(Array("220 a".utf8) + [0x1B, 0x07, 0xC2, 0x9B, 0xFF] + Array("b\r\n".utf8)) == [.success(Reply(220, "a???\u{FFFD}b"))])
    }

    @Test func boundsLinesAndReplies() {
        #expect(parse("220 " + String(repeating: "x", count: 9_000), chunk: 1000) == [.failure(.lineTooLong(limit: 8192))])
        let many = "220-a\r\n" + String(repeating: " x\r\n", count: 1_200)
        #expect(parse(many, chunk: 1000) == [.failure(.tooManyLines(limit: 1_000))])
        let large = "220-a\r\n" + String(repeating: " " + String(repeating: "x", count: 8_000) + "\r\n", count: 200)
        #expect(parse(large, chunk: 10_000) == [.failure(.tooLarge(limit: 1 << 20))])
    }

    @Test func staysFailed() {
        var buffer = ReplyBuffer()
        buffer.append(Array("nonsense\r\n220 fine\r\n".utf8))
        let first = buffer.next()
        #expect(first?.isSuccess == false)
        #expect(buffer.next() == first)
        #expect(!buffer.isEmpty)
    }

    @Test func knowsWhetherBytesAreLeft() {
        var buffer = ReplyBuffer()
        buffer.append(Array("234 go\r\n".utf8))
        _ = buffer.next()
        #expect(buffer.isEmpty)
        buffer.append(Array("234 go\r\n230 in\r\n".utf8))
        _ = buffer.next()
        #expect(!buffer.isEmpty)
    }
}
