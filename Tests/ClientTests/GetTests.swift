// Getting records from a site that tells the truth, and from one that does not.

import Client
import Envelope
import Foundation
import Glibc
import Keyring
import Ledger
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct GetTests {
    private let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 2) }

    private func target(_ site: TestSite, _ name: String = "out") -> String { site.server.folder + "/" + name }
    private func leftovers(_ site: TestSite) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: site.server.folder).filter { $0.hasPrefix("out") }.sorted()
    }

    private func get(_ site: TestSite, as person: Person? = nil, _ name: String = "alice/a", mayReplace: Bool = false) async throws -> GetReport {
        let (name, target) = (try RemoteName.record(name), target(site))
        return try await site.session(person ?? site.alice) { try await $0.get(name, to: target, mayReplace: mayReplace) }
    }

    /// The status with which getting fails; nothing may be left behind.
    private func refusal(_ site: TestSite, as person: Person? = nil, keeping kept: [String] = []) async throws -> CommandStatus? {
        do {
            _ = try await get(site, as: person)
            return nil
        } catch {
            #expect(try leftovers(site) == kept)
            return ClientError(error).status
        }
    }

    // MARK: A good site

    @Test func givesTheContentByteForByte() async throws {
        let site = try await TestSite.make()
        for byteCount in [0, 1, 65_535, 65_536, 65_537, 200_000] {
            let record = try await site.addRecord("a", Array(content[..<byteCount]))
            let report = try await get(site, mayReplace: true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data(content[..<byteCount]))
            #expect(report.byteCount == UInt64(byteCount) && report.ledgerIndex == record.index && report.originalName == "a" && report.version == 1)
            #expect(try leftovers(site) == ["out"])
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: target(site))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 == 1_700_000_000)
    }

    @Test func worksAfterSharing() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        #expect(try await refusal(site, as: site.bob) == .wrongKey)
        let both = [try site.alice.keyring.bundle().recipient, try site.bob.keyring.bundle().recipient]
        _ = try await site.rewrap(record, for: both, by: site.alice)
        let report = try await get(site, as: site.bob)
        #expect(report.headerRevision == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data(content))
    }

    @Test func asksForNoBodyWithoutAKey() async throws {
        let site = try await TestSite.make()
        _ = try await site.addRecord("a", content, for: [try site.bob.keyring.bundle().recipient])
        #expect(try await refusal(site) == .wrongKey)
        #expect(!site.server.log.contains { $0.hasPrefix("RETR /records/alice/a.phr") })
        #expect(try await refusal(site, as: site.bob) == nil)
    }

    @Test func keepsTheEnvelopeWhenToldSo() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        let (name, target) = (try RemoteName.record("alice/a"), target(site, "out.phr"))
        _ = try await site.session(site.bob) { try await $0.get(name, to: target, envelopeOnly: true) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: target)) == Data(record.envelope))
        #expect(try leftovers(site) == ["out.phr"])
    }

    @Test func saysWhatIsMissing() async throws {
        let site = try await TestSite.make()
        #expect(try await refusal(site) == .notFound)
    }

    @Test func replacesOnlyWhenTold() async throws {
        let site = try await TestSite.make()
        _ = try await site.addRecord("a", content)
        try Data([1]).write(to: URL(fileURLWithPath: target(site)))
        #expect(try await refusal(site, keeping: ["out"]) == .cannotWrite)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data([1]))
        _ = try await get(site, mayReplace: true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data(content))
    }

    // MARK: Changed bytes

    @Test func noticesEveryKindOfDamage() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        let end = record.envelope.count
        let places = [
            0, 20, 95, 100, record.bodyOffset - 1, record.bodyOffset, record.bodyOffset + 70_000, end - 600, end - 257, end - 256, end - 100, end - 1,
        ]
        for place in places {
            var bytes = record.envelope
            bytes[place] ^= 4
            try site.write("records/alice/a.phr", bytes)
            let status = try await refusal(site)
            // A changed length reads as a cut file, a changed version as one that is too new.
            #expect(status == .tampered || status == .truncated || status == .internalFailure, "byte \(place) of \(end)")
        }
        for bytes in [Array(record.envelope.dropLast()), Array(record.envelope.dropFirst()), record.envelope + [0], record.envelope + record.envelope, []] {
            try site.write("records/alice/a.phr", bytes)
            let status = try await refusal(site)
            #expect(status == .tampered || status == .truncated)
        }
        try site.show(record)
        #expect(try await refusal(site) == nil)
    }

    @Test func leavesAnExistingFileAloneWhenTheRecordIsBad() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        var bytes = record.envelope
        bytes[record.bodyOffset + 5] ^= 1
        try site.write("records/alice/a.phr", bytes)
        try Data([7]).write(to: URL(fileURLWithPath: target(site)))
        await #expect(throws: ClientError(.tampered, "")) {
            do { _ = try await get(site, mayReplace: true) } catch { throw ClientError(error) }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data([7]))
        #expect(try leftovers(site) == ["out"])
    }

    @Test func noticesExchangedParts() async throws {
        let site = try await TestSite.make()
        let a = try await site.addRecord("a", content)
        let b = try await site.addRecord("b", content)
        try site.write("records/alice/a.phr", b.envelope)
        #expect(try await refusal(site) == .tampered)
        try site.show(a)
        try site.write("records/alice/.headers/a.phr", Array(b.heads.joined()))
        #expect(try await refusal(site) == .tampered)
        try site.show(a)
        try site.write("records/alice/.proofs/a.phr", Array(site.ledger.recordProof(index: b.index, opening: b.opening).utf8))
        #expect(try await refusal(site) == .tampered)
        try site.write("records/alice/.proofs/a.phr", Array(site.ledger.recordProof(index: b.index, opening: a.opening).utf8))
        #expect(try await refusal(site) == .notOnLedger)
        try site.write("records/alice/.proofs/a.phr", Array(site.ledger.recordProof(index: a.index, opening: nil).utf8))
        #expect(try await refusal(site) == .notOnLedger)
    }

    @Test func refusesWhatIsNoProof() async throws {
        let site = try await TestSite.make()
        _ = try await site.addRecord("a", content)
        for text in ["", "garbage", "phr-record-proof/v1\n", "\u{0}\u{1}"] {
            try site.write("records/alice/.proofs/a.phr", Array(text.utf8))
            #expect(try await refusal(site) == .notOnLedger)
        }
    }

    // MARK: Who and when

    @Test func refusesARecordOfSomebodyElse() async throws {
        let site = try await TestSite.make()
        _ = try await site.addRecord("a", content, owner: site.bob, for: [try site.alice.keyring.bundle().recipient])
        #expect(try await refusal(site) == .tampered)
    }

    @Test func refusesAHeaderThatTheOwnerDidNotSign() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        _ = try await site.rewrap(record, for: [try site.bob.keyring.bundle().recipient, try site.alice.keyring.bundle().recipient], by: site.bob)
        #expect(try await refusal(site) == .tampered)
    }

    @Test func refusesAnOlderHeader() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        let both = [try site.alice.keyring.bundle().recipient, try site.bob.keyring.bundle().recipient]
        let shared = try await site.rewrap(record, for: both, by: site.alice)
        let unshared = try await site.rewrap(shared, for: [both[0]], by: site.alice)
        _ = try await get(site)
        try FileManager.default.removeItem(atPath: target(site))
        for old in [shared, record] {
            try site.show(old)
            #expect(try await refusal(site) == .staleHeader)
        }
        try site.show(unshared)
        #expect(try await refusal(site) == nil)
    }

    @Test func refusesAnOlderVersion() async throws {
        let site = try await TestSite.make()
        let first = try await site.addRecord("a", content)
        _ = try await get(site)
        _ = try await site.addRecord("a", [1, 2, 3], recordID: first.recordID, version: 2)
        _ = try await get(site, mayReplace: true)
        try FileManager.default.removeItem(atPath: target(site))
        try site.show(first)
        #expect(try await refusal(site) == .staleHeader)
    }

    // MARK: Cut connections

    @Test(arguments: [["cut-after=70000"], ["cut-after=70000", "cut-everything"]])
    func goesOnWhereItWasCutOff(faults: [String]) async throws {
        let site = try await TestSite.make(faults: faults + ["cut-file=/records/alice/a.phr"])
        _ = try await site.addRecord("a", content)
        await #expect(throws: (any Error).self) { try await get(site) }
        #expect(try leftovers(site) == ["out.phr.part"])
        let partial = try Data(contentsOf: URL(fileURLWithPath: target(site) + ".phr.part"))
        #expect(partial.count <= 70_000)
        let report = try await get(site)
        #expect(report.resumedFrom == UInt64(partial.count))
        #expect(partial.isEmpty || site.server.log.contains("REST \(partial.count)"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data(content))
        #expect(try leftovers(site) == ["out"])
    }

    @Test func startsAfreshWhenTheLeftoverIsBad() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", content)
        let other = try await site.addRecord("b", content)
        var spoiled = Array(record.envelope[..<100_000])
        spoiled[80_000] ^= 1
        let leftovers = [other.envelope, spoiled, Array(repeating: 0, count: 5_000), record.envelope + [1, 2, 3], Array(record.envelope[..<50])]
        for leftover in leftovers {
            try Data(leftover).write(to: URL(fileURLWithPath: target(site) + ".phr.part"))
            _ = try await get(site, mayReplace: true)
            #expect(try Data(contentsOf: URL(fileURLWithPath: target(site))) == Data(content))
            #expect(try self.leftovers(site) == ["out"])
        }
    }

    @Test func doesNotShareADownloadBetweenTwoRuns() async throws {
        let site = try await TestSite.make()
        _ = try await site.addRecord("a", content)
        let part = target(site) + ".phr.part"
        try #require(FileManager.default.createFile(atPath: part, contents: nil))
        // Not inherited by programs that other tests start meanwhile: they would hold the lock.
        let holder = FileHandle(fileDescriptor: unsafe open(part, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
        try #require(flock(holder.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
        #expect(try await refusal(site, keeping: ["out.phr.part"]) == .cannotWrite)
        try holder.close()
        #expect(try await refusal(site) == nil)
    }
}
