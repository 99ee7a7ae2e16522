// Times of RFC 3659, against known moments and against themselves.

import FTPProtocol
import Testing

@Suite struct FTPTimestampTests {
    @Test(
        arguments: [
            ("19700101000000", 0), ("20000229235959", 951_868_799), ("20261124014200", 1_795_484_520), ("19691231235959", -1),
            ("00010101000000", -62_135_596_800), ("99991231235959", 253_402_300_799), ("20380119031408", 2_147_483_648), ("21000301000000", 4_107_542_400),
        ] as [(String, Int64)])
    func knowsMoments(text: String, seconds: Int64) {
        #expect(FTPTimestamp(text)?.seconds == seconds)
        #expect(FTPTimestamp(seconds: seconds).description == text)
    }

    @Test(arguments: [
        ("20260102030405.1", 100), ("20260102030405.12", 120), ("20260102030405.123", 123), ("20260102030405.123456", 123), ("20260102030405.009", 9),
    ])
    func readsFractions(text: String, milliseconds: Int) {
        #expect(FTPTimestamp(text)?.milliseconds == milliseconds)
    }

    @Test func writesFractions() {
        #expect(FTPTimestamp(seconds: 0, milliseconds: 7).description == "19700101000000.007")
        #expect(FTPTimestamp(seconds: 0, milliseconds: 120).description == "19700101000000.120")
    }

    @Test(arguments: [
        "", "2026010203040", "202601020304055", "20261301000000", "20260001000000", "20260132000000", "20260100000000", "20260230000000",
        "21000229000000", "20260101240000", "20260101006000", "20260101000061", "00000101000000", "20260102030405.", "20260102030405.x",
        "20260102030405.1234567890", "+0260102030405", " 20260102030405", "2026010203040٥", "20260102 030405",
    ])
    func refuses(text: String) {
        #expect(FTPTimestamp(text) == nil)
    }

    @Test func countsALeapSecondForwards() {
        #expect(FTPTimestamp("20161231235960")?.seconds == FTPTimestamp("20170101000000")?.seconds)
    }

    @Test func agreesWithItself() {
        var generator = SplitMix(state: 3)
        for _ in 0..<20_000 {
            let time = FTPTimestamp(
                seconds: .random(in: -62_135_596_800...253_402_300_799, using: &generator), milliseconds: .random(in: 0...999, using: &generator))
            #expect(FTPTimestamp(time.description) == time)
        }
    }

    @Test func splitsArguments() {
        #expect(FTPTimestamp.split(argument: "20260102030405 a b.txt")?.path == "a b.txt")
        #expect(FTPTimestamp.split(argument: "20260102030405") == nil)
        #expect(FTPTimestamp.split(argument: "20260102030405 ") == nil)
        #expect(FTPTimestamp.split(argument: "x a") == nil)
    }
}
