/// `errno` turned into Swift errors and text, in one place.
import CLinux
import Glibc

/// The C library's text for an `errno` value.
package func systemMessage(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    let message = unsafe buffer.withUnsafeMutableBufferPointer { pointer -> String in
        guard unsafe strerror_r(code, pointer.baseAddress!, pointer.count) == 0 else { return "error \(code)" }
        return unsafe String(cString: pointer.baseAddress!)
    }
    return message
}

/// Runs `body` again while it is interrupted by a signal; a negative result becomes a `TransportError`.
@discardableResult
func checked(_ call: String, _ body: () -> Int32) throws(TransportError) -> Int32 {
    while true {
        let result = body()
        if result >= 0 { return result }
        let code = errno
        if code != EINTR { throw .system(call: call, code: code) }
    }
}

/// Nanoseconds of the monotonic clock.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

extension Duration {
    /// Whole nanoseconds, clamped to what a timer can hold; 0 for what has passed already.
    package var clampedNanoseconds: UInt64 {
        // Of what has passed by less than a second the attoseconds alone are negative.
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        guard seconds < 1_000_000_000 else { return 1_000_000_000 * 1_000_000_000 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}

/// Starts a thread that runs `body` and ends with it.
package func startThread(name: String, stackByteCount: Int = 512 * 1024, _ body: @escaping @Sendable () -> Void) throws {
    final class Box: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackByteCount)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Box(name, body)).toOpaque()
    let code = unsafe pthread_create(
        &thread, &attributes,
        { argument in
            let box = unsafe Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue()
            // Not from outside: a detached thread may be gone before its name is set.
            _ = unsafe box.name.withCString { unsafe pthread_setname_np(pthread_self(), $0) }
            box.body()
            return nil
        }, box)
    guard code == 0 else {
        unsafe Unmanaged<Box>.fromOpaque(box).release()
        throw TransportError.system(call: "pthread_create", code: code)
    }
}
