// A password on its way from the wire to the hash: never printed, wiped when its owner lets go.
import Foundation
import Glibc

/// The bytes of a password in memory of their own.
@safe package final class Password: Sendable {
    // Written in `init` only, and freed by the last owner.
    private nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

    package init(_ source: some Collection<UInt8>) {
        // One byte at least: an empty allocation need not have an address.
        unsafe bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(source.count, 1), alignment: 1)
        unsafe bytes.copyBytes(from: source)
        byteCount = source.count
    }

    /// UTF-8 of the text.
    package convenience init(_ text: String) {
        self.init(Array(text.utf8))
    }

    deinit {
        unsafe explicit_bzero(bytes.baseAddress!, bytes.count)
        unsafe bytes.deallocate()
    }

    package let byteCount: Int

    package var isEmpty: Bool { byteCount == 0 }

    /// Unicode characters, for the rule of least length; bytes when it is not text.
    package var characterCount: Int {
        unsafe withBytes { unsafe String(validating: $0, as: UTF8.self)?.count } ?? byteCount
    }

    /// Lends the bytes for the time of the call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: bytes.baseAddress, count: byteCount))
    }
}

extension Password: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Password(redacted)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
