/// Quotas as clients meet them, and that no way of sending goes past them.
import Authentication
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import RecordStore
import Testing

extension SiteTests {
    @Suite struct QuotaTests {
        private func bytes(_ count: Int, _ byte: UInt8 = 7) -> [UInt8] { [UInt8](repeating: byte, count: count) }

        private func setQuota(_ site: TestSite, of account: String = "stmary", bytes: UInt64? = nil, files: UInt64? = nil) throws {
            try Site.registry(site.configuration).limits.change(account) { limits in
                limits.quotaBytes = bytes
                limits.quotaFiles = files
            }
        }

        /// What is held under names; what it takes of the disk is `disk`.
        private func used(_ site: TestSite, by account: String = "stmary") throws -> Usage? {
            try usage(site, of: account).map { Usage(bytes: $0.bytes, files: $0.files) }
        }

        private func disk(_ site: TestSite, of account: String = "stmary") throws -> UInt64? { try usage(site, of: account)?.disk }

        private func usage(_ site: TestSite, of account: String) throws -> Usage? {
            try Site.usage(site.configuration, ofAccounts: try Site.registry(site.configuration).accounts.list())?[account]
        }

        private func folderDisk(_ site: TestSite, _ path: String) throws -> UInt64? {
            let folders = try Site.registry(site.configuration).folders.list()
            return try Site.usage(site.configuration, ofFolders: folders)?[FolderPath(path)]?.disk
        }

        /// What a site's objects take of the disk in blocks.
        private func blocks(_ site: TestSite) throws -> UInt64 {
            let folder = site.configuration.storage.data + "/records/objects/"
            return try site.storedEnvelopes().reduce(0) { sum, name in
                let size = try FileManager.default.attributesOfItem(atPath: folder + name)[.size] as? UInt64 ?? 0
                return sum + (size + 4095) / 4096 * 4096
            }
        }

        /// Overwriting again and again, and deleting, leave older versions on the disk.
        @Test func theDiskThatVersionsAndDeletedFilesTakeIsBounded() async throws {
            let site = try await TestSite.start { $0.limits.disk_factor = 3 }
            try setQuota(site, bytes: 100_000)
            for round in 0..<4 { try await site.store(bytes(60_000, UInt8(round)), at: "/inbox/alice/a", as: "stmary") }
            #expect(try used(site) == Usage(bytes: 60_000, files: 1))
            #expect(try disk(site) == (try blocks(site)) && folderDisk(site, "/inbox/alice") == blocks(site))
            #expect(try disk(site).map { (240_000...300_000).contains($0) } == true)
            let refusal = await site.storingIsRefused(bytes(60_000), at: "/inbox/alice/a", as: "stmary")
            #expect(refusal.hasPrefix("552") && refusal.contains("300000 bytes of the disk, with older versions"), "\(refusal)")
            // The name goes, the record stays its owner's, and the disk is taken.
            try await site.delete("/inbox/alice/a", as: "stmary")
            #expect(try used(site) == Usage())
            #expect(await site.storingIsRefused(bytes(60_000), at: "/exchange/lab/b", as: "stmary").contains("of the disk"))
            // Empty files take a block each.
            var last = ""
            for number in 0..<20 where !last.hasPrefix("552") { last = await site.storingIsRefused([], at: "/inbox/alice/empty-\(number)", as: "stmary") }
            #expect(last.hasPrefix("552"))
            #expect(try disk(site).map { $0 <= 300_000 } == true && disk(site) == blocks(site))
            try Site.registry(site.configuration).limits.change("stmary") { $0.quotaDisk = 1_000_000 }
            try await site.store(bytes(60_000), at: "/exchange/lab/b", as: "stmary")
            await site.stop()
            #expect(try TestSite.problems(of: site.configuration) == [])
            try await site.execute("UPDATE disk_usage SET bytes = bytes + 1")
            #expect(try TestSite.problems(of: site.configuration).contains { $0.hasPrefix("quotas:") })
            site.remove()
        }

