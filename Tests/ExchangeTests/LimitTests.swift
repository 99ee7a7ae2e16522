/// Networks, hours, sessions and rates of accounts.
import Authentication
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import Testing

extension SiteTests {
    @Suite struct LimitTests {
        private func limit(_ site: TestSite, _ body: (inout AccountLimits) throws -> Void) throws {
            try Site.registry(site.configuration).limits.change("stmary", body)
        }

        private func login(_ site: TestSite, _ password: String? = nil) async -> String {
            await site.refusal { try await site.session("stmary", password: password) { _ in } } ?? "230"
        }

        @Test func theNetworkIsToldOnlyToWhoKnowsThePassword() async throws {
            try await withSite { site in
                let wrong = await login(site, "wrong password")
                try limit(site) { $0.networks = [NetworkPrefix("192.0.2.0/24")!] }
                #expect(await login(site, "wrong password") == wrong)
                let right = await login(site)
                #expect(right.hasPrefix("530") && right.contains("from your network (127.0.0.1)"), "\(right)")
                try limit(site) { $0.networks.append(NetworkPrefix("127.0.0.0/8")!) }
                #expect(await login(site) == "230")
            }
        }

        @Test func theHoursAreToldAndEndSessions() async throws {
            try await withSite { site in
                #expect(await login(site) == "230")
                let minute = Int(Date().timeIntervalSince1970) / 60 % 1440
                func clock(_ minute: Int) -> String { String(format: "%02d:%02d", (minute + 1440) % 1440 / 60, (minute + 1440) % 60) }
                // Two hours that begin in ten.
                let closed = LoginHours("\(clock(minute + 600))-\(clock(minute + 720))", zone: "UTC")
                try #require(closed != nil)
                let end = await site.endOfSession("stmary") { [limits = try Site.registry(site.configuration).limits] in
                    try limits.change("stmary") { $0.hours = closed }
                }
                #expect(end != nil)
                let refusal = await login(site)
                #expect(refusal.hasPrefix("530") && refusal.contains("(UTC)"), "\(refusal)")
                try limit(site) { $0.hours = LoginHours("\(clock(minute - 60))-\(clock(minute + 60))", zone: "UTC") }
                #expect(await login(site) == "230")
            }
        }

        @Test func theAccountHasSoManySessions() async throws {
            try await withSite { site in
                try limit(site) { $0.sessions = 2 }
                try await site.session("stmary") { _ in
                    try await site.session("stmary") { _ in
                        let third = await login(site)
                        #expect(third.hasPrefix("421") && third.contains("at most 2"), "\(third)")
                    }
                    try await site.session("bob") { _ in }
                }
                #expect(await login(site) == "230")
            }
        }

        /// Two uploads at once share the rate; so do downloads.
        @Test func transfersOfAllSessionsShareTheRate() async throws {
            try await withSite { site in
                let content = [UInt8](repeating: 3, count: 500_000)
                try await site.store(content, at: "/exchange/lab/read", as: "stmary")
                try limit(site) { limits in
                    limits.uploadRate = 500_000
                    limits.downloadRate = 400_000
                }
                let start = ContinuousClock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<2 { group.addTask { _ = try await site.store(content, at: "/inbox/alice/\(number)", as: "stmary") } }
                    try await group.waitForAll()
                }
                let uploading = ContinuousClock.now - start
                #expect(uploading > .milliseconds(1600), "1 MB at 500 kB/s took \(uploading)")
                let second = ContinuousClock.now
                _ = try await site.retrieve("/exchange/lab/read", as: "stmary")
                let downloading = ContinuousClock.now - second
                #expect(downloading > .milliseconds(800), "0.5 MB at 400 kB/s took \(downloading)")
                let third = ContinuousClock.now
                try await site.store(content, at: "/inbox/alice/free", as: "lab")
                #expect(ContinuousClock.now - third < uploading)
            }
        }
    }
}
