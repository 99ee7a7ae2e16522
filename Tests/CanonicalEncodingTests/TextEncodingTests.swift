// Hexadecimal and base64.

import CanonicalEncoding
import Testing

@Suite struct HexadecimalTests {
    @Test func writesLowerCaseAndReadsBoth() {
        #expect([UInt8]([0, 1, 0xab, 0xff]).hexadecimal == "0001abff")
        #expect([UInt8](hexadecimal: "0001abff") == [0, 1, 0xab, 0xff])
        #expect([UInt8](hexadecimal: "0001ABFF") == [0, 1, 0xab, 0xff])
        #expect([UInt8](hexadecimal: "") == [])
    }

    @Test(arguments: ["0", "0g", "0x", " 00", "00 ", "0\u{ff11}", "00\n"])
    func refusesAnythingElse(text: String) {
        #expect([UInt8](hexadecimal: text) == nil)
    }
}

@Suite struct Base64Tests {
    /// RFC 4648 §10.
    private static let examples = [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ]

    @Test(arguments: examples) func agreesWithTheStandard(plain: String, encoded: String) {
        #expect([UInt8](plain.utf8).base64 == encoded)
        #expect([UInt8](base64: encoded) == [UInt8](plain.utf8))
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Zm 8", "Zm8=\n", "Zm-_", "=Zm8", "Z=g=", "====", "Zm9vZg==Zg==", "Zm9\u{76}\u{301}",
    ])
    func refusesEveryOtherSpelling(text: String) {
        #expect([UInt8](base64: text) == nil)
    }

    @Test func keepsAllBytes() {
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            #expect([UInt8](base64: bytes.base64) == bytes)
            #expect([UInt8](hexadecimal: bytes.hexadecimal) == bytes)
        }
    }
}