        @Test func aFoldersDiskIsBoundedWhoeverSends() async throws {
            try await withSite {
                $0.limits.disk_factor = 2
            } _: { site in
                try Site.registry(site.configuration).folders.changeRules(of: FolderPath("/exchange/lab")) { $0.quota = Quota(bytes: 100_000) }
                for _ in 0..<3 { try await site.store(bytes(60_000), at: "/exchange/lab/a", as: "stmary") }
                let refusal = await site.storingIsRefused(bytes(60_000), at: "/exchange/lab/a", as: "alice")
                #expect(refusal.hasPrefix("552") && refusal.contains("the folder /exchange/lab may take 200000 bytes of the disk"), "\(refusal)")
            }
        }

        /// Twenty times APPE is one file's worth of disk, whatever the number of versions.
        @Test func whatVersionsShareCountsOnce() async throws {
            try await withSite { site in
                try await site.store(bytes(1), at: "/inbox/alice/log", as: "stmary")
                try await site.session("stmary") { session in
                    for _ in 0..<20 { try await session.append([UInt8](repeating: 1, count: 5000), to: "/inbox/alice/log") }
                }
                try await site.interruptStoring(bytes(400_000), at: "/inbox/alice/cut", as: "stmary")
                try await site.store(bytes(3000), at: "/inbox/alice/log.tmp", as: "stmary")
                try await site.session("stmary") {
                    try await $0.rename(VirtualPath(absolute: "/inbox/alice/log.tmp"), to: VirtualPath(absolute: "/inbox/alice/log"))
                }
                #expect(try disk(site) == blocks(site))
                let told = try await site.session("stmary") { try await $0.size(VirtualPath(absolute: "/inbox/alice/cut")) }
                #expect((told ?? 0) > 0)
                try await site.store(bytes(10), at: "/inbox/alice/cut", as: "stmary")
                for _ in 0..<100 where try disk(site) != blocks(site) { try await Task.sleep(for: .milliseconds(20)) }
                #expect(try disk(site) == blocks(site))
                await site.stop()
                #expect(try TestSite.problems(of: site.configuration) == [])
            }
        }

        @Test func refusesWhatGoesPastTheAccountsBytesAndGivesBackWhatIsDeleted() async throws {
            try await withSite { site in
                try setQuota(site, bytes: 1_000_000)
                try await site.store(bytes(600_000), at: "/inbox/alice/a", as: "stmary")
                #expect(try used(site) == Usage(bytes: 600_000, files: 1))
                let refusal = await site.storingIsRefused(bytes(600_000), at: "/exchange/lab/b", as: "stmary")
                #expect(refusal.hasPrefix("552") && refusal.contains("1000000"), "\(refusal)")
                #expect(try await site.list("/exchange/lab", as: "stmary") == [])
                // The owner's view of it is nobody's to pay for, and another account has its own.
                #expect(try used(site, by: "alice") == Usage())
                try await site.store(bytes(600_000), at: "/inbox/alice/other", as: "lab")
                // Exactly to the limit, and not a byte more.
                try await site.store(bytes(400_000), at: "/inbox/alice/full", as: "stmary")
                #expect(await site.storingIsRefused(bytes(1), at: "/inbox/alice/more", as: "stmary").hasPrefix("552"))
                try await site.delete("/inbox/alice/a", as: "stmary")
                #expect(try used(site) == Usage(bytes: 400_000, files: 1))
                try await site.store(bytes(600_000), at: "/exchange/lab/b", as: "stmary")
            }
        }

