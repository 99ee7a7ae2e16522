// A record on its way to the server: sealed piece by piece while it is sent, checked against the receipt and the ledger.

internal import CanonicalEncoding
internal import Crypto
internal import Envelope
internal import FTPProtocol
internal import Ledger

/// What a record is sealed from. `read` gives the next piece of the content, or `nil` at its end.
struct ShipmentContent {
    let sealer: MemberSealer
    let metadata: RecordMetadata
    let read: () throws -> [UInt8]?
}

/// One file of a run. It opens its content when its turn has come and lets go of it at the end.
final class Shipment {
    let name: RemoteName
    private let open: () throws -> ShipmentContent
    private var content: ShipmentContent?
    private var outgoing = OutgoingBytes()
    private var digest = SHA256()
    private var head: [UInt8] = []
    private var ended: (summary: MemberSummary, sha256: [UInt8])?

    init(_ name: RemoteName, open: @escaping () throws -> ShipmentContent) {
        self.name = name
        self.open = open
    }

    /// Fills the buffer with the next sealed bytes.
    /// - Returns: how many; 0 at the end.
    func supply(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if ended == nil, content == nil {
            let opened = try open()
            content = opened
            head = opened.sealer.head
            outgoing.append(head)
        }
        while outgoing.isEmpty, let content {
            if let piece = try content.read() {
                try unsafe content.sealer.update(piece) { unsafe outgoing.append($0) }
            } else {
                let summary = try unsafe content.sealer.finish(metadata: content.metadata, interrupted: false) { unsafe outgoing.append($0) }
                ended = (summary, [])
                self.content = nil
            }
        }
        let count = unsafe outgoing.take(into: buffer)
        unsafe digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        if count == 0 { ended?.sha256 = Array(digest.finalize()) }
        return count
    }

    /// The receipt must speak of the bytes that were sent.
    func check(_ reply: Reply) throws {
        let (summary, sha256) = try requireEnd()
        guard let receipt = StoredReceipt(reply.text) else {
            throw ClientError(.notOnLedger, "the server gave no receipt (\(reply))")
        }
        guard receipt.sha256 == sha256.hexadecimal, receipt.byteCount == summary.totalLength, receipt.envelopeRoot == summary.footerHash.hexadecimal else {
            throw ClientError(.tampered, "the server's receipt speaks of other bytes than those that were sent")
        }
    }

    /// The ledger must have this record under this name.
    /// - Returns: what was sealed.
    func check(_ record: ProvenRecord) throws -> MemberSummary {
        let summary = try requireEnd().summary
        guard record.opening.envelopeRoot == summary.footerHash, record.heads == [head] else {
            throw ClientError(.notOnLedger, "the ledger has another record than the one that was sent")
        }
        return summary
    }

    private func requireEnd() throws -> (summary: MemberSummary, sha256: [UInt8]) {
        guard let ended else { throw ClientError(.internalFailure, "the file was not sealed") }
        return ended
    }
}

/// Sealed bytes between the sealer and the network.
private struct OutgoingBytes {
    private var bytes: [UInt8] = []
    private var position = 0

    var isEmpty: Bool { position == bytes.count }

    mutating func append(_ piece: [UInt8]) { unsafe piece.withUnsafeBytes { unsafe append($0) } }

    mutating func append(_ piece: UnsafeRawBufferPointer) {
        if isEmpty {
            bytes.removeAll(keepingCapacity: true)
            position = 0
        }
        unsafe bytes.append(contentsOf: piece)
    }

    mutating func take(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, bytes.count - position)
        unsafe buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}
