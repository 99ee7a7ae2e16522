// Makes chosen calls to the disk fail, and counts all of them.
import RecordStore
import Synchronization

/// A fault for one kind of call, from its n-th occurrence on or only there.
final class FaultScript: Sendable {
    private struct State {
        var counts: [StorageOperation: Int] = [:]
        var operation: StorageOperation?
        var fault: InjectedFault?
        var skipped = 0
        var isPermanent = false
    }
    private let state = Mutex(State())

    var injector: FaultInjector {
        { [self] operation in
            state.withLock { state in
                state.counts[operation, default: 0] += 1
                guard operation == state.operation, let fault = state.fault else { return nil }
                guard state.skipped == 0 else {
                    state.skipped -= 1
                    return nil
                }
                if !state.isPermanent { state.fault = nil }
                return fault
            }
        }
    }

    func arm(_ operation: StorageOperation, _ fault: InjectedFault, after skipped: Int = 0, permanent: Bool = false) {
        state.withLock { state in
            state.operation = operation
            state.fault = fault
            state.skipped = skipped
            state.isPermanent = permanent
        }
    }

    func disarm() { state.withLock { $0.fault = nil } }

    func count(_ operation: StorageOperation) -> Int { state.withLock { $0.counts[operation] ?? 0 } }
}
