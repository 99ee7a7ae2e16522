/// What strangers can have written into the log: so much a minute and no more, and nothing of it lost.
import Audit
import Authentication
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import ProgramFixtures
import RecordStore
import Testing

@Suite struct RefusalMeterTests {
    private let start = ContinuousClock.now
    private let near = NetworkPrefix("192.0.2.0/24")!

    private func network(_ number: Int) -> NetworkPrefix { NetworkPrefix(bytes: [10, UInt8(number / 256), UInt8(number % 256), 0], bitCount: 24) }

    @Test func tellsSoManyOfANetworkAndCountsTheRest() {
        var meter = RefusalMeter(.init(ofNetwork: 3, inAll: 100))
        let told = (0..<10).map { _ in meter.isTold(.login, from: near, now: start) }
        #expect(told == [true, true, true] + [Bool](repeating: false, count: 7))
        // Other networks, and other things that are refused, have their own share.
        let others = [meter.isTold(.login, from: network(1), now: start), meter.isTold(.handshake, from: near, now: start)]
        #expect(others == [true, true])
        let early = meter.sums(now: start + .seconds(59))
        #expect(early.isEmpty)
        let sums = meter.sums(now: start + .seconds(61))
        #expect(sums.map(\.subject) == [.login] && sums.map(\.source) == [.network(near)])
        #expect(sums.map(\.count) == [7] && sums.map(\.seconds) == [61])
        // A new minute.
        let idle = meter.sums(now: start + .seconds(200), isEnd: true)
        #expect(idle.isEmpty)
        let next = meter.isTold(.login, from: near, now: start + .seconds(200))
        #expect(next)
    }

    @Test func tellsSoManyInAll() {
        var meter = RefusalMeter(.init(ofNetwork: 3, inAll: 5))
        let told = (0..<50).count { meter.isTold(.login, from: network($0), now: start) }
        #expect(told == 5)
        let sums = meter.sums(now: start, isEnd: true)
        #expect(sums.count == 21 && sums.reduce(0) { $0 + $1.count } == 45)
        #expect(sums.last?.source == .others(25))
    }

    @Test func remembersBoundedlyAndLosesNothing() {
        var meter = RefusalMeter(.init(ofNetwork: 1, inAll: 7), capacity: 100)
        var told = 0
        for _ in 0..<3 { for number in 0..<5000 where meter.isTold(.login, from: network(number), now: start) { told += 1 } }
        #expect(told == 7)
        #expect(meter.entryCount == 100)
        let sums = meter.sums(now: start + .seconds(60))
        #expect(sums.reduce(0) { $0 + $1.count } == 15_000 - 7)
        #expect(sums.count <= 21)
        #expect(meter.entryCount == 0)
    }

