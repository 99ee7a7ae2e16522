/// A data connection as a transfer sees it: files with an end that cannot be mistaken for a cut.
import FTPProtocol
import Transport

/// Used by one transfer at a time, on the session's loop.
protocol TransferChannel: AnyObject, Sendable {
    var connection: Connection { get }
    /// Whether the connection carries further files: the reply that ends a transfer is 250 then, else 226 (RFC 959 §5.4).
    var carriesManyFiles: Bool { get }

    /// Reads on in the file that comes in; data is added to the buffer, which must have room.
    func read(into buffer: TransferBuffer, timeout: Duration) async throws -> ChannelEvent
    /// Writes bytes of the file that goes out.
    func write(_ bytes: UnsafeRawBufferPointer, timeout: Duration) async throws
    /// Says that the file that goes out is whole.
    func finishFile(timeout: Duration) async throws
}

extension TransferChannel {
    func write(_ bytes: [UInt8], timeout: Duration) async throws {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { unsafe copy.deallocate() }
        unsafe copy.copyBytes(from: bytes)
        try await unsafe write(UnsafeRawBufferPointer(copy), timeout: timeout)
    }

    /// The reply that ends a transfer which went well.
    func completion(_ text: String) -> Reply { Reply(carriesManyFiles ? 250 : 226, text) }
}

/// What one step of reading a file brought.
enum ChannelEvent {
    case data
    /// The file is over by its mark: close_notify, or the end-of-file block.
    case whole
    /// As `whole`, but the sender does not vouch for the data.
    case suspect
    /// The connection ended before the file did.
    case cut

    var isWithinFile: Bool {
        switch self {
        case .data: true
        case .whole, .suspect, .cut: false
        }
    }

    var isCut: Bool { if case .cut = self { true } else { false } }

    /// Whether the file's end was seen, so that the next one may follow.
    var isProperEnd: Bool { !isWithinFile && !isCut }
}
