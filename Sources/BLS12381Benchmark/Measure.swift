// The least time of many repetitions of an operation.

/// Keeps the optimiser from dropping a result nobody reads.
@inline(never)
func consume<T>(_ value: T) {
    withExtendedLifetime(value) {}
}

/// The least time of one call of `operation` in microseconds, over batches of `batch` calls within `budget`.
func leastMicroseconds(batch: Int, budget: Duration, _ operation: () -> Void) -> Double {
    let clock = ContinuousClock()
    let end = clock.now + budget
    var least = Duration.seconds(3600)
    repeat {
        let time = clock.measure { for _ in 0..<batch { operation() } }
        least = min(least, time)
    } while clock.now < end
    return least / .microseconds(1) / Double(batch)
}
