// A version as its readers get it: the members one after the other, each with the head that holds now.
import Envelope
import Synchronization

/// Random access to an envelope put together from stored members and replaced heads.
package final class EnvelopeSource: Sendable, ByteSource {
    private struct Part {
        let start: UInt64
        let member: StoredMember

        var end: UInt64 { start + member.envelopeByteCount }
    }

    package let byteCount: UInt64
    private let parts: [Part]
    private let store: BlobStore
    // The last one used: reading goes from front to back, and a member can be one of a thousand.
    private let current = Mutex<BlobReader?>(nil)

    /// Opens the first object at once, so that a missing one shows before any byte is sent.
    package init(store: BlobStore, members: [StoredMember]) throws {
        var parts: [Part] = []
        var end: UInt64 = 0
        for member in members {
            parts.append(Part(start: end, member: member))
            end += member.envelopeByteCount
        }
        self.store = store
        self.parts = parts
        byteCount = end
        if let first = members.first { _ = try reader(for: first) }
    }

    package func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset < byteCount, var index = parts.lastIndex(where: { $0.start <= offset }) else { return 0 }
        var count = 0
        while count < buffer.count, index < parts.count {
            let part = parts[index]
            let position = offset + UInt64(count) - part.start
            let room = UInt64(buffer.count - count)
            let step = Int(min(room, part.member.envelopeByteCount - position))
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count..<count + step])
            unsafe try read(part.member, at: position, into: target)
            count += step
            index += 1
        }
        return count
    }

    /// Fills the whole buffer from one member.
    private func read(_ member: StoredMember, at position: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws {
        var filled = 0
        var blobOffset = position
        if let head = member.headOverride {
            let headCount = UInt64(head.count)
            if position < headCount {
                filled = min(buffer.count, head.count - Int(position))
                unsafe buffer.copyBytes(from: head[Int(position)..<Int(position) + filled])
            }
            blobOffset = member.headByteCount + (max(position, headCount) - headCount)
        }
        guard filled < buffer.count else { return }
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
        let got = unsafe try reader(for: member).read(at: blobOffset, into: rest)
        guard got == rest.count else {
            throw BlobError.wrongSize(member.blob, expected: member.totalByteCount, found: blobOffset + UInt64(got))
        }
    }

    private func reader(for member: StoredMember) throws -> BlobReader {
        if let reader = current.withLock({ $0 }), reader.blob == member.blob { return reader }
        let reader = try store.open(member.blob)
        guard reader.byteCount == member.totalByteCount else {
            throw BlobError.wrongSize(member.blob, expected: member.totalByteCount, found: reader.byteCount)
        }
        current.withLock { $0 = reader }
        return reader
    }
}
