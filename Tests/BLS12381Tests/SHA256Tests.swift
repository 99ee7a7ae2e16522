// SHA-256 against FIPS 180-4's examples and against the system's own implementation.

import Foundation
import Testing

@testable import BLS12381

@Suite struct SHA256Tests {
    private func digest(_ message: [UInt8]) -> [UInt8] {
        withScratch(byteCount: 4096) { s in
            unsafe [UInt8](unsafeUninitializedCapacity: 32) { output, initialized in
                unsafe message.withUnsafeBufferPointer { input in
                    let none = [UInt8](repeating: 0, count: 1)
                    unsafe none.withUnsafeBufferPointer { empty in
                        unsafe SHA256.hash(output.baseAddress!, input.baseAddress ?? empty.baseAddress!, message.count, s)
                    }
                }
                initialized = 32
            }
        }
    }

    /// NIST's examples for FIPS 180-4.
    @Test(arguments: [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu", 1,
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
    func matchesTheStandardsExamples(text: String, repetitions: Int, expected: String) {
        let message = [UInt8](String(repeating: text, count: repetitions).utf8)
        #expect(digest(message).hexadecimal == expected)
    }

    /// Every length around the block borders.
    @Test func matchesPythonForEveryLength() throws {
        let script = """
            import hashlib
            for n in range(300):
                print(hashlib.sha256(bytes((7 * i + i // 251) % 256 for i in range(n))).hexdigest())
            """
        let lines = try Python.run(["-c", script]).text.split(separator: "\n")
        try #require(lines.count == 300)
        for (count, line) in lines.enumerated() {
            #expect(digest((0..<count).map { UInt8(($0 * 7 + $0 / 251) % 256) }).hexadecimal == line)
        }
    }
}
