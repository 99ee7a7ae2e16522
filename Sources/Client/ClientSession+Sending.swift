// Sending: content is sealed on this machine while it goes out, then checked on the ledger.

internal import Envelope
internal import FTPClient

extension ClientSession {
    /// How many records are sent before they are looked up on the ledger.
    private static let batchCount = 64

    /// Seals records and stores each as the newest version of its name, in one run where the server takes that.
    ///
    /// Checked afterwards: the receipts speak of the bytes that were sent, and the ledger has each record under its name.
    /// - Throws: the first failure, with the number of its shipment. All before it are stored.
    func send(_ shipments: [Shipment]) async throws(NumberedFailure) -> [(summary: MemberSummary, record: ProvenRecord)] {
        var sent: [(summary: MemberSummary, record: ProvenRecord)] = []
        while sent.count < shipments.count {
            let start = sent.count
            let batch = Array(shipments[start..<min(shipments.count, start + Self.batchCount)])
            do throws(NumberedFailure) {
                try await unsafe ftp.store(batch.map(\.name.path), supply: { try unsafe batch[$0].supply($1) }, completed: { try batch[$0].check($1) })
            } catch {
                throw NumberedFailure(number: start + error.number, error: error.error)
            }
            do {
                for (shipment, record) in zip(batch, try await records(batch.map(\.name))) {
                    sent.append((try shipment.check(record), record))
                }
            } catch {
                throw NumberedFailure(number: sent.count, error: error)
            }
        }
        return sent
    }

    /// The same for one record.
    func send(_ shipment: Shipment) async throws -> (summary: MemberSummary, record: ProvenRecord) {
        do {
            return try await send([shipment])[0]
        } catch {
            throw error.error
        }
    }
}
