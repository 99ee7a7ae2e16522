// Command lines as clients and attackers send them.

import FTPProtocol
import Testing

@Suite struct CommandLineBufferTests {
    private func results(_ bytes: [UInt8], limit: Int = 4096, chunk: Int? = nil) -> [Result<Command, CommandLineError>] {
        var buffer = CommandLineBuffer(maximumLineByteCount: limit)
        var results: [Result<Command, CommandLineError>] = []
        for start in stride(from: 0, to: bytes.count, by: chunk ?? max(bytes.count, 1)) {
            buffer.append(bytes[start..<min(start + (chunk ?? bytes.count), bytes.count)])
            while let result = buffer.next() { results.append(result) }
        }
        return results
    }

    private func one(_ text: String) -> Result<Command, CommandLineError>? { results(Array(text.utf8)).first }

    @Test(arguments: [
        ("NOOP\r\n", "NOOP", nil), ("noop\n", "NOOP", nil), ("USER alice\r\n", "USER", "alice"), ("PASS  a b \r\n", "PASS", " a b "),
        ("PASS \r\n", "PASS", nil), ("xsha256 a b.txt\r\n", "XSHA256", "a b.txt"), ("STOR naïve-日本.txt\r\n", "STOR", "naïve-日本.txt"),
        ("GET / HTTP/1.1\r\n", "GET", "/ HTTP/1.1"),
    ])
    func splitsVerbAndArgument(text: String, verb: String, argument: String?) {
        #expect(one(text) == .success(Command(verb: verb, argument: argument)))
    }

    @Test func givesSameResultsHoweverBytesArrive() {
        let bytes = Array("USER alice\r\nPASS x y\r\n\r\nNO\u{1}P\nQUIT\r\n".utf8) + [0xFF, 0xF4, 0xFF, 0xF2] + Array("ABOR\r\n".utf8)
        let whole = results(bytes)
        #expect(whole.count == 6)
        for chunk in 1...7 { #expect(results(bytes, chunk: chunk) == whole) }
    }

    @Test func refusesEachControlCharacterAtEachPosition() {
        for control in Array(UInt8(0)...31) + [127] where control != 0x0A {
            for line in ["USER alice", "STOR a.txt"] {
                for position in 0...line.utf8.count {
                    var bytes = Array(line.utf8)
                    bytes.insert(control, at: position)
                    let expected: Result<Command, CommandLineError> =
                        control == 0x0D && position == line.utf8.count
                        ? .failure(.controlCharacter(0x0D))  // CR CR LF: one CR belongs to the line
                        : .failure(.controlCharacter(control))
                    #expect(results(bytes + [0x0D, 0x0A]) == [expected])
                }
            }
        }
    }

    @Test(arguments: [[0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80]] as [[UInt8]])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        #expect(results(Array("STOR ".utf8) + bytes + [0x0D, 0x0A]) == [.failure(.notUTF8)])
    }

    @Test(arguments: [" NOOP", "A-B", "Host: example", "é", "ABCDEFGHIJKLM", "@"])
    func refusesMalformedVerbs(line: String) {
        #expect(one(line + "\r\n") == .failure(.malformedVerb))
    }

    @Test func refusesEmptyLines() {
        #expect(results([0x0D, 0x0A, 0x0A]) == [.failure(.empty), .failure(.empty)])
    }

    @Test func givesOneErrorForOverlongLineAndGoesOn() {
        let hidden = "NOOP " + String(repeating: "x", count: 4091) + "DELE precious\r\nQUIT\r\n"
        #expect(results(Array(hidden.utf8), chunk: 100) == [.failure(.tooLong), .success(Command(verb: "QUIT"))])
    }

    @Test func takesLinesUpToTheLimit() {
        let line = Array(("NOOP " + String(repeating: "x", count: 27)).utf8)
        #expect(line.count == 32)
        #expect(results(line + [0x0D, 0x0A], limit: 32).first?.isSuccess == true)
        #expect(results(line + [0x0A], limit: 32).first?.isSuccess == true)
        #expect(results(line + [0x78, 0x0D, 0x0A], limit: 32) == [.failure(.tooLong)])
        #expect(results(line + [0x78, 0x0A], limit: 32) == [.failure(.tooLong)])
    }

    @Test func removesTelnetSequences() {
        let abort: [UInt8] = [0xFF, 0xF4, 0xFF, 0xF2] + Array("ABOR\r\n".utf8)
        #expect(results(abort) == [.success(Command(verb: "ABOR"))])
        let negotiation: [UInt8] = [0xFF, 0xFD, 0x18, 0xFF, 0xFB, 0x01] + Array("NOOP\r\n".utf8)
        #expect(results(negotiation) == [.success(Command(verb: "NOOP"))])
    }

    @Test(arguments: [[0xFF, 0xFF], [0xFF, 0xFA], [0xFF, 0x41]] as [[UInt8]])
    func refusesTelnetSequencesThatFTPHasNoUseFor(sequence: [UInt8]) {
        #expect(results(Array("NOOP".utf8) + sequence + [0x0D, 0x0A]).first?.isSuccess == false)
    }

    @Test func neverSwallowsALineEndAsTelnet() {
        for prefix in [[0xFF], [0xFF, 0xFD], [0xFF, 0xFB]] as [[UInt8]] {
            let all = results(Array("NOOP".utf8) + prefix + Array("\nQUIT\r\n".utf8))
            #expect(all == [.failure(.notUTF8), .success(Command(verb: "QUIT"))])
        }
    }

    @Test func knowsWhetherBytesAreLeft() {
        var buffer = CommandLineBuffer()
        #expect(buffer.isEmpty)
        buffer.append(Array("AUTH TLS\r\n".utf8))
        #expect(!buffer.isEmpty)
        _ = buffer.next()
        #expect(buffer.isEmpty)
        buffer.append(Array("AUTH TLS\r\nF".utf8))
        _ = buffer.next()
        #expect(!buffer.isEmpty)
        _ = buffer.next()
        #expect(!buffer.isEmpty)
        var telnet = CommandLineBuffer()
        telnet.append([0xFF])
        _ = telnet.next()
        #expect(!telnet.isEmpty)
    }

    @Test func survivesArbitraryBytes() {
        var generator = SplitMix(state: 1)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                [0x0A, 0x0D, 0x20, 0xFF, 0x41, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator)!
            }
            let whole = results(bytes, limit: 40)
            #expect(whole == results(bytes, limit: 40, chunk: 3))
            #expect(whole.count <= bytes.count { $0 == 0x0A })
        }
    }
}

extension Result {
    var isSuccess: Bool { if case .success = self { true } else { false } }
}

/// A small generator with a fixed seed, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