        @Test func replacingAppendingAndRenamingCountWhatIsThenThere() async throws {
            try await withSite { site in
                try setQuota(site, bytes: 1_000_000, files: 2)
                try await site.store(bytes(700_000), at: "/inbox/alice/a", as: "stmary")
                // The new content takes the place of the old one.
                try await site.store(bytes(900_000), at: "/inbox/alice/a", as: "stmary")
                #expect(try used(site) == Usage(bytes: 900_000, files: 1))
                try await site.session("stmary") { session in
                    for _ in 0..<2 { try await session.append([UInt8](repeating: 1, count: 50_000), to: "/inbox/alice/a") }
                }
                #expect(try used(site) == Usage(bytes: 1_000_000, files: 1))
                let appending = await site.refusal {
                    try await site.session("stmary") { try await $0.append([1], to: "/inbox/alice/a") }
                }
                #expect(appending?.hasPrefix("552") == true, "\(appending ?? "226")")
                try await site.store(bytes(100_000), at: "/inbox/alice/a", as: "stmary")
                try await site.store(bytes(200_000), at: "/inbox/alice/b.tmp", as: "stmary")
                #expect(await site.storingIsRefused([], at: "/inbox/alice/c", as: "stmary").hasPrefix("552"))
                try await site.session("stmary") {
                    try await $0.rename(VirtualPath(absolute: "/inbox/alice/b.tmp"), to: VirtualPath(absolute: "/inbox/alice/a"))
                }
                #expect(try used(site) == Usage(bytes: 200_000, files: 1))
                try await site.store([], at: "/inbox/alice/c", as: "stmary")
            }
        }

