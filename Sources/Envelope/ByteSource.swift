// Where the bytes of an envelope are read from, at any offset.

private import Glibc

/// Random access to bytes that do not change meanwhile.
package protocol ByteSource {
    var byteCount: UInt64 { get throws }

    /// Fills `buffer` from `offset` on, and returns how many bytes there were: fewer only at the end.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteSource {
    /// Exactly `count` bytes.
    func bytes(at offset: UInt64, count: Int, place: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try unsafe bytes.withUnsafeMutableBytes { unsafe try read(at: offset, into: $0) }
        guard got == count else { throw EnvelopeError(.truncated, "\(got) of \(count) bytes could be read", at: place) }
        return bytes
    }

    /// Fills the whole buffer.
    func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, place: String) throws {
        let got = try unsafe read(at: offset, into: buffer)
        guard got == buffer.count else { throw EnvelopeError(.truncated, "\(got) of \(buffer.count) bytes could be read", at: place) }
    }
}

/// Bytes in memory.
package struct ArrayByteSource: ByteSource, Sendable {
    private let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var byteCount: UInt64 { UInt64(bytes.count) }

    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard offset < UInt64(bytes.count) else { return 0 }
        let start = Int(offset)
        let count = min(buffer.count, bytes.count - start)
        unsafe buffer.copyBytes(from: bytes[start..<start + count])
        return count
    }
}

/// An open file. Closes the descriptor only if it opened it.
package final class FileByteSource: ByteSource, Sendable {
    private let descriptor: Int32
    private let isOwner: Bool

    /// Opens a file for reading.
    package init(path: String) throws {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        isOwner = true
        guard descriptor >= 0 else { throw Self.failure("open") }
    }

    /// Uses a descriptor that stays the caller's, who keeps it open as long as this lives.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
        isOwner = false
    }

    deinit { if isOwner, descriptor >= 0 { close(descriptor) } }

    package var byteCount: UInt64 {
        get throws {
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { throw Self.failure("fstat") }
            return UInt64(status.st_size)
        }
    }

    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var done = 0
        while done < buffer.count, let base = buffer.baseAddress {
            let count = unsafe pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Self.failure("pread")
            }
            done += count
        }
        return done
    }

    private static func failure(_ call: String) -> EnvelopeError {
        EnvelopeError(.source, "\(call): \(unsafe String(cString: strerror(errno)))", at: "file")
    }
}
