// Published vectors on disk, and hexadecimal numbers in them.

import Foundation

/// The folder Tests/Vectors/bls12-381.
enum VectorFiles {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Vectors/bls12-381")

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    static func json<T: Decodable>(_ path: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: Data(contentsOf: folder.appendingPathComponent(path)))
    }
}

/// A vector that is not what its format says.
struct MalformedVector: Error {
    var text: String
}

extension [UInt8] {
    /// From hexadecimal digits, with or without 0x in front; an odd number of them gets a leading zero.
    init(hexadecimal text: some StringProtocol) throws {
        var digits = Array<UInt8>(text.utf8)
        if digits.starts(with: "0x".utf8) { digits.removeFirst(2) }
        if digits.count % 2 == 1 { digits.insert(UInt8(ascii: "0"), at: 0) }
        self = try stride(from: 0, to: digits.count, by: 2).map { i in
            guard let byte = UInt8(String(decoding: digits[i..<i + 2], as: UTF8.self), radix: 16) else {
                throw MalformedVector(text: String(text))
            }
            return byte
        }
    }

    /// From a hexadecimal number, padded with zeros in front to `count` bytes.
    init(hexadecimal text: some StringProtocol, count: Int) throws {
        let bytes = try [UInt8](hexadecimal: text)
        guard bytes.count <= count else { throw MalformedVector(text: String(text)) }
        self = [UInt8](repeating: 0, count: count - bytes.count) + bytes
    }

    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Consecutive pieces of `size` elements; the last one may be shorter.
    func pieces(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
