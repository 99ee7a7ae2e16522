// Sending: content is sealed on this machine while it goes out, then checked on the ledger.

internal import CanonicalEncoding
internal import Crypto
internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Ledger

extension ClientSession {
    /// Seals what `read` gives, piece by piece to its end, and stores it as the newest version of a record.
    ///
    /// Checked afterwards: the receipt speaks of the bytes that were sent, and the ledger has this record under this name.
    /// - Parameter read: the next piece of the content, or `nil` at its end.
    func send(
        _ name: RemoteName, sealer: MemberSealer, metadata: RecordMetadata, read: () throws -> [UInt8]?
    ) async throws -> (summary: MemberSummary, record: ProvenRecord) {
        var outgoing = OutgoingBytes(first: sealer.head)
        var sent = SHA256()
        var summary: MemberSummary?
        let reply = try await unsafe ftp.store(name.path) { buffer in
            while outgoing.isEmpty, summary == nil {
                if let piece = try read() {
                    try unsafe sealer.update(piece) { unsafe outgoing.append($0) }
                } else {
                    summary = try unsafe sealer.finish(metadata: metadata, interrupted: false) { unsafe outgoing.append($0) }
                }
            }
            let count = unsafe outgoing.take(into: buffer)
            unsafe sent.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return count
        }
        guard let summary else { throw ClientError(.internalFailure, "the file was not sealed") }
        try check(reply, summary, sent: Array(sent.finalize()))
        let record = try await record(name)
        guard record.opening.envelopeRoot == summary.footerHash, record.heads == [sealer.head] else {
            throw ClientError(.notOnLedger, "the ledger has another record than the one that was sent")
        }
        return (summary, record)
    }

    /// The receipt must speak of the bytes that were sent.
    private func check(_ reply: Reply, _ summary: MemberSummary, sent: [UInt8]) throws {
        guard let receipt = StoredReceipt(reply.text) else {
            throw ClientError(.notOnLedger, "the server gave no receipt (\(reply))")
        }
        guard receipt.sha256 == sent.hexadecimal, receipt.byteCount == summary.totalLength, receipt.envelopeRoot == summary.footerHash.hexadecimal else {
            throw ClientError(.tampered, "the server's receipt speaks of other bytes than those that were sent")
        }
    }
}

/// Sealed bytes between the sealer and the network.
private struct OutgoingBytes {
    private var bytes: [UInt8]
    private var position = 0

    init(first: [UInt8]) { bytes = first }

    var isEmpty: Bool { position == bytes.count }

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
