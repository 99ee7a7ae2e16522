// Rekeying: the content of a record sealed anew, under a new file key, as its next version.

internal import Envelope
internal import Keyring
internal import Ledger

extension ClientSession {
    private static let pieceByteCount = 256 * 1024

    /// Brings a record, opens it, and stores it as the next version for `recipients` alone.
    ///
    /// The envelope on its way is a file without a name; plaintext stays in memory. Everything is verified before the first
    /// byte is sent. Name, type, times and padding of the record stay.
    func reseal(
        _ record: ProvenRecord, identities: [Identity], for recipients: [Recipient], progress: @escaping Progress
    ) async throws -> ProvenRecord {
        var download = try PartialDownload.nameless()
        let envelope = try await fetch(record, into: &download, from: 0, progress: progress)
        let reader = try EnvelopeReader(layout: envelope.layout, source: envelope.source, identities: identities, cache: wrapKeys)
        try unsafe reader.readAll(emit: { _ in })
        let isPadded = envelope.layout.members.contains { $0.prefix.flags.contains(.padded) }
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: try WrapKey(recipients: recipients),
            options: SealingOptions(padding: isPadded ? .padme : .none, notAfter: envelope.layout.notAfter), signer: try keyring.signer())
        let source = reader.metadata
        var metadata = RecordMetadata(
            originalName: source.originalName, mediaType: source.mediaType, clientModificationTime: source.clientModificationTime,
            source: source.source)
        metadata.others = source.others
        var buffer = [UInt8](repeating: 0, count: Self.pieceByteCount)
        var offset: UInt64 = 0
        let content = ShipmentContent(sealer: sealer, metadata: metadata) {
            let count = try unsafe buffer.withUnsafeMutableBytes { unsafe try reader.read(offset: offset, into: $0) }
            offset += UInt64(count)
            progress(offset, reader.plaintextByteCount)
            return count == 0 ? nil : Array(buffer[..<count])
        }
        let sent = try await send(Shipment(record.name) { content })
        guard sent.record.recordID == record.recordID, sent.record.version > record.version else {
            throw ClientError(.notOnLedger, "the server took the record for another than \(record.name)")
        }
        return sent.record
    }
}
