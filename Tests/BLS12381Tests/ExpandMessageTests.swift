// expand_message_xmd against RFC 9380 appendix K.1 and K.2 (short and oversize domain).

import Testing

import BLS12381

@Suite struct ExpandMessageTests {
    struct File: Decodable {
        struct Case: Decodable {
            var msg: String
            var lenInBytes: String
            var uniformBytes: String
            enum CodingKeys: String, CodingKey { case msg, lenInBytes = "len_in_bytes", uniformBytes = "uniform_bytes" }
        }
        var DST: String
        var tests: [Case]
    }

    @Test(arguments: [38, 256]) func matchesThePublishedVectors(domainByteCount: Int) throws {
        let file: File = try VectorFiles.json("rfc9380/expand_message_xmd_SHA256_\(domainByteCount).json")
        #expect(file.DST.utf8.count == domainByteCount)
        #expect(file.tests.count == 10)
        for test in file.tests {
            let count = try #require(Int(test.lenInBytes.dropFirst(2), radix: 16))
            let bytes = expandMessage(Array(test.msg.utf8), domain: Array(file.DST.utf8), byteCount: count)
            #expect(bytes.hexadecimal == test.uniformBytes)
        }
    }

    @Test func givesAnyNumberOfBytesUpToTheLimit() {
        let longest = expandMessage([1, 2, 3], domain: [4], byteCount: 8160)
        #expect(longest.count == 8160)
        // The length is part of the input: shorter outputs are no prefixes.
        for count in [0, 1, 31, 32, 33, 8159] {
            let bytes = expandMessage([1, 2, 3], domain: [4], byteCount: count)
            #expect(bytes.count == count)
            if count > 30 { #expect(bytes != Array(longest.prefix(count))) }
        }
    }

    @Test func separatesDomains() {
        let bytes = expandMessage([1], domain: [2], byteCount: 32)
        #expect(bytes != expandMessage([1], domain: [3], byteCount: 32))
        #expect(bytes != expandMessage([1, 2], domain: [2], byteCount: 32))
        // 255 bytes stand for themselves, 256 are hashed.
        let long = [UInt8](repeating: 7, count: 255)
        #expect(expandMessage([1], domain: long, byteCount: 32) != expandMessage([1], domain: long + [7], byteCount: 32))
    }

    @Test func hashesToScalars() {
        let bytes = expandMessage(Array("abc".utf8), domain: Array("scalar".utf8), byteCount: 48)
        #expect(Scalar.hash(Array("abc".utf8), domain: Array("scalar".utf8)) == Scalar(reducing: bytes))
    }
}
