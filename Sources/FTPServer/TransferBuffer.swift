/// A block of bytes on its way between a data connection and the store, handed over from one to the other.
import Glibc

// Sendable by ownership: whoever holds the buffer for a step is its only user until the step returns.
@safe package final class TransferBuffer: @unchecked Sendable {
    /// Large enough that handing a buffer over costs little beside sealing it.
    package static let capacity = 128 * 1024

    private let storage: UnsafeMutableRawBufferPointer
    /// How many bytes at the start are data.
    package var count = 0

    package init() {
        unsafe storage = .allocate(byteCount: Self.capacity, alignment: 64)
    }

    deinit {
        wipe()
        unsafe storage.deallocate()
    }

    package var isFull: Bool { count == Self.capacity }

    /// The data.
    package var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: storage[..<count]) }

    /// The room behind the data; whoever fills it adds to `count`.
    package var room: UnsafeMutableRawBufferPointer { unsafe UnsafeMutableRawBufferPointer(rebasing: storage[count...]) }

    private func wipe() { unsafe explicit_bzero(storage.baseAddress!, Self.capacity) }
}
