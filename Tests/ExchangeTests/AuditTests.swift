/// What a site's audit log says of a life with it: who, from where, what, after it happened and in one chain.
import Audit
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import Ledger
import Testing

extension TestSite {
    func events() throws -> [AuditEvent] {
        var events: [AuditEvent] = []
        _ = try AuditChain.verify(folder: configuration.storage.data) { event, _ in events.append(event) }
        return events
    }

    fileprivate func auditLog() throws -> String { try String(contentsOfFile: configuration.storage.data + "/audit.jsonl", encoding: .utf8) }
}

extension SiteTests {
    @Suite struct AuditTests {
        @Test func tellsWhatHappenedToARecordWithoutItsName() async throws {
            try await withSite { site in
                let receipt = try await site.store(Array("hello".utf8), at: "/inbox/alice/hiv-test.hl7", as: "stmary")
                let envelope = try #require(try await site.retrieve("/records/alice/hiv-test.hl7.phr", as: "alice"))
                try await site.session("stmary") {
                    try await $0.rename(VirtualPath(absolute: "/inbox/alice/hiv-test.hl7"), to: VirtualPath(absolute: "/inbox/alice/hiv-2.hl7"))
                }
                try await site.delete("/inbox/alice/hiv-2.hl7", as: "stmary")
                await site.stop()
                let events = try site.events()
                #expect(events.first?.kind == .serverStarted)
                #expect(events.last?.kind == .serverStopped)
                let stored = try #require(events.first { $0.kind == .stored })
                #expect(stored.outcome == .success)
                #expect(stored.actor.account == "stmary")
                #expect(stored.actor.role == "clinic")
                #expect(stored.actor.address == "127.0.0.1")
                #expect(stored.actor.tls?.hasPrefix("TLSv1.") == true)
                #expect(stored.object.path == "/inbox/alice")
                #expect(stored.object.owner == "alice")
                #expect(stored.object.version == 1)
                #expect(stored.object.byteCount == 5)
                #expect(receipt.contains("index=\(try #require(stored.object.ledgerIndex)) "))
                let retrieved = try #require(events.first { $0.kind == .retrieved })
                #expect(retrieved.outcome == .success)
                #expect(retrieved.actor.account == "alice")
                #expect(retrieved.object.byteCount == UInt64(envelope.count))
                #expect(retrieved.object.record == stored.object.record)
                #expect(events.first { $0.kind == .renamed }?.object.record == stored.object.record)
                #expect(events.first { $0.kind == .deleted }?.object.record == stored.object.record)
                #expect(events.filter { $0.kind == .keysRegistered }.map(\.actor.account) == ["alice", "bob", "mallory", "stmary"])
                #expect(events.filter { $0.kind == .login }.count == events.filter { $0.kind == .logout }.count)
                let log = try site.auditLog()
                #expect(!log.contains("hiv"))
                #expect(!log.contains("password-of"))
            }
        }

        @Test func namesRecordsWhereTheOperatorWantsIt() async throws {
            try await withSite({ $0.audit.record_names = true }) { site in
                try await site.store(Array("hello".utf8), at: "/inbox/alice/Zoë \"x\".hl7", as: "stmary")
                await site.stop()
                let stored = try #require(try site.events().first { $0.kind == .stored })
                #expect(stored.object.path == "/inbox/alice/Zoë \"x\".hl7")
                #expect(try site.auditLog().utf8.allSatisfy { $0 < 0x7F })
            }
        }

        @Test func tellsRefusedLoginsAndNeverWhatMayBeAPassword() async throws {
            try await withSite { site in
                for user in ["alice", "hunter2"] {
                    await #expect(throws: (any Error).self) { try await site.session("alice", user: user, password: "s3cret") { _ in } }
                }
                await site.stop()
                let refused = try site.events().filter { $0.kind == .loginRefused }
                #expect(refused.map(\.actor.account) == ["alice", nil])
                #expect(refused.map(\.reason) == ["wrong password", "unknown account"])
                #expect(refused.allSatisfy { $0.outcome == .refused && $0.actor.address == "127.0.0.1" })
                #expect(try !site.auditLog().contains("hunter2"))
                #expect(try !site.auditLog().contains("s3cret"))
            }
        }

        @Test func tellsWhoTriesWhatHeMayNot() async throws {
            try await withSite { site in
                for path in ["/inbox/alice", "/inbox/nobody"] {
                    await #expect(throws: (any Error).self) { _ = try await site.list(path, as: "mallory") }
                    #expect(try await site.retrieve(path + "/a", as: "mallory") == nil)
                    await #expect(throws: (any Error).self) { try await site.store([1], at: path + "/a", as: "mallory") }
                }
                await site.stop()
                let refused = try site.events().filter { $0.outcome == .refused }
                #expect(Set(refused.map(\.kind)) == [.listed, .retrieved, .stored])
                #expect(refused.allSatisfy { $0.actor.account == "mallory" && $0.object.path == "/inbox/alice" && $0.object.owner == "alice" })
                #expect(refused.allSatisfy { $0.reason == "permission denied" })
            }
        }

        @Test func goesOnInTheSameChainAfterARestart() async throws {
            try await withSite { site in
                try await site.store([1], at: "/inbox/alice/a", as: "stmary")
                let again = try await site.restarted()
                try await again.store([2], at: "/inbox/alice/a", as: "stmary")
                await again.stop()
                #expect(try again.events().filter { $0.kind == .stored }.map(\.object.version) == [1, 2])
            }
        }

        @Test func anchorsItsEndOnTheLedgerWhichShowsWhatWasWrittenAnewOrCutOff() async throws {
            try await withSite { site in
                try await site.store([1], at: "/inbox/alice/a", as: "stmary")
                let again = try await site.restarted()
                try await again.store([2], at: "/inbox/alice/a", as: "stmary")
                await again.stop()
                let anchors = try Site.auditAnchors(site.configuration)
                #expect(anchors.count == 2)
                let folder = site.configuration.storage.data
                #expect(try AuditChain.verify(folder: folder, anchors: anchors) == anchors.last)
                let path = folder + "/audit.jsonl"
                let lines = try site.auditLog().split(separator: "\n")
                // Cut off at its end.
                try (lines.dropLast().joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
                #expect(throws: AuditError.self) { try AuditChain.verify(folder: folder, anchors: anchors) }
                // Written anew, as a chain without a flaw.
                let events = try again.events()
                try FileManager.default.removeItem(atPath: path)
                for event in events + [events[0]] { try AuditLog.append(event, folder: folder, limit: 1 << 20) }
                #expect(try AuditChain.verify(folder: folder).count == anchors.last?.count)
                #expect(throws: AuditError.self) { try AuditChain.verify(folder: folder, anchors: anchors) }
                let opened = try Site(opening: site.configuration, logger: TestSite.logger)
                defer { opened.close() }
                let report = try opened.check(full: true) { _ in }
                #expect(report.ledger.problems.isEmpty && report.records.isEmpty, "\(report)")
            }
        }

        @Test func saysNothingWhenItIsTurnedOff() async throws {
            try await withSite({ $0.audit.enabled = false }) { site in
                try await site.store([1], at: "/inbox/alice/a", as: "stmary")
                #expect(!FileManager.default.fileExists(atPath: site.configuration.storage.data + "/audit.jsonl"))
            }
        }
    }
}
