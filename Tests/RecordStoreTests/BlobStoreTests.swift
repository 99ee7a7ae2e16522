// What the store promises when nothing fails.
import Envelope
import Foundation
import RecordStore
import Testing

@Suite struct BlobStoreTests {
    let folder: TemporaryFolder
    let store: BlobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlobStore(path: folder.path + "/records")
    }

    func publish(_ bytes: [UInt8]) throws -> BlobID {
        let staging = try store.createStaging()
        try staging.write(bytes)
        return try staging.publish()
    }

    @Test(arguments: [0, 1, 4095, 65_536, 1_000_003])
    func returnsWhatWasPublished(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let blob = try publish(bytes)
        let reader = try store.open(blob)
        #expect(reader.byteCount == UInt64(count))
        #expect(try reader.read(at: 0, count: count + 10) == bytes)
        #expect(try reader.read(at: UInt64(count / 2), count: 100) == Array(bytes[(count / 2)...].prefix(100)))
        #expect(try reader.read(at: UInt64(count), count: 1).isEmpty)
        #expect(try reader.read(at: .max, count: 1).isEmpty)
    }

    @Test func liesInTheFolderOfItsFirstByteForItsOwnerOnly() throws {
        let blob = try publish([1])
        let name = "\(blob)"
        #expect(folder.files("records/objects") == ["\(name.prefix(2))/\(name).phr"])
        #expect(try folder.permissions("records/objects/\(name.prefix(2))/\(name).phr") == 0o600)
        for directory in ["records", "records/staging", "records/objects", "records/objects/00"] {
            #expect(try folder.permissions(directory) == 0o700)
        }
    }

    @Test func hidesWhatIsNotPublished() throws {
        let staging = try store.createStaging()
        try staging.write([1, 2, 3])
        try staging.synchronize()
        #expect(staging.byteCount == 3)
        #expect(folder.files("records/objects").isEmpty)
        #expect(throws: BlobError.missing(staging.blob)) { try store.open(staging.blob) }
        staging.discard()
        #expect(folder.files("records/staging").isEmpty)
    }

    @Test func discardsWhatItsOwnerForgot() throws {
        do {
            let staging = try store.createStaging()
            try staging.write([1])
            #expect(folder.files("records/staging").count == 1)
        }
        #expect(folder.files("records/staging").isEmpty)
    }

    @Test func refusesUseAfterPublicationOrDiscard() throws {
        let published = try store.createStaging()
        try published.write([7])
        let blob = try published.publish()
        #expect(throws: BlobError.stagingClosed) { try published.write([8]) }
        #expect(throws: BlobError.stagingClosed) { try published.publish() }
        published.discard()
        #expect(try store.open(blob).read(at: 0, count: 9) == [7])
        let discarded = try store.createStaging()
        discarded.discard()
        #expect(throws: BlobError.stagingClosed) { try discarded.publish() }
    }

    @Test func removesObjectsWhileReadersKeepThem() throws {
        let blob = try publish([1, 2])
        let reader = try store.open(blob)
        #expect(try store.remove(blob))
        #expect(try !store.remove(blob))
        #expect(throws: BlobError.missing(blob)) { try store.open(blob) }
        #expect(try reader.read(at: 0, count: 2) == [1, 2])
    }

    @Test func sweepsOnlyOrphansOfSomeAge() throws {
        let kept = try publish([1])
        let orphan = try publish([2])
        #expect(try store.sweepOrphans(olderThan: .seconds(3600)) { $0 == kept }.isEmpty)
        #expect(try store.sweepOrphans(olderThan: .zero) { $0 == kept } == [orphan])
        #expect(try store.allBlobs() == [kept])
    }

    @Test func leavesForeignFilesAlone() throws {
        let foreign = folder.path + "/records/objects/00/notes.txt"
        let upperCase = folder.path + "/records/objects/00/00112233445566778899AABBCCDDEEFF.phr"
        for path in [foreign, upperCase] { #expect(FileManager.default.createFile(atPath: path, contents: Data())) }
        #expect(try store.sweepOrphans(olderThan: .zero) { _ in false }.isEmpty)
        #expect(FileManager.default.fileExists(atPath: foreign))
        #expect(FileManager.default.fileExists(atPath: upperCase))
    }

    @Test func allowsOneStoreAtATime() throws {
        let path = folder.path + "/second"
        do {
            let first = try BlobStore(path: path)
            #expect(throws: BlobError.inUse(path: path)) { try BlobStore(path: path) }
            #expect(first.isOpenForTests)
        }
        _ = try BlobStore(path: path)
    }

    @Test func knowsTheRoomThatIsLeft() throws {
        #expect(try store.availableByteCount > 0)
    }

    @Test func namesBlobsByThirtyTwoDigits() throws {
        let blob = BlobID()
        #expect(BlobID(bytes: blob.bytes) == blob)
        #expect(BlobID(hexadecimal: blob.description) == blob)
        #expect(BlobID(bytes: [1, 2, 3]) == nil)
        #expect(BlobID(hexadecimal: "../../../../etc/passwd0123456789") == nil)
        #expect(BlobID() != blob)
    }

    @Test func putsMembersAndReplacedHeadsTogether() throws {
        let first = try publish(Array("HEAD1body1".utf8))
        let second = try publish(Array("HD2body2".utf8))
        let members = [
            StoredMember(blob: first, headByteCount: 5, totalByteCount: 10, plainByteCount: 5, headOverride: Array("longer-head-".utf8)),
            StoredMember(blob: second, headByteCount: 3, totalByteCount: 8, plainByteCount: 5),
        ]
        let source = try EnvelopeSource(store: store, members: members)
        let whole = Array("longer-head-body1HD2body2".utf8)
        #expect(source.byteCount == UInt64(whole.count))
        for start in 0...whole.count {
            for count in 0...(whole.count - start + 1) {
                #expect(try bytes(source, UInt64(start), count) == Array(whole[start...].prefix(count)))
            }
        }
        let wrong = StoredMember(blob: first, headByteCount: 5, totalByteCount: 11, plainByteCount: 6)
        #expect(throws: BlobError.wrongSize(first, expected: 11, found: 10)) { try EnvelopeSource(store: store, members: [wrong]) }
        let missing = StoredMember(blob: BlobID(), headByteCount: 5, totalByteCount: 11, plainByteCount: 6)
        #expect(throws: BlobError.missing(missing.blob)) { try EnvelopeSource(store: store, members: [missing]) }
    }

    private func bytes(_ source: some ByteSource, _ offset: UInt64, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try unsafe bytes.withUnsafeMutableBytes { unsafe try source.read(at: offset, into: $0) }
        return Array(bytes[..<got])
    }
}

extension BlobStore {
    /// Keeps the object alive up to this call.
    fileprivate var isOpenForTests: Bool { (try? checkRunning()) != nil }
}
