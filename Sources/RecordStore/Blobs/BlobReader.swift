// Random access to one published object.

/// An open object. Reads may run at the same time; the file is closed when the last owner lets go.
package final class BlobReader: Sendable {
    package let blob: BlobID
    /// Size on the disk.
    package let byteCount: UInt64
    private let file: Descriptor
    private let calls: SystemCalls

    init(blob: BlobID, file: consuming Descriptor, calls: SystemCalls) throws(BlobError) {
        byteCount = try calls.status(file, what: blob.fileName).byteCount
        self.blob = blob
        self.file = file
        self.calls = calls
    }

    /// Fills `buffer` from `offset` on; returns fewer bytes only at the end, and 0 behind it.
    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = 0
        while count < buffer.count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
            let step = unsafe try calls.read(file, at: offset + UInt64(count), into: rest, what: blob.fileName)
            guard step > 0 else { break }
            count += step
        }
        return count
    }

    /// Up to `count` bytes from `offset` on.
    package func read(at offset: UInt64, count: Int) throws -> [UInt8] {
        let available = offset < byteCount ? byteCount - offset : 0
        let wanted = Int(min(UInt64(max(0, count)), available))
        return try unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
            initialized = unsafe try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}
