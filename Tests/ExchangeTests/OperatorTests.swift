/// Who is there, and who has to go: what the running server tells its operator over the socket in the data folder.
import Audit
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import Testing
import Transport

private extension TestSite {
    func who() throws -> [SessionReport] { try Site.ask(.who, configuration).sessions }

    func kick(_ choice: OperatorRequest.Choice) throws -> [SessionReport] { try Site.ask(.kick(choice, operator: "root"), configuration).sessions }

    var operatorSocket: String { configuration.storage.data + "/operator.socket" }

    func waitForNobody() async throws {
        for _ in 0..<200 where try !who().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
    }
}

extension SiteTests {
    @Suite struct OperatorTests {
        @Test func showsWhoIsThere() async throws {
            try await withSite { site in
                try await site.waitForNobody()
                try await site.session("stmary") { session in
                    let reports = try site.who()
                    let report = try #require(reports.first)
                    #expect(reports.count == 1)
                    #expect(report.account == "stmary" && report.address == "127.0.0.1" && report.port > 0)
                    #expect(report.tls?.hasPrefix("TLSv1.") == true && report.security == "explicit" && report.listener.hasPrefix("127.0.0.1:"))
                    #expect(report.command == nil && report.path == nil && report.bytes == nil && report.runningSeconds == nil)
                    #expect(report.session.count == 12 && report.idleSeconds >= 0 && report.idleSeconds < 60)
                    let since = try #require(ISO8601DateFormatter().date(from: report.since))
                    #expect(abs(since.timeIntervalSinceNow) < 60)
                    // The session goes on as if nothing had been asked.
                    _ = try await session.list(VirtualPath(absolute: "/inbox"))
                    #expect(try site.who().map(\.session) == [report.session])
                }
                try await site.waitForNobody()
                #expect(try site.who().isEmpty)
            }
        }

        @Test(arguments: ["session", "account", "network"]) func endsTheSessionsThatAreMeant(_ kind: String) async throws {
            try await withSite { site in
                let refusal = await site.refusal {
                    try await site.session("stmary") { session in
                        let own = try #require(try site.who().first { $0.account == "stmary" })
                        let choice: OperatorRequest.Choice =
                            switch kind {
                            case "session": .session(own.session)
                            case "account": .account("stmary")
                            default: .network("127.0.0.0/8")
                            }
                        #expect(try site.kick(.account("bob")).isEmpty)
                        #expect(try site.kick(.network("192.0.2.0/24")).isEmpty)
                        #expect(try site.kick(.session("000000000000")).isEmpty)
                        #expect(try site.who().contains { $0.session == own.session })
                        #expect(try site.kick(choice).map(\.session) == [own.session])
                        #expect(try site.who().isEmpty)
                        _ = try await session.list(VirtualPath(absolute: "/inbox"))
                    }
                }
                #expect(refusal?.contains("421") == true && refusal?.contains("The operator ended this session") == true, "\(refusal ?? "none")")
                // He may come back.
                try await site.session("stmary") { _ = try await $0.list(VirtualPath(absolute: "/inbox")) }
                await site.stop()
                var events: [AuditEvent] = []
                _ = try AuditChain.verify(folder: site.configuration.storage.data) { event, _ in events.append(event) }
                let ended = events.filter { $0.kind == .sessionEnded }
                #expect(ended.map(\.object.owner) == ["stmary"] && ended.map(\.actor.account) == ["root"] && ended.map(\.object.path) == ["127.0.0.1"])
            }
        }

        @Test func refusesWhatIsNoNetwork() async throws {
            try await withSite { site in
                let error = #expect(throws: SiteError.self) { try site.kick(.network("127.0.0.1/33")) }
                #expect(error?.description == "that is no network")
            }
        }

        @Test func nonsenseNeitherEndsNorBlocksTheServer() async throws {
            try await withSite { site in
                var requests: [[UInt8]] = ["", "\0", "{}", "[]", "{\"who\":{}} x", "{\"kick\":{\"_0\":{\"session\":{\"_0\":7}}}}", "{\"kick\":{}}"].map {
                    Array($0.utf8)
                }
                requests += [
                    Array(repeating: 0xFF, count: 4096), Array(String(repeating: "[", count: 4096).utf8),
                    Array(String(repeating: "{\"who\":", count: 500).utf8),
                ]
                for request in requests {
                    let answer = try OperatorPoint.ask(request, at: site.operatorSocket, within: .seconds(10))
                    #expect(String(decoding: answer, as: UTF8.self).contains("does not understand"), "\(request.prefix(20))")
                }
                // Too long, or never: no answer, and others are served after it.
                do {
                    let long = try LocalSocket(path: site.operatorSocket, timeoutSeconds: 5)
                    try? long.write(Array(repeating: 0x20, count: 10_000))
                    let silent = try LocalSocket(path: site.operatorSocket, timeoutSeconds: 5)
                    try silent.write([0x7B])
                    _ = try site.who()
                }
                let attributes = try FileManager.default.attributesOfItem(atPath: site.operatorSocket)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }

        @Test func saysWhenNoServerRuns() async throws {
            try await withSite { site in
                await site.stop()
                let error = #expect(throws: SiteError.self) { try site.who() }
                #expect(error?.description == "no server runs on \(site.configuration.storage.data)")
            }
        }
    }
}
