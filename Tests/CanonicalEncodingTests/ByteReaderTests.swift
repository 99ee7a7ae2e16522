// The cursor over fixed layouts, and constant-time comparison.

import CanonicalEncoding
import Testing

@Suite struct ByteReaderTests {
    @Test func readsBigEndianInOrder() throws {
        var bytes: [UInt8] = [0xfe]
        bytes.appendBigEndian(UInt16(0x0102))
        bytes.appendBigEndian(UInt32(0x0304_0506))
        bytes.appendBigEndian(UInt64(0x0708_090a_0b0c_0d0e))
        bytes += [1, 2, 3]
        var reader = ByteReader(bytes)
        #expect(try reader.readUInt8() == 0xfe)
        #expect(try reader.readUInt16() == 0x0102)
        #expect(try reader.readUInt32() == 0x0304_0506)
        #expect(try reader.readUInt64() == 0x0708_090a_0b0c_0d0e)
        try reader.skip(count: 1)
        #expect(reader.offset == 16)
        #expect(try reader.read(count: 2) == [2, 3])
        #expect(reader.isAtEnd)
    }

    @Test func saysHowMuchIsMissing() throws {
        var reader = ByteReader([1, 2, 3])
        #expect(throws: ByteReaderError.truncated(need: 4, have: 3)) { try reader.readUInt32() }
        #expect(throws: ByteReaderError.truncated(need: 5, have: 3)) { try reader.read(count: 5) }
        #expect(throws: ByteReaderError.truncated(need: -1, have: 3)) { try reader.skip(count: -1) }
        #expect(try reader.read(count: 3) == [1, 2, 3])
        #expect(try reader.read(count: 0) == [])
    }

    @Test func comparesWithoutTellingWhere() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [0, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
    }
}
