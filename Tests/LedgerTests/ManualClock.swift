// A clock that tests set by hand.

import Synchronization

final class ManualClock: Sendable {
    private let value: Mutex<UInt64>

    init(_ now: UInt64) { value = Mutex(now) }

    var now: UInt64 {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}
