// One synchronisation of folders for all publishers that wait at the same time.
//
// Invariants:
// 1. `settle` returns only after a synchronisation of the publisher's folder that began after its rename.
// 2. Whoever waits while one synchronisation runs shares the next one: natural batching, no timer.
// 3. After one failure nothing is settled any more: the kernel may have forgotten what it could not write.
import Synchronization

/// Makes renames durable in groups.
final class DirectorySync: Sendable {
    private struct Queue {
        var tickets: UInt64 = 0
        var dirtyBuckets: Set<Int> = []
    }
    private struct Settled {
        var upTo: UInt64 = 0
        var failure: BlobError?
    }

    private let queue = Mutex(Queue())
    private let settled = Mutex(Settled())
    private let synchronize: @Sendable (Int) throws(BlobError) -> Void

    /// `synchronize` writes the folder of one bucket to the device.
    init(synchronize: @escaping @Sendable (Int) throws(BlobError) -> Void) {
        self.synchronize = synchronize
    }

    /// Blocks until a rename into `bucket`, done before the call, is durable.
    func settle(bucket: Int) throws(BlobError) {
        let ticket = queue.withLock { queue in
            queue.tickets += 1
            queue.dirtyBuckets.insert(bucket)
            return queue.tickets
        }
        // The lock is the queue: its holder works for everybody who took a ticket before.
        let failure: BlobError? = settled.withLock { settled in
            if settled.upTo < ticket, settled.failure == nil { run(&settled) }
            return settled.upTo < ticket ? settled.failure : nil
        }
        if let failure { throw failure }
    }

    private func run(_ settled: inout Settled) {
        let (last, buckets) = queue.withLock { queue in
            defer { queue.dirtyBuckets.removeAll(keepingCapacity: true) }
            return (queue.tickets, queue.dirtyBuckets)
        }
        do throws(BlobError) {
            for bucket in buckets { try synchronize(bucket) }
            settled.upTo = last
        } catch {
            settled.failure = error
        }
    }
}
