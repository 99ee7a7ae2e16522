/// Compares every stored envelope, and every document of sharing, with what the ledger says of it.
import CanonicalEncoding
import Envelope
import GRDB
import Ledger
import RecordStore

struct RecordCheck {
    private static let problemLimit = 1000

    let site: Site
    private var problems: [String] = []
    private var count = 0
    private var documents: DocumentCheck
    /// Versions that the catalogue does not have, by record: erased, if a tombstone follows.
    private var missing: [[UInt8]: [(index: UInt64, version: UInt64)]] = [:]

    init(site: Site) {
        self.site = site
        documents = DocumentCheck(site: site)
    }

    /// Goes through the log, so that a record that is gone from the catalogue shows as well.
    /// - Returns: what is wrong, and how many versions were looked at.
    mutating func run(readingBodies: Bool, progress: (String) -> Void) throws -> ([String], Int) {
        for index in 0..<site.ledger.head.size {
            guard case .transaction(let transaction)? = try? LogEntry(decoding: site.ledger.entry(at: index)) else { continue }
            do {
                if case .tombstone(let tombstone) = transaction.body { missing[tombstone.recordID] = nil }
                guard case .record(let record) = transaction.body else {
                    if let problem = try documents.problem(with: transaction.body, index: index) { report(index, problem) }
                    continue
                }
                count += 1
                if count % 1000 == 0 { progress("\(count) versions checked") }
                try check(record, index: index, readingBodies: readingBodies)
            } catch {
                report(index, "\(error)")
            }
        }
        for (index, version) in missing.values.joined().sorted(by: { $0.index < $1.index }) {
            report(index, "the catalogue has no version \(version) of this record")
        }
        return (problems, count)
    }

    private mutating func report(_ index: UInt64, _ problem: String) {
        if problems.count < Self.problemLimit { problems.append("ledger entry \(index): \(problem)") }
    }

    private mutating func check(_ record: RecordTransaction, index: UInt64, readingBodies: Bool) throws {
        guard let version = try site.database.read({ try site.recordVersion($0, record.recordID, record.version) }) else {
            missing[record.recordID, default: []].append((index, record.version))
            return
        }
        let opening = try version.opening()
        guard version.version.ledgerIndex == index, opening.envelopeRoot == record.envelopeRoot else {
            return report(index, "the catalogue's row is not the one that was committed")
        }
        if version.version.commitmentIndex == index {
            guard opening.commitment == record.commitment else { return report(index, "the catalogue's row does not open the commitment") }
        } else {
            guard case .transaction(let change)? = try? LogEntry(decoding: site.ledger.entry(at: version.version.commitmentIndex)),
                case .header(let header) = change.body, header.recordID == record.recordID, header.commitment == opening.commitment
            else { return report(index, "the header that is served is not the one on the ledger") }
        }
        let source = try EnvelopeSource(store: site.blobs, members: version.members)
        let layout = try EnvelopeLayout(scanning: source)
        guard layout.footerHash == opening.envelopeRoot else { return report(index, "the stored envelope is another one") }
        guard layout.headersDigest == opening.headersDigest else { return report(index, "the stored header is another one") }
        if readingBodies { try EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: nil) }
    }
}
