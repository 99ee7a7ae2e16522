import FTPProtocol
import Testing

struct BlockDecoderTests {
    /// What a decoder makes of the bytes when they come in pieces of the given size.
    private enum Seen: Equatable {
        case data([UInt8])
        case marker([UInt8])
        case end(isSuspect: Bool)
    }

    private func decode(_ bytes: [UInt8], pieces: Int) throws -> [Seen] {
        var decoder = BlockDecoder()
        var seen: [Seen] = []
        var start = 0
        while start < bytes.count {
            var piece = bytes[start..<min(bytes.count, start + pieces)]
            start = piece.endIndex
            feeding: while true {
                let (consumed, step) = try decoder.next(piece)
                piece = piece.dropFirst(consumed)
                switch step {
                case .needsInput: break feeding
                case .data(let count):
                    if case .data(let before) = seen.last {
                        seen[seen.count - 1] = .data(before + piece.prefix(count))
                    } else {
                        seen.append(.data(Array(piece.prefix(count))))
                    }
                    piece = piece.dropFirst(count)
                    decoder.consumeData(count)
                case .restartMarker(let marker): seen.append(.marker(marker))
                case .endOfFile(let isSuspect): seen.append(.end(isSuspect: isSuspect))
                }
            }
        }
        return seen
    }

    @Test(arguments: 1...12)
    func filesAreFoundHoweverTheBytesAreCut(_ pieces: Int) throws {
        let bytes: [UInt8] =
            [0, 0, 3, 1, 2, 3] + [16, 0, 2, 0x4D, 0x31] + [64, 0, 1, 4]  // 1 2 3, mark "M1", 4, end
            + [64, 0, 0]  // an empty file
            + [128, 0, 1, 5] + [32, 0, 1, 6] + [192, 0, 0]  // a suspect file, with ends of records
            + [80, 0, 1, 0x58]  // a mark that ends the file
        #expect(
            try decode(bytes, pieces: pieces) == [
                .data([1, 2, 3]), .marker(Array("M1".utf8)), .data([4]), .end(isSuspect: false), .end(isSuspect: false), .data([5, 6]),
                .end(isSuspect: true), .marker([0x58]), .end(isSuspect: false),
            ])
    }

    @Test func theLongestBlockIsRead() throws {
        let content = [UInt8](repeating: 9, count: BlockHeader.maximumContentByteCount)
        let bytes = BlockHeader(.endOfFile, contentByteCount: content.count).bytes + content
        #expect(bytes[..<3] == [64, 255, 255])
        #expect(try decode(bytes, pieces: 4096) == [.data(content), .end(isSuspect: false)])
    }

    @Test(arguments: [1, 2, 4, 8, 65, 255] as [UInt8])
    func unknownDescriptorsAreRefused(_ descriptor: UInt8) {
        #expect(throws: BlockError.unknownDescriptor(descriptor)) { try decode([descriptor, 0, 1, 0], pieces: 9) }
    }

    @Test(arguments: [[16, 0, 0], [16, 1, 0], [16, 0, 1, 0x20], [16, 0, 1, 0x0A], [16, 0, 1, 0x7F], [16, 0, 1, 0xC3]] as [[UInt8]])
    func marksAreShortAndPrintable(_ bytes: [UInt8]) {
        #expect(throws: BlockError.malformedMarker) { try decode(bytes, pieces: 9) }
    }

    @Test func marksAreCountedByFile() throws {
        let marks = [[UInt8]](repeating: [16, 0, 1, 0x41], count: BlockDecoder.maximumMarkerCount).flatMap { $0 }
        #expect(try decode(marks + [64, 0, 0] + marks, pieces: 1000).count == 2 * BlockDecoder.maximumMarkerCount + 1)
        #expect(throws: BlockError.tooManyMarkers) { try decode(marks + [16, 0, 1, 0x41], pieces: 1000) }
    }
}
