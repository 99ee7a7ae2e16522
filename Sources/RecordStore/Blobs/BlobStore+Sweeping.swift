// Removes what a crash left behind: unpublished uploads, and objects that no catalogue row names.
import Glibc

extension BlobStore {
    /// Removes everything in the staging folder; called at the start, before any upload. Returns how many files there were.
    @discardableResult
    package func sweepStaging() throws(BlobError) -> Int {
        var removed = 0
        for name in try calls.names(staging, what: "staging") where try calls.remove(staging, name: name) { removed += 1 }
        return removed
    }

    /// Removes objects that `referenced` denies and that were last written longer than `age` ago.
    ///
    /// The age keeps objects that are published while their catalogue row still waits for its commit.
    /// Foreign files are left alone.
    @discardableResult
    package func sweepOrphans(olderThan age: Duration, referenced: (BlobID) throws -> Bool) throws -> [BlobID] {
        let limit = Int64(time(nil)) - age.components.seconds
        var removed: [BlobID] = []
        for bucket in buckets.all {
            for name in try calls.names(bucket.descriptor, what: "objects") {
                guard let blob = BlobID(fileName: name) else { continue }
                guard let status = try calls.status(bucket.descriptor, name: name), status.modifiedSeconds <= limit else { continue }
                if try !referenced(blob), try remove(blob) { removed.append(blob) }
            }
        }
        return removed
    }

    /// All published objects, for checks of the whole store.
    package func allBlobs() throws(BlobError) -> [BlobID] {
        var blobs: [BlobID] = []
        for bucket in buckets.all {
            for name in try calls.names(bucket.descriptor, what: "objects") {
                if let blob = BlobID(fileName: name) { blobs.append(blob) }
            }
        }
        return blobs
    }
}
