// Entries: strict reading, and no change that goes unnoticed.

import CanonicalEncoding
import Crypto
import Ledger
import Testing

@Suite struct EntryTests {
    @Test func bodiesReadBackAsWritten() throws {
        for body in try Fixture.oneOfEach() { #expect(try TransactionBody(type: body.type, decoding: body.encoded()) == body) }
    }

    @Test func entriesReadBackAsWritten() async throws {
        let test = try TestLedger()
        _ = try await test.ledger.submit(try Fixture.oneOfEach())
        for index in 0..<test.ledger.head.size {
            let bytes = try test.ledger.entry(at: index)
            #expect(try LogEntry(decoding: bytes).encoded() == bytes)
        }
    }

    /// Every one-bit change of an entry is refused by the decoder or breaks its signature.
    @Test func everyFlippedBitIsNoticed() async throws {
        let test = try TestLedger()
        _ = try await test.ledger.submit([Fixture.record(1), try #require(try Fixture.oneOfEach().last)])
        let key = Fixture.keys.authority.publicKey
        for index in [2, test.ledger.head.size - 1] {
            let bytes = try test.ledger.entry(at: index)
            for position in bytes.indices {
                var changed = bytes
                changed[position] ^= 1 << UInt8.random(in: 0..<8)
                switch try? LogEntry(decoding: changed) {
                case nil: break
                case .transaction(let transaction)?: #expect(!transaction.isSigned(by: key), "byte \(position) of entry \(index)")
                case .header(let header)?: #expect(!header.isSigned(by: key), "byte \(position) of entry \(index)")
                case .genesis?: Issue.record("byte \(position) of entry \(index) made it a genesis entry")
                }
            }
        }
    }

    @Test(arguments: [16, 17, 18, 19, 20, 21, 22, 23, 24, 25] as [UInt64]) func refusesBodiesWithMissingUnknownOrWrongFields(type: UInt64) throws {
        let body = try #require(try Fixture.oneOfEach().first { $0.type == type })
        let fields = try #require(try CBOR(decoding: body.encoded()).mapValue)
        for key in fields.keys {
            var changed = fields
            changed[key] = nil
            #expect(codeThrown { _ = try TransactionBody(type: type, decoding: CBOR.map(changed).encoded()) } == .malformedEntry)
            changed[key] = .text("other")
            #expect(codeThrown { _ = try TransactionBody(type: type, decoding: CBOR.map(changed).encoded()) } == .malformedEntry)
            // Bundles and records have any length.
            if case .bytes(let bytes)? = fields[key], type != 18 || key != 3, type != 21 || key != 4 {
                changed[key] = .bytes(bytes + [0])
                #expect(codeThrown { _ = try TransactionBody(type: type, decoding: CBOR.map(changed).encoded()) } == .malformedEntry)
            }
        }
        var changed = fields
        changed[20] = .unsigned(1)
        #expect(codeThrown { _ = try TransactionBody(type: type, decoding: CBOR.map(changed).encoded()) } == .malformedEntry)
        #expect(codeThrown { _ = try TransactionBody(type: type, decoding: body.encoded() + [0]) } == .malformedEntry)
        #expect(codeThrown { _ = try TransactionBody(type: 26, decoding: body.encoded()) } == .malformedEntry)
    }

    @Test func refusesAnAuthorityRecordThatIsTooLong() throws {
        func body(_ count: Int) -> TransactionBody {
            .authority(
                AuthorityTransaction(
                    pseudonym: Fixture.bytes(1, count: 16), sequence: 0, epoch: 0, record: [UInt8](repeating: 7, count: count)))
        }
        let largest = body(AuthorityTransaction.largestRecordByteCount)
        #expect(try TransactionBody(type: 21, decoding: largest.encoded()) == largest)
        let above = body(AuthorityTransaction.largestRecordByteCount + 1)
        #expect(codeThrown { _ = try TransactionBody(type: 21, decoding: above.encoded()) } == .malformedEntry)
    }

    @Test func refusesWhatIsNoEntry() {
        for bytes: [UInt8] in [[], [0], [0xa0], CBOR.map([0: .unsigned(1), 1: .unsigned(16)]).encoded(), [UInt8](repeating: 0, count: 65_536)] {
            #expect(codeThrown { _ = try LogEntry(decoding: bytes) } == .malformedEntry)
        }
    }

    @Test func theCommitmentFollowsItsDefinition() throws {
        let opening = try Fixture.opening(5, revision: 3)
        let input =
            Array("phr-record/v1".utf8) + opening.salt + opening.objectID + opening.envelopeRoot + opening.headersDigest
            + [0, 0, 0, 0, 0, 0, 0, 3]
        #expect(opening.commitment == Array(SHA256.hash(data: input)))
        #expect(try RecordOpening(decoding: opening.encoded()) == opening)
        #expect(
            codeThrown {
                _ = try RecordOpening(
                    salt: [1], objectID: opening.objectID, envelopeRoot: opening.envelopeRoot, headersDigest: opening.headersDigest, headerRevision: 0)
            } == .malformedEntry)
    }

    @Test func keysAreNotPrinted() {
        #expect("\(Fixture.keys)" == "SiteKeys(redacted)")
    }
}
