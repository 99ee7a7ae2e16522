// The bump arena that the kernels take their temporaries from.
//
// Invariants:
// 1. A `Scratch` is passed by value; what a callee takes is free again when it returns.
// 2. Memory taken is not initialised. Only plain structs of limbs live in it.
// 3. The whole arena is wiped before it is freed, because temporaries may be secret.

internal import Glibc

/// A cursor into an arena of temporaries.
///
/// Safe to hold; what is unsafe, and marked, is every use of the pointers that it gives.
@safe
struct Scratch {
    private var next: UnsafeMutableRawPointer

    fileprivate init(_ start: UnsafeMutableRawPointer) { unsafe next = start }

    /// Takes room for `count` elements, uninitialised, on a multiple of 16 bytes.
    @inline(__always)
    mutating func take<T: BitwiseCopyable>(_ type: T.Type, count: Int = 1) -> Pointer<T> {
        let taken = unsafe next.assumingMemoryBound(to: T.self)
        unsafe next += (MemoryLayout<T>.stride &* count &+ 15) & ~15
        return unsafe taken
    }

    /// Takes room for one element and puts `value` there.
    @inline(__always)
    mutating func copy<T: BitwiseCopyable>(_ value: T) -> Pointer<T> {
        let taken = unsafe take(T.self)
        unsafe taken.pointee = value
        return unsafe taken
    }
}

/// Room enough for every operation of this module but sums over many points, which ask for their own.
let scratchByteCount = 48 * 1024

/// Runs `body` with an arena of `byteCount` bytes, then wipes and frees it.
@inline(__always)
func withScratch<Result, Failure: Error>(
    byteCount: Int = scratchByteCount, _ body: (Scratch) throws(Failure) -> Result
) throws(Failure) -> Result {
    let arena = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    defer {
        unsafe explicit_bzero(arena, byteCount)
        unsafe arena.deallocate()
    }
    return try unsafe body(Scratch(arena))
}

/// Overwrites a value with zero bits, in a way that the compiler does not remove.
func overwrite<T: BitwiseCopyable>(_ value: inout T) {
    unsafe withUnsafeMutableBytes(of: &value) { bytes in
        if let start = bytes.baseAddress { unsafe explicit_bzero(start, bytes.count) }
    }
}

/// Overwrites memory with zero, in a way that the compiler does not remove.
func overwrite(_ memory: UnsafeMutableRawPointer, byteCount: Int) {
    unsafe explicit_bzero(memory, byteCount)
}
