// Files in both directions over one connection, as blocks (RFC 959 §3.4.2).

internal import FTPProtocol
internal import Glibc
package import Transport

/// What one step of reading brought.
package enum BlockEvent: Sendable, Equatable {
    /// So many bytes of the file are at the start of the memory; at least one.
    case data(byteCount: Int)
    /// The sender's name for the place that was reached.
    case restartMarker([UInt8])
    /// The file is over; a suspect one is not vouched for by its sender.
    case endOfFile(isSuspect: Bool)
    /// The connection ended before the file did.
    case cut
}

/// A data connection in block mode. Used by one task at a time, on the connection's loop; whoever made the connection closes it.
package final class BlockStream {
    package let connection: Connection
    private var decoder = BlockDecoder()
    private let incoming = WipedMemory(byteCount: 32 * 1024)
    /// Part of `incoming` that has not been looked at.
    private var unread = 0..<0
    /// The block that goes out: room for its header, then content.
    private lazy var outgoing = WipedMemory(byteCount: BlockHeader.byteCount + BlockHeader.maximumContentByteCount)
    private var pendingByteCount = 0

    package init(_ connection: Connection) { self.connection = connection }

    /// Reads on in the file that comes in.
    /// - Parameters:
    ///   - memory: at least one byte of room.
    ///   - timeout: for each wait.
    /// - Throws: `BlockError` for blocks that cannot be, `TransportError`.
    package func read(into memory: UnsafeMutableRawBufferPointer, timeout: Duration) async throws -> BlockEvent {
        while true {
            let (consumed, step) = try unsafe decoder.next(incoming.bytes[unread])
            unread = unread.lowerBound + consumed..<unread.upperBound
            switch step {
            case .needsInput:
                let direct = min(decoder.remainingDataByteCount, memory.count)
                if direct >= incoming.byteCount {
                    // A long block goes straight to where it belongs.
                    let count = try await unsafe receive(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<direct]), timeout: timeout)
                    decoder.consumeData(count)
                    return count == 0 ? .cut : .data(byteCount: count)
                }
                unread = try await unsafe 0..<receive(into: incoming.bytes, timeout: timeout)
                if unread.isEmpty { return .cut }
            case .data(let byteCount):
                let count = min(byteCount, memory.count)
                unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: incoming.bytes[unread.prefix(count)]))
                decoder.consumeData(count)
                unread = unread.lowerBound + count..<unread.upperBound
                return .data(byteCount: count)
            case .restartMarker(let marker): return .restartMarker(marker)
            case .endOfFile(let isSuspect): return .endOfFile(isSuspect: isSuspect)
            }
        }
    }

    /// 0 at the end of the connection, proper or not: blocks have their own end.
    private func receive(into memory: UnsafeMutableRawBufferPointer, timeout: Duration) async throws -> Int {
        do { return try await unsafe connection.read(into: memory, timeout: timeout) } catch TransportError.truncated { return 0 }
    }

    /// Adds bytes to the file that goes out. They leave with the block that they fill, or with the end of the file.
    package func write(_ bytes: UnsafeRawBufferPointer, timeout: Duration) async throws {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            if pendingByteCount == BlockHeader.maximumContentByteCount { try await sendBlock([], timeout: timeout) }
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: outgoing.bytes[(BlockHeader.byteCount + pendingByteCount)...])
            let count = min(rest.count, room.count)
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            pendingByteCount += count
            unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Sends what is left of the file, with the mark that it is whole.
    package func finishFile(timeout: Duration) async throws { try await sendBlock(.endOfFile, timeout: timeout) }

    private func sendBlock(_ descriptor: BlockHeader.Descriptor, timeout: Duration) async throws {
        let header = BlockHeader(descriptor, contentByteCount: pendingByteCount)
        unsafe outgoing.bytes.copyBytes(from: header.bytes)
        let byteCount = BlockHeader.byteCount + pendingByteCount
        pendingByteCount = 0
        try await unsafe connection.write(UnsafeRawBufferPointer(rebasing: outgoing.bytes[..<byteCount]), timeout: timeout)
    }
}

/// Memory that parts of records pass through, overwritten when it is given back.
@safe private final class WipedMemory {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) { unsafe bytes = .allocate(byteCount: byteCount, alignment: 16) }

    var byteCount: Int { unsafe bytes.count }

    deinit {
        unsafe explicit_bzero(bytes.baseAddress!, bytes.count)
        unsafe bytes.deallocate()
    }
}
