// Ranges of numbers as a few binary prefixes, so that a comparison becomes an OR of plain attributes.

/// The numbers of `bitCount` bits that begin with the `length` bits of `bits`.
package struct DyadicPrefix: Hashable, Sendable {
    package let length: Int
    package let bits: Int

    /// The prefixes of one number, from the longest of them to the empty one.
    static func prefixes(of value: Int, bitCount: Int) -> [DyadicPrefix] {
        (0...bitCount).map { DyadicPrefix(length: bitCount - $0, bits: value >> $0) }
    }

    /// The fewest prefixes that together hold exactly the numbers of the range: at most 2·(bitCount − 1), ascending.
    package static func cover(_ range: ClosedRange<Int>, bitCount: Int) -> [DyadicPrefix] {
        var result: [DyadicPrefix] = []
        var low = range.lowerBound
        while low <= range.upperBound {
            var shift = low == 0 ? bitCount : min(low.trailingZeroBitCount, bitCount)
            while low + (1 << shift) - 1 > range.upperBound { shift -= 1 }
            result.append(DyadicPrefix(length: bitCount - shift, bits: low >> shift))
            low += 1 << shift
        }
        return result
    }

    var text: String { "\(length)/\(bits)" }
}
