// The least time of many repetitions of an operation.

/// Keeps the optimiser from dropping a result that nobody reads.
@inline(never)
func consume<T>(_ value: T) {
    withExtendedLifetime(value) {}
}

/// One measured operation.
struct Measurement {
    let name: String
    /// The least time of one run in microseconds.
    let microseconds: Double
}

/// The least time of one run of `operation` within `budget`, in batches long enough for the clock.
func measure(_ name: String, budget: Duration, _ operation: () -> Void) -> Measurement {
    let clock = ContinuousClock()
    var batch = 1
    var time = clock.measure(operation)
    while time < .microseconds(50) {
        batch *= 4
        time = clock.measure { for _ in 0..<batch { operation() } }
    }
    let end = clock.now + budget
    var least = time
    repeat {
        least = min(least, clock.measure { for _ in 0..<batch { operation() } })
    } while clock.now < end
    return Measurement(name: name, microseconds: least / .microseconds(1) / Double(batch))
}