    @Test func aNetworkIsWhatOneCustomerHas() throws {
        func network(_ text: String) throws -> NetworkPrefix { RefusalMeter.network(of: try #require(NetworkKey(text))) }
        #expect(try network("192.0.2.77") == near)
        #expect(try network("::ffff:192.0.2.77") == near)
        #expect(try network("2001:db8:1:2::3") == NetworkPrefix("2001:db8:1::/48"))
    }
}

extension SiteTests {
    @Suite struct RefusalTests {
        private func login(_ site: TestSite, _ name: String, _ password: String) async -> String {
            await site.refusal { try await site.session(name, user: name, password: password) { _ in } } ?? "230"
        }

        @Test func aFloodOfRefusedLoginsIsToldAsANumber() async throws {
            try await withSite {
                $0.bans.failures = 1
                $0.audit.network_refusals = 3
            } _: { site in
                for _ in 0..<8 { #expect(await login(site, "stmary", "wrong password") != "230") }
                await site.stop()
                let events = try site.events()
                let refused = events.filter { $0.kind == .loginRefused }
                #expect(refused.map(\.reason).prefix(3) == ["wrong password", "banned", "banned"])
                #expect(refused.count == 4)
                let sum = try #require(refused.last)
                #expect(sum.reason?.hasPrefix("5 further refused logins from 127.0.0.0/24 in ") == true, "\(sum)")
                #expect(sum.object.count == 5 && sum.object.path == "127.0.0.0/24" && sum.outcome == .refused)
                #expect(events.last?.kind == .serverStopped)
            }
        }

        @Test func aFloodOfHandshakesIsToldAsANumber() async throws {
            try await withSite {
                $0.audit.refusals = 10
            } _: { site in
                let flood = """
                    import socket, sys
                    for number in range(60):
                        s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
                        s.recv(1000)
                        s.sendall(b"AUTH TLS\\r\\n")
                        s.recv(1000)
                        s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n" * 10)
                        s.settimeout(20)
                        try:
                            while s.recv(1000): pass
                        except OSError: pass
                        s.close()
                    """
                try await Program("python3").succeed(["-c", flood, "\(site.port)"])
                await site.stop()
                let refused = try site.events().filter { $0.kind == .handshakeRefused }
                #expect(refused.count == 11)
                #expect(refused.last?.object.count == 50, "\(String(describing: refused.last))")
                let log = try String(contentsOfFile: site.configuration.storage.data + "/audit.jsonl", encoding: .utf8)
                #expect(log.contains("50 further refused TLS handshakes from 127.0.0.0/24 in "))
            }
        }

        @Test func automaticBansAreToldWithTheirEndAndNeverWithAPassword() async throws {
            try await withSite {
                $0.bans.failures = 1
            } _: { site in
                _ = await login(site, "stmary", "wrong password")
                _ = await login(site, "hunter2", "wrong password")
                await site.stop()
                let bans = try site.events().filter { $0.kind == .networkBanned }
                #expect(bans.map(\.object.path) == ["127.0.0.1", "127.0.0.1"])
                #expect(bans.map(\.object.owner) == ["stmary", nil])
                #expect(bans.allSatisfy { $0.outcome == .success && $0.actor == AuditEvent.Actor() })
                #expect(bans.allSatisfy { $0.reason?.hasPrefix("until 20") == true && $0.reason?.contains(": 1 failed logins") == true }, "\(bans)")
                #expect(try !String(contentsOfFile: site.configuration.storage.data + "/audit.jsonl", encoding: .utf8).contains("hunter2"))
            }
        }

        /// Each command as what it would have been.
        @Test func eachRefusedCommandIsToldAsWhatItIs() async throws {
            try await withSite { site in
                func tries(_ name: String, _ body: @escaping @Sendable (FTPSession, VirtualPath) async throws -> Void, _ paths: String...) async throws {
                    for path in paths {
                        let refusal = await site.refusal { try await site.session(name) { try await body($0, VirtualPath(absolute: path)) } }
                        #expect(refusal?.isEmpty == false, "\(path)")
                    }
                }
                let store: @Sendable (FTPSession, VirtualPath) async throws -> Void = { _ = try await $0.store($1, bytes: [1]) }
                try await site.store([1], at: "/exchange/lab/a", as: "stmary")
                try await tries("lab", { try await $0.makeDirectory($1) }, "/exchange/lab/x")
                try await tries("lab", { try await $0.removeDirectory($1) }, "/exchange/lab/x")
                try await tries("lab", { try await $0.setModificationTime(FTPTimestamp(seconds: 1_700_000_000), of: $1) }, "/exchange/lab/a")
                try await tries("lab", { try await $0.delete($1) }, "/exchange/lab/a")
                try await tries("lab", { try await $0.rename($1, to: VirtualPath(absolute: "/exchange/lab/b")) }, "/exchange/lab/a")
                try await tries("lab", store, "/exchange/lab/b")
                try await tries("bob", store, "/records/alice/.headers/a.phr", "/.keys/alice", "/.authorities/alice", "/.emergency/alice/bob")
                try await tries("stmary", store, "/.policies/alice/inbox/alice")
                try await tries("alice", store, "/.emergency/alice/bob/request")
                await site.stop()
                let refused = try site.events().filter { $0.outcome != .success }
                #expect(
                    refused.map(\.kind) == [
                        .directoryCreated, .directoryRemoved, .factsChanged, .deleted, .renamed, .stored, .headerChanged, .keysRegistered,
                        .authorityPublished, .emergencyGrantChanged, .policySet, .emergencyAccess,
                    ])
                #expect(refused.allSatisfy { $0.outcome == .refused && $0.reason == "permission denied" }, "\(refused)")
            }
        }

        @Test func whatIsDoneAndWhatFailsAfterItsPermissionIsToldAsWell() async throws {
            try await withSite { site in
                try Site.registry(site.configuration).folders.changeRules(of: FolderPath("/exchange/lab")) { $0.forbiddenNames = ["*.exe"] }
                try Site.registry(site.configuration).limits.change("stmary") { $0.quotaBytes = 100_000 }
                try await site.session("stmary") { session in
                    try await session.makeDirectory(VirtualPath(absolute: "/exchange/lab/sub"))
                    _ = try await session.store(VirtualPath(absolute: "/exchange/lab/sub/a"), bytes: [1])
                    try await session.setModificationTime(FTPTimestamp(seconds: 1_700_000_000), of: VirtualPath(absolute: "/exchange/lab/sub/a"))
                }
                // Clients make folders without looking first: that is no event.
                #expect(
                    await site.refusal { try await site.session("stmary") { try await $0.makeDirectory(VirtualPath(absolute: "/exchange/lab/sub")) } } != nil)
                #expect(
                    await site.refusal { try await site.session("stmary") { try await $0.removeDirectory(VirtualPath(absolute: "/exchange/lab/sub")) } } != nil)
                #expect(await site.storingIsRefused([1], at: "/exchange/lab/x.exe", as: "stmary").hasPrefix("553"))
                #expect(await site.storingIsRefused([UInt8](repeating: 1, count: 400_000), at: "/exchange/lab/big", as: "stmary").hasPrefix("552"))
                try await site.delete("/exchange/lab/sub/a", as: "stmary")
                try await site.session("stmary") { try await $0.removeDirectory(VirtualPath(absolute: "/exchange/lab/sub")) }
                await site.stop()
                let events = try site.events().filter { $0.actor.account == "stmary" && ![.login, .logout, .keysRegistered].contains($0.kind) }
                #expect(
                    events.map(\.kind) == [
                        .directoryCreated, .stored, .factsChanged, .directoryRemoved, .stored, .stored, .deleted, .directoryRemoved,
                    ])
                #expect(
                    events.map(\.reason) == [
                        nil, nil, nil, "the folder is not empty", "name not allowed", "quota exceeded", nil, nil,
                    ])
                #expect(events[2].object.record == events[1].object.record)
            }
        }
    }
}
