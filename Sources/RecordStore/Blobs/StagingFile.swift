// An object while it is being written: private to its upload, gone unless it is published.
//
// Invariants:
// 1. `publish` returns only when data and name are durable.
// 2. After any failed call the file can only be discarded; a failed synchronisation is never tried again.
import Glibc
import Synchronization

/// A file in the staging folder. Calls may come from different threads, one after the other.
package final class StagingFile: Sendable {
    private struct State: ~Copyable {
        var file: Descriptor?
        var byteCount: UInt64 = 0
        /// How much the kernel was asked to write out already.
        var startedByteCount: UInt64 = 0
        var isNamed = true
        var hasFailed = false
    }

    /// A long upload is written out in such steps while it comes in, so that the synchronisation at its end is quick.
    private static let earlyWriteByteCount: UInt64 = 8 << 20

    /// The name that the object will have.
    package let blob: BlobID
    private let store: BlobStore
    private let state: Mutex<State>

    init(store: BlobStore) throws(BlobError) {
        let blob = BlobID(bucket: store.nextBucket())
        let file = try store.calls.open(store.staging, blob.fileName, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: .create)
        self.blob = blob
        self.store = store
        state = Mutex(State(file: file))
    }

    deinit {
        discard()
    }

    /// Bytes written so far.
    package var byteCount: UInt64 { state.withLock { $0.byteCount } }

    /// Appends bytes.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(BlobError) {
        let result = state.withLock { state in
            let result = Self.attempt(&state) { (file: borrowing Descriptor) throws(BlobError) in
                unsafe try store.calls.write(file, bytes, what: blob.fileName)
            }
            if case .success = result { state.byteCount += UInt64(bytes.count) }
            if state.byteCount - state.startedByteCount >= Self.earlyWriteByteCount, state.file != nil {
                store.calls.startWriting(state.file!, from: state.startedByteCount, count: state.byteCount - state.startedByteCount)
                state.startedByteCount = state.byteCount
            }
            return result
        }
        try result.get()
    }

    /// Appends bytes.
    package func write(_ bytes: [UInt8]) throws(BlobError) {
        let result: Result<Void, BlobError> = unsafe bytes.withUnsafeBytes { bytes in
            do throws(BlobError) {
                return .success(unsafe try write(bytes))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Writes what is there to the device. A long upload may call it now and then, so that its end is not slow.
    package func synchronize() throws(BlobError) {
        let result = state.withLock { state in
            Self.attempt(&state) { (file: borrowing Descriptor) throws(BlobError) in
                try store.calls.synchronizeData(file, what: blob.fileName)
            }
        }
        if case .failure(let error) = result, error.isFatal { store.stop(after: error) }
        try result.get()
    }

    /// Makes the object durable and puts it in its place.
    package func publish() throws(BlobError) -> BlobID {
        try store.checkRunning()
        try synchronize()
        state.withLock { $0.file = nil }
        do throws(BlobError) {
            try store.settle(blob)
        } catch {
            discard()
            throw error
        }
        state.withLock { $0.isNamed = false }
        return blob
    }

    /// Removes the file, unless it was published.
    package func discard() {
        let isNamed = state.withLock { state in
            defer { state.isNamed = false }
            state.file = nil
            return state.isNamed
        }
        // What cannot be removed now is removed at the next start.
        if isNamed { _ = try? store.calls.remove(store.staging, name: blob.fileName) }
    }

    private static func attempt(
        _ state: inout State, _ body: (borrowing Descriptor) throws(BlobError) -> Void
    ) -> Result<Void, BlobError> {
        guard !state.hasFailed, state.file != nil else { return .failure(.stagingClosed) }
        do throws(BlobError) {
            try body(state.file!)
            return .success(())
        } catch {
            state.hasFailed = true
            return .failure(error)
        }
    }
}
