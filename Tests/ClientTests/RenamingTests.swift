// Renaming and removing at a server that may lie.

import Client
import Foundation
import Testing

@Suite(.serialized, .timeLimit(.minutes(3))) struct RenamingTests {
    private func rename(_ site: TestSite, _ old: String, _ new: String) async -> CommandStatus? {
        do {
            let (old, new) = (try RemoteName(old), try RemoteName(new))
            _ = try await site.session(site.alice) { try await $0.rename(old, to: new, isFolder: false, replaces: false) }
            return nil
        } catch {
            return ClientError(error).status
        }
    }

    /// Shows what belongs to a record under a name, and no file.
    private func showLedger(of record: SiteRecord, as name: String, _ site: TestSite) throws {
        try site.show(record, as: name)
        try FileManager.default.removeItem(atPath: site.server.root + "/records/alice/\(name).phr")
    }

    @Test func believesARenameOnlyWhenTheLedgerHasTheSameRecordThere() async throws {
        let site = try await TestSite.make()
        let record = try await site.addRecord("a", [1, 2, 3])
        try showLedger(of: try await site.addRecord("other", [4]), as: "false", site)
        #expect(await rename(site, "alice/a", "alice/false") == .tampered)
        try site.show(record)
        #expect(await rename(site, "alice/a", "alice/none") == .notFound)
        try site.show(record)
        try showLedger(of: record, as: "true", site)
        #expect(await rename(site, "alice/a", "alice/true") == nil)
        #expect(site.server.read("records/alice/true.phr") == record.envelope)
    }

    @Test func removesNothingWhileItPlans() async throws {
        let site = try await TestSite.make()
        for name in ["a", "b"] { try site.write("records/alice/folder/\(name).phr", [1]) }
        let names = [try RemoteName("alice/folder")]
        let plan = try await site.session(site.alice) { try await $0.removalPlan(names, isRecursive: true) }
        #expect(plan.recordCount == 2 && plan.endsRecords && plan.items.map(\.remote) == ["/records/alice/folder"])
        #expect(!site.server.log.contains { $0.hasPrefix("DELE") || $0.hasPrefix("RMD") })
        try await site.session(site.alice) { try await $0.remove(plan) { _, _, _ in } }
        #expect(site.server.log.filter { $0.hasPrefix("DELE") }.count == 2 && site.server.log.filter { $0.hasPrefix("RMD") } == ["RMD /records/alice/folder"])
        #expect(site.server.read("records/alice/folder/a.phr") == nil)
        for name in ["/", "alice", "/records", "/.keys/alice", "/inbox/alice"] {
            let fixed = [try RemoteName(name)]
            let error = await #expect(throws: ClientError.self) {
                _ = try await site.session(site.alice) { try await $0.removalPlan(fixed, isRecursive: true) }
            }
            #expect(error?.status == .usage, "\(name)")
        }
    }
}
