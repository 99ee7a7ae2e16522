// The least CPU time of many repetitions of an operation.

internal import Glibc

/// One thing to time.
struct Operation {
    let name: String
    /// Of what it makes: a key or a header.
    var byteCount: Int?
    let run: () throws -> Void
}

struct Measurement {
    let name: String
    /// The least CPU time of one run.
    let milliseconds: Double
    let byteCount: Int?
}

/// Repeats the operation for some seconds, at least three times.
func measure(_ operation: Operation, seconds: Double) throws -> Measurement {
    let end = processorMilliseconds() + seconds * 1000
    var least = Double.infinity
    var count = 0
    while count < 3 || processorMilliseconds() < end {
        let start = processorMilliseconds()
        try operation.run()
        least = min(least, processorMilliseconds() - start)
        count += 1
    }
    return Measurement(name: operation.name, milliseconds: least, byteCount: operation.byteCount)
}

func exitProcess(_ status: Int32) -> Never { exit(status) }

/// CPU time of the whole process.
private func processorMilliseconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1000 + Double(time.tv_nsec) / 1_000_000
}
