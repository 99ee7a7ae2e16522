// The name of a stored object: random, so that it says nothing about what it holds.
import CanonicalEncoding

/// Sixteen random bytes that name one stored object.
package struct BlobID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// A fresh name in the given folder, or in any: the first byte is the folder, the other fifteen are random.
    package init(bucket: UInt8? = nil) {
        var generator = SystemRandomNumberGenerator()
        let random: UInt64 = generator.next()
        high = bucket.map { random >> 8 | UInt64($0) << 56 } ?? random
        low = generator.next()
    }

    /// The name with these bytes; nil unless there are sixteen.
    package init?(bytes: some Sequence<UInt8>) {
        var reader = ByteReader(Array(bytes))
        guard reader.remaining == Self.byteCount, let high = try? reader.readUInt64(), let low = try? reader.readUInt64() else { return nil }
        self.high = high
        self.low = low
    }

    package init?(hexadecimal text: some StringProtocol) {
        guard text.utf8.count == 2 * Self.byteCount, let bytes = [UInt8](hexadecimal: text) else { return nil }
        self.init(bytes: bytes)
    }

    package static var byteCount: Int { 16 }

    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
        return bytes
    }

    /// Which of the 256 object folders holds it: the first byte.
    var bucket: Int { Int(high >> 56) }

    /// File name within a folder.
    var fileName: String { bytes.hexadecimal + Self.fileExtension }

    static let fileExtension = ".phr"

    /// The blob a file name stands for; nil for a name that this store would not have written.
    init?(fileName: String) {
        guard fileName.hasSuffix(Self.fileExtension) else { return nil }
        let stem = fileName.dropLast(Self.fileExtension.count)
        self.init(hexadecimal: stem)
        guard self.fileName == fileName else { return nil }
    }
}

extension BlobID: CustomStringConvertible {
    package var description: String { bytes.hexadecimal }
}
