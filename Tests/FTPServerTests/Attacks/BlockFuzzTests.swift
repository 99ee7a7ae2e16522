import FTPProtocol
import FTPServer
import Synchronization
import Testing
import Transport

/// Blocks by chance: proper ones, damaged ones, noise. What a second, simple reader of RFC 959 §3.4.2 finds in them decides what may appear.
@Suite(.timeLimit(.minutes(2)), .serialized)
struct BlockFuzzTests {
    private static let duration: Duration = .seconds(3)

    @Test(arguments: [1, 2, 3] as [UInt64])
    func whatBlocksHoldIsPublishedAndNothingElse(seed: UInt64) async throws {
        try await ServerUnderTest.with({ $0.stallTimeout = .seconds(2) }) { server, first async throws in
            first.close()
            var chance = SeededGenerator(seed: seed)
            var counts: [String: Int] = [:]
            let end = ContinuousClock.now + Self.duration
            while ContinuousClock.now < end {
                let client = try await RawClient(server)
                defer { client.close() }
                try await client.logIn()
                _ = try await client.command("MODE B")
                var data: Connection?
                defer { data?.close() }
                for _ in 0..<12 {
                    let bytes = Self.stream(&chance)
                    let found = ReferenceFile(readingFirstOf: bytes)
                    counts[found.label, default: 0] += 1
                    let fileSystem = server.authenticator.fileSystem
                    fileSystem.state.withLock { $0 = MemoryFileSystem.State() }
                    let isNew = data == nil
                    let connection = if let open = data { open } else { try await client.openData() }
                    data = connection
                    #expect(try await client.command("STOR f") == (isNew ? 150 : 125))
                    if isNew { try await client.secure(connection) }
                    for piece in chance.split(bytes) {
                        // The server may have refused already.
                        guard (try? await connection.write(piece, timeout: .seconds(2))) != nil else { break }
                    }
                    let goesOn = found == .whole(found.content ?? [], restByteCount: 0)
                    if !goesOn { try? await connection.finish(timeout: .seconds(1)) }
                    let code = try await Self.finalReply(client)
                    let stored = fileSystem.state.withLock { Array($0.files.values) }
                    if let content = found.content {
                        #expect([226, 250].contains(code), "\(code) to \(found.label)")
                        #expect(stored == [content], "\(stored.map(\.count)) bytes were stored of \(content.count)")
                    } else {
                        #expect((400...599).contains(code), "\(code) to \(found.label)")
                        #expect(stored.isEmpty, "\(found.label) was published")
                    }
                    if !goesOn || code == 226 {
                        connection.close()
                        data = nil
                    }
                }
            }
            // Chance has shown every kind.
            for label in ["whole", "cut", "malformed", "suspect"] { #expect(counts[label, default: 0] > 0, "\(counts)") }
        }
    }

    /// Replies to restart markers come first.
    private static func finalReply(_ client: RawClient) async throws -> Int {
        while let reply = try await client.reply() { if reply.code >= 200 { return reply.code } }
        return 0
    }

    private static func stream(_ chance: inout SeededGenerator) -> [UInt8] {
        if chance.chance(5) { return chance.bytes(1...300) }
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...8, using: &chance) {
            if chance.chance(15) {
                let marker = chance.bytes(1...20).map { 0x21 + $0 % 0x5E }
                bytes += BlockHeader(.restartMarker, contentByteCount: marker.count).bytes + marker
            } else {
                let content = chance.chance(20) ? [] : chance.bytes(1...(chance.chance(10) ? 40_000 : 600))
                let descriptor: BlockHeader.Descriptor = chance.chance(10) ? .endOfRecord : chance.chance(3) ? .suspectData : []
                bytes += BlockHeader(descriptor, contentByteCount: content.count).bytes + content
            }
        }
        let last = chance.chance(50) ? [] : chance.bytes(1...600)
        bytes += BlockHeader(.endOfFile, contentByteCount: last.count).bytes + last
        switch Int.random(in: 0..<10, using: &chance) {
        case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &chance))
        case 1: bytes[Int.random(in: 0..<min(bytes.count, 12), using: &chance)] ^= UInt8(1) << UInt8.random(in: 0...7, using: &chance)
        case 2: bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
        case 3: bytes += chance.bytes(1...50)
        default: break
        }
        return bytes
    }
}

/// The first file in a stream of blocks, read from the whole of it.
private enum ReferenceFile: Equatable {
    case whole([UInt8], restByteCount: Int), suspect, cut, malformed

    var content: [UInt8]? { if case .whole(let content, _) = self { content } else { nil } }

    var label: String {
        switch self {
        case .whole: "whole"
        case .suspect: "suspect"
        case .cut: "cut"
        case .malformed: "malformed"
        }
    }

    init(readingFirstOf bytes: [UInt8]) {
        var (content, place, isSuspect): ([UInt8], Int, Bool) = ([], 0, false)
        while place + 3 <= bytes.count {
            let (descriptor, count) = (bytes[place], Int(bytes[place + 1]) << 8 | Int(bytes[place + 2]))
            let isMarker = descriptor & 16 != 0
            guard descriptor & 0x0F == 0, !isMarker || (1...255).contains(count) else { self = .malformed; return }
            let block = bytes[(place + 3)...].prefix(count)
            guard !isMarker || block.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { self = .malformed; return }
            guard block.count == count else { self = .cut; return }
            if !isMarker { content += block }
            place += 3 + count
            isSuspect = isSuspect || descriptor & 32 != 0
            if descriptor & 64 != 0 {
                self = isSuspect ? .suspect : .whole(content, restByteCount: bytes.count - place)
                return
            }
        }
        self = .cut
    }
}
