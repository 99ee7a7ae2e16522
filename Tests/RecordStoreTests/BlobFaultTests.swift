// What the store promises when the disk fails: never a lost acknowledgement, never half an object.
import Foundation
import Glibc
import RecordStore
import Testing

@Suite struct BlobFaultTests {
    let folder: TemporaryFolder
    let faults = FaultScript()
    let store: BlobStore

    init() throws {
        folder = try TemporaryFolder()
        store = try BlobStore(path: folder.path + "/records", faults: faults.injector)
    }

    @Test(arguments: [
        (ENOSPC, BlobError.storageFull(.disk)), (EDQUOT, .storageFull(.quota)), (EFBIG, .storageFull(.quota)),
    ])
    func tellsFullDiskFromQuota(code: Int32, expected: BlobError) throws {
        let staging = try store.createStaging()
        try staging.write([1])
        faults.arm(.write, .fails(code))
        #expect(throws: expected) { try staging.write([2]) }
        #expect(throws: BlobError.stagingClosed) { try staging.publish() }
        staging.discard()
        #expect(folder.files("records/staging").isEmpty)
        // The next upload may be smaller: the store goes on.
        let other = try store.createStaging()
        try other.write([1])
        #expect(try store.open(other.publish()).byteCount == 1)
    }

    @Test func reportsRefusedAccess() throws {
        faults.arm(.create, .fails(EACCES))
        #expect { try store.createStaging() } throws: { error in
            guard case BlobError.permissionDenied(.create, _) = error else { return false }
            return !(error as! BlobError).isFatal && "\(error)".contains("permission denied")
        }
    }

    @Test func readsFailLoudly() throws {
        let staging = try store.createStaging()
        try staging.write([1, 2, 3])
        let reader = try store.open(try staging.publish())
        faults.arm(.read, .fails(EIO))
        #expect(throws: BlobError.self) { try reader.read(at: 0, count: 3) }
        #expect(try reader.read(at: 0, count: 3) == [1, 2, 3])
    }

    @Test func finishesShortWrites() throws {
        faults.arm(.write, .short(3), permanent: true)
        let staging = try store.createStaging()
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
        try staging.write(bytes)
        #expect(try store.open(staging.publish()).read(at: 0, count: 2000) == bytes)
        #expect(faults.count(.write) > 300)
    }

    @Test(arguments: [StorageOperation.synchronizeFile, .synchronizeDirectory], [true, false])
    func stopsForGoodAfterAFailedSynchronisation(operation: StorageOperation, isDone: Bool) throws {
        let waiting = try store.createStaging()
        try waiting.write([9])
        let staging = try store.createStaging()
        try staging.write([1])
        faults.arm(operation, isDone ? .doneButFails(EIO) : .fails(EIO))
        #expect { try staging.publish() } throws: { ($0 as? BlobError)?.isFatal == true }
        let synchronisations = faults.count(.synchronizeFile) + faults.count(.synchronizeDirectory)
        for attempt in [{ _ = try staging.publish() }, { _ = try waiting.publish() }, { _ = try store.createStaging() }] {
            #expect { try attempt() } throws: { error in
                guard case BlobError.stopped = error else { return false }
                return true
            }
        }
        #expect(faults.count(.synchronizeFile) + faults.count(.synchronizeDirectory) == synchronisations, "tried again")
    }

    @Test func goesOnAfterASynchronisationThatFoundTheDiskFull() throws {
        // Delayed allocation tells of a full disk only here.
        let staging = try store.createStaging()
        try staging.write([1])
        faults.arm(.synchronizeFile, .fails(ENOSPC))
        #expect(throws: BlobError.storageFull(.disk)) { try staging.publish() }
        #expect(throws: BlobError.stagingClosed) { try staging.publish() }
        try store.checkRunning()
    }

    @Test(arguments: [true, false])
    func leavesNothingBehindAFailedRename(isDone: Bool) throws {
        let staging = try store.createStaging()
        try staging.write([1])
        faults.arm(.rename, isDone ? .doneButFails(EIO) : .fails(EIO))
        #expect(throws: BlobError.self) { try staging.publish() }
        #expect(folder.files("records/objects").isEmpty)
        #expect(folder.files("records/staging").isEmpty)
    }

    @Test(arguments: StorageOperation.allCases, [true, false])
    func neverAcknowledgesWhatIsNotThere(operation: StorageOperation, isDone: Bool) throws {
        var acknowledged: [BlobID: [UInt8]] = [:]
        for call in 0..<4 {
            let path = folder.path + "/store-\(operation.rawValue)-\(isDone)-\(call)"
            let script = FaultScript()
            do {
                let store = try BlobStore(path: path, faults: script.injector)
                script.arm(operation, isDone ? .doneButFails(EIO) : .fails(EIO), after: call)
                for number in UInt8(0)..<4 {
                    guard let staging = try? store.createStaging(), (try? staging.write([number, 1, 2])) != nil else { continue }
                    if let blob = try? staging.publish() { acknowledged[blob] = [number, 1, 2] }
                }
            }
            let reopened = try BlobStore(path: path)
            try reopened.sweepStaging()
            for blob in try reopened.allBlobs() { #expect(try reopened.open(blob).byteCount == 3) }
            for (blob, bytes) in acknowledged { #expect(try reopened.open(blob).read(at: 0, count: 9) == bytes) }
            acknowledged = [:]
        }
    }

    @Test func opensAfterDeathBetweenWriteAndPublication() async throws {
        let path = folder.path + "/killed"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try BlobStore(path: path)
            let published = try store.createStaging()
            try published.write([1, 2, 3])
            _ = try published.publish()
            let unpublished = try store.createStaging()
            try unpublished.write([4, 5, 6])
            try unpublished.synchronize()
            kill(getpid(), SIGKILL)
        }
        let store = try BlobStore(path: path)
        #expect(folder.files("killed/staging").count == 1)
        #expect(try store.sweepStaging() == 1)
        #expect(folder.files("killed/staging").isEmpty)
        let blobs = try store.allBlobs()
        #expect(blobs.count == 1)
        #expect(try store.open(blobs[0]).read(at: 0, count: 9) == [1, 2, 3])
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting needs the right to"))
    func survivesARealFullDisk() throws {
        let disk = try SmallDisk(path: folder.path + "/disk")
        let store = try BlobStore(path: disk.path + "/records")
        let small = try store.createStaging()
        try small.write([1])
        let kept = try small.publish()
        let large = try store.createStaging()
        #expect(throws: BlobError.storageFull(.disk)) {
            for _ in 0..<64 { try large.write([UInt8](repeating: 7, count: 65_536)) }
        }
        #expect(try store.open(kept).read(at: 0, count: 1) == [1])
        large.discard()
        let next = try store.createStaging()
        try next.write([2])
        #expect(try store.open(next.publish()).byteCount == 1)
    }
}

/// Two megabytes in memory, mounted for one test.
final class SmallDisk {
    let path: String

    static var isPossible: Bool {
        guard geteuid() == 0, let disk = try? SmallDisk(path: NSTemporaryDirectory() + "/disk-" + UUID().uuidString) else { return false }
        return FileManager.default.fileExists(atPath: disk.path)
    }

    init(path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard unsafe mount("tmpfs", path, "tmpfs", 0, "size=2m") == 0 else {
            _ = unsafe rmdir(path)
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
        }
        self.path = path
    }

    deinit {
        _ = unsafe umount2(path, Int32(MNT_DETACH))
        _ = unsafe rmdir(path)
    }
}