        /// Eight uploads at once, of which three fit.
        @Test func uploadsAtOnceDoNotGoPastItTogether() async throws {
            try await withSite { site in
                try setQuota(site, bytes: 1_000_000)
                let replies = await withTaskGroup(of: String.self) { group in
                    for number in 0..<8 {
                        group.addTask { await site.storingIsRefused([UInt8](repeating: 2, count: 300_000), at: "/inbox/alice/\(number)", as: "stmary") }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                let stored = replies.count { $0.hasPrefix("226") }
                #expect((1...3).contains(stored) && replies.allSatisfy { $0.hasPrefix("226") || $0.hasPrefix("552") }, "\(replies)")
                #expect(try used(site) == Usage(bytes: UInt64(300_000 * stored), files: UInt64(stored)))
                // What was refused has left nothing behind that counts.
                for number in 0..<(3 - stored) { try await site.store(bytes(300_000), at: "/inbox/alice/again-\(number)", as: "stmary") }
                #expect(await site.storingIsRefused(bytes(300_000), at: "/inbox/alice/last", as: "stmary").hasPrefix("552"))
            }
        }

        @Test func aFolderHasAQuotaOfItsOwnWhoeverSends() async throws {
            try await withSite { site in
                try Site.registry(site.configuration).folders.changeRules(of: FolderPath("/inbox/alice")) { $0.quota = Quota(bytes: 500_000, files: 3) }
                try await site.store(bytes(300_000), at: "/inbox/alice/a", as: "stmary")
                #expect(await site.storingIsRefused(bytes(300_000), at: "/inbox/alice/b", as: "lab").hasPrefix("552"))
                try await site.store(bytes(200_000), at: "/inbox/alice/b", as: "lab")
                try await site.store([], at: "/inbox/alice/c", as: "lab")
                #expect(await site.storingIsRefused([], at: "/inbox/alice/d", as: "lab").contains("/inbox/alice may hold 3 files"))
                try await site.store(bytes(300_000), at: "/exchange/lab/b", as: "stmary")
            }
        }

        @Test func whatWasCutOffCountsUntilItIsContinued() async throws {
            try await withSite { site in
                try setQuota(site, bytes: 1_000_000, files: 2)
                try await site.interruptStoring(bytes(400_000), at: "/inbox/alice/cut", as: "stmary")
                let kept = try #require(try await site.session("stmary") { try await $0.size(VirtualPath(absolute: "/inbox/alice/cut")) })
                #expect(kept > 0)
                #expect(try used(site) == Usage(bytes: kept, files: 1))
                #expect(await site.storingIsRefused(bytes(Int(1_000_001 - kept)), at: "/inbox/alice/b", as: "stmary").hasPrefix("552"))
                try await site.store(bytes(100_000), at: "/inbox/alice/b", as: "stmary")
                try await site.session("stmary") { try await $0.append([UInt8](repeating: 7, count: 200_000), to: "/inbox/alice/cut", from: kept) }
                #expect(try used(site) == Usage(bytes: kept + 300_000, files: 2))
                // Whoever begins anew gives up what was cut off.
                try await site.interruptStoring(bytes(300_000), at: "/inbox/alice/b", as: "stmary")
                try await site.store(bytes(50_000), at: "/inbox/alice/b", as: "stmary")
                #expect(try used(site) == Usage(bytes: kept + 250_000, files: 2))
            }
        }

        @Test func usageOutlivesTheServerAndIsCountedAnewForAnOldSite() async throws {
            var site = try await TestSite.start()
            try await site.store(bytes(300_000), at: "/inbox/alice/deep", as: "stmary")
            try await site.session("stmary") { try await $0.makeDirectory(VirtualPath(absolute: "/exchange/lab/sub")) }
            try await site.store(bytes(1000), at: "/exchange/lab/sub/x", as: "stmary")
            try await site.store(bytes(1000), at: "/exchange/lab/sub/x", as: "alice")
            try await site.store(bytes(1000), at: "/exchange/lab/sub/x", as: "stmary")
            try await site.interruptStoring(bytes(200_000), at: "/inbox/alice/cut", as: "lab")
            let before = try used(site)
            let (disk, folder) = (try self.disk(site), try folderDisk(site, "/exchange/lab"))
            let cut = try usage(site, of: "lab")
            #expect(before == Usage(bytes: 301_000, files: 2))
            site = try await site.restarted()
            #expect(try used(site) == before)
            await site.stop()
            // As the program before this one left it.
            for trigger in ["blob_of_member", "blob_of_partial_member"] { try await site.execute("DROP TRIGGER \(trigger)") }
            for table in ["stored_blob", "disk_usage"] { try await site.execute("DROP TABLE \(table)") }
            try await site.execute("DELETE FROM catalogue_schema WHERE version = 5")
            #expect(try used(site) == nil)
            site = try await site.restarted()
            #expect(try self.disk(site) == disk && folderDisk(site, "/exchange/lab") == folder && usage(site, of: "lab") == cut)
            await site.stop()
            #expect(try TestSite.problems(of: site.configuration) == [])
            for trigger in ["blob_of_member", "blob_of_partial_member"] { try await site.execute("DROP TRIGGER \(trigger)") }
            for table in ["stored_blob", "disk_usage"] { try await site.execute("DROP TABLE \(table)") }
            for trigger in ["charge_of_node", "charge_of_partial", "charge_of_version", "charge_of_header"] {
                try await site.execute("DROP TRIGGER \(trigger)")
            }
            for table in ["charge", "usage", "digest"] { try await site.execute("DROP TABLE \(table)") }
            try await site.execute("DELETE FROM catalogue_schema WHERE version >= 3")
            #expect(try used(site) == nil)
            site = try await site.restarted()
            #expect(try used(site) == before && self.disk(site) == disk)
            try setQuota(site, bytes: 301_000)
            #expect(await site.storingIsRefused(bytes(1), at: "/inbox/alice/more", as: "stmary").hasPrefix("552"))
            await site.stop()
            site.remove()
        }
    }
}

extension FTPSession {
    /// APPE, or STOR from an offset.
    fileprivate func append(_ bytes: [UInt8], to path: String, from offset: UInt64 = 0) async throws {
        var rest = bytes[...]
        try await unsafe store(VirtualPath(absolute: path), from: offset, append: offset == 0) { buffer in
            let part = rest.prefix(buffer.count)
            unsafe buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }
}

extension TestSite {
    private struct CutOff: Error {}

    /// Sends bytes and breaks off. Returns when the server has kept what came.
    func interruptStoring(_ bytes: [UInt8], at path: String, as name: String) async throws {
        let before = try Site.usage(configuration, ofAccounts: try Site.registry(configuration).accounts.list())?[name]
        await #expect(throws: CutOff.self) {
            try await session(name) { session in
                var rest = bytes[...]
                try await unsafe session.store(VirtualPath(absolute: path)) { buffer in
                    guard !rest.isEmpty else {
                        // The server has read it all by then.
                        usleep(300_000)
                        throw CutOff()
                    }
                    let part = rest.prefix(buffer.count)
                    unsafe buffer.copyBytes(from: part)
                    rest = rest.dropFirst(part.count)
                    return part.count
                }
            }
        }
        for _ in 0..<200 where try Site.usage(configuration, ofAccounts: try Site.registry(configuration).accounts.list())?[name] == before {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
