// Keeps sealed objects as files: written to a staging folder, made durable, then renamed into place.
//
// Invariants:
// 1. A file below `objects/` is complete and durable, and never changes.
// 2. What is below `staging/` has been acknowledged to nobody; a start removes it.
// 3. After a failed synchronisation nothing more is published: a second attempt could report success for lost data.
// 4. One process at a time works on a store.
import CanonicalEncoding
import Glibc
import Synchronization

/// Sealed objects in `ROOT/objects/ab/ID.phr`. All calls block: they belong on a thread pool.
package final class BlobStore: Sendable {
    let calls: SystemCalls
    let staging: Descriptor
    let buckets: Buckets
    private let root: Descriptor
    private let lockFile: Descriptor
    private let directorySync: DirectorySync
    private let stopReason = Mutex<String?>(nil)
    private let created = Atomic<UInt64>(.random(in: 0...UInt64(UInt32.max)))

    /// Opens the store at `path`, making its folders when they are not there.
    ///
    /// Throws `BlobError.inUse` while another store object has the same folder.
    package init(path: String, faults: FaultInjector? = nil) throws(BlobError) {
        let calls = SystemCalls(faults: faults)
        let parent = Descriptor(owning: AT_FDCWD)
        try calls.makeFolder(parent, path)
        root = try calls.openFolder(path: path)
        lockFile = try calls.open(root, "lock", flags: O_RDWR | O_CREAT, operation: .create)
        guard try calls.lock(lockFile) else { throw .inUse(path: path) }
        try calls.makeFolder(root, "staging")
        try calls.makeFolder(root, "objects")
        staging = try calls.openFolder(path: path + "/staging")
        let buckets = try Buckets(objects: calls.openFolder(path: path + "/objects"), calls: calls)
        try calls.synchronizeFolder(root, what: path)
        directorySync = DirectorySync { bucket throws(BlobError) in
            try calls.synchronizeFolder(buckets[bucket].descriptor, what: "objects/\(bucket)")
        }
        self.buckets = buckets
        self.calls = calls
    }

    /// Lets the next program have the folder, also while something still refers to this store. Nothing may be written afterwards.
    package func close() { calls.unlock(lockFile) }

    /// A new, empty file that nobody sees until it is published.
    package func createStaging() throws(BlobError) -> StagingFile {
        try checkRunning()
        return try StagingFile(store: self)
    }

    /// Opens a published object for reading.
    package func open(_ blob: BlobID) throws(BlobError) -> BlobReader {
        let file: Descriptor
        do throws(BlobError) {
            file = try calls.open(buckets[blob.bucket].descriptor, blob.fileName, flags: O_RDONLY | O_NOFOLLOW, operation: .open)
        } catch .inputOutput(_, _, ENOENT) {
            throw .missing(blob)
        }
        return try BlobReader(blob: blob, file: file, calls: calls)
    }

    /// Removes an object; false when it was not there. Readers that have it open keep it.
    @discardableResult
    package func remove(_ blob: BlobID) throws(BlobError) -> Bool {
        try calls.remove(buckets[blob.bucket].descriptor, name: blob.fileName)
    }

    /// Bytes that may still be written on the device.
    package var availableByteCount: UInt64 {
        get throws(BlobError) { try calls.availableByteCount(root, what: "the record store") }
    }

    /// Moves a synchronised staging file to its place and returns when the move is durable.
    func settle(_ blob: BlobID) throws(BlobError) {
        try checkRunning()
        let bucket = buckets[blob.bucket]
        do throws(BlobError) {
            try calls.rename(staging, to: bucket.descriptor, name: blob.fileName)
        } catch {
            // A rename may have happened although it reported failure.
            _ = try? calls.remove(bucket.descriptor, name: blob.fileName)
            throw error
        }
        do throws(BlobError) {
            try directorySync.settle(bucket: blob.bucket)
        } catch {
            stop(after: error)
            throw error
        }
    }

    /// Neighbours in time share a folder, so that those who publish together wait for one synchronisation of one folder.
    func nextBucket() -> UInt8 {
        let number = created.wrappingAdd(1, ordering: .relaxed).oldValue
        return UInt8(truncatingIfNeeded: number / 64)
    }

    func stop(after error: BlobError) {
        stopReason.withLock { $0 = $0 ?? error.description }
    }

    /// Throws when an earlier failure forbids further writes.
    package func checkRunning() throws(BlobError) {
        if let reason = stopReason.withLock({ $0 }) { throw .stopped(reason: reason) }
    }
}

/// The 256 folders below `objects/`, kept open so that no failed write-back is forgotten between two synchronisations.
final class Buckets: Sendable {
    final class Bucket: Sendable {
        let descriptor: Descriptor
        init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
    }

    private let folders: [Bucket]

    init(objects: consuming Descriptor, calls: SystemCalls) throws(BlobError) {
        var folders: [Bucket] = []
        for bucket in UInt8.min...UInt8.max {
            let name = [bucket].hexadecimal
            try calls.makeFolder(objects, name)
            folders.append(Bucket(try calls.open(objects, name, flags: O_RDONLY | O_DIRECTORY, operation: .open)))
        }
        try calls.synchronizeFolder(objects, what: "objects")
        self.folders = folders
    }

    subscript(bucket: Int) -> Bucket { folders[bucket] }
    var all: [Bucket] { folders }
}
