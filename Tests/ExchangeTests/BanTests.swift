/// Bans as clients and operators meet them.
import Authentication
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import Testing

extension SiteTests {
    @Suite struct BanTests {
        /// What a login is answered with; 230 if it succeeds.
        private func login(_ site: TestSite, _ name: String, _ password: String? = nil) async -> String {
            await site.refusal { try await site.session(name, password: password) { _ in } } ?? "230"
        }

        /// Tries until an answer begins so; the last answer.
        private func login(_ site: TestSite, _ name: String, until prefix: String) async throws -> String {
            for _ in 0..<100 {
                let answer = await login(site, name)
                if answer.hasPrefix(prefix) { return answer }
                try await Task.sleep(for: .milliseconds(100))
            }
            return await login(site, name)
        }

        private func bans(_ site: TestSite) throws -> [Ban] { try Site.registry(site.configuration).bans.list(atSeconds: Int64(Date().timeIntervalSince1970)) }

        private let loopback = NetworkPrefix("127.0.0.1")!

        @Test func guessesAtAnAccountBanTheirNetworkFromItAndFromNothingElse() async throws {
            var site = try await TestSite.start { $0.bans.failures = 3 }
            var answers: [String: [String]] = [:]
            for name in ["stmary", "nobody"] {
                for _ in 0..<3 { answers[name, default: []].append(await login(site, name, "wrong password")) }
                for _ in 0..<100 where try bans(site).allSatisfy({ $0.account != name }) { try await Task.sleep(for: .milliseconds(20)) }
                answers[name, default: []].append(await login(site, name, "wrong password"))
            }
            // The words are the same whether the name is an account's or not.
            #expect(answers["stmary"] == answers["nobody"])
            #expect(answers["stmary"]?.map { $0.prefix(3) } == ["530", "530", "530", "421"], "\(answers)")
            let found = try bans(site)
            #expect(Set(found.map(\.account)) == ["stmary", "nobody"] && found.allSatisfy { $0.network == loopback && $0.source == .automatic })
            // The right password does not help, and does not lengthen the ban.
            #expect(await login(site, "stmary").hasPrefix("421"))
            #expect(try bans(site) == found)
            // Neighbours are not held up.
            #expect(await login(site, "bob") == "230")
            site = try await site.restarted()
            #expect(await login(site, "stmary").hasPrefix("421"))
            try Site.registry(site.configuration).bans.remove(loopback, account: "stmary")
            #expect(try await login(site, "stmary", until: "230") == "230")
            await site.stop()
            site.remove()
        }

        @Test func guessesAtManyAccountsBanTheNetworkBeforeTLS() async throws {
            try await withSite {
                $0.bans.network_failures = 4
            } _: { site in
                for number in 0..<4 { _ = await login(site, "name-\(number)", "wrong password") }
                #expect(try await login(site, "stmary", until: "421").contains("Too many failed logins"))
                #expect(try bans(site).map(\.account) == [nil])
                try Site.registry(site.configuration).bans.remove(loopback, account: nil)
                #expect(try await login(site, "stmary", until: "230") == "230")
            }
        }

        @Test func networksOfTheAllowListAreNeverBanned() async throws {
            try await withSite { configuration in
                configuration.bans.never = ["127.0.0.0/8"]
                (configuration.bans.failures, configuration.bans.network_failures) = (2, 3)
            } _: { site in
                for _ in 0..<4 { _ = await login(site, "bob", "wrong password") }
                try Site.registry(site.configuration).bans.add(
                    Ban(network: loopback, account: nil, source: .operator, reason: "", createdSeconds: 0, expiresSeconds: nil))
                try await Task.sleep(for: .seconds(2))
                #expect(await login(site, "stmary") == "230")
                #expect(try bans(site).map(\.source) == [.operator])
            }
        }

        @Test func theOperatorsBanEndsSessionsAndItsTimeRunsOut() async throws {
            try await withSite { site in
                let end = await site.endOfSession("stmary") { [bans = try Site.registry(site.configuration).bans] in
                    let now = Int64(Date().timeIntervalSince1970)
                    let network = NetworkPrefix("127.0.0.0/16")!
                    try bans.add(Ban(network: network, account: "stmary", source: .operator, reason: "", createdSeconds: now, expiresSeconds: now + 5))
                }
                #expect(end?.isEmpty == false)
                #expect(await login(site, "stmary").hasPrefix("421"))
                #expect(await login(site, "bob") == "230")
                #expect(try await login(site, "stmary", until: "230") == "230")
            }
        }
    }
}

extension FTPSession {
    /// Asks for something until the server ends the session.
    fileprivate func idle() async throws {
        for _ in 0..<100 {
            _ = try await size(VirtualPath(absolute: "/inbox/alice/x"))
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

extension TestSite {
    /// What a running session is told that a change ends; nil if it goes on for seconds.
    func endOfSession(_ name: String, after change: @escaping @Sendable () throws -> Void) async -> String? {
        await refusal {
            try await session(name) { session in
                try change()
                try await session.idle()
            }
        }
    }
}
