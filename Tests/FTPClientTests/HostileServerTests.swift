// The client with servers that attack, lie, stall or vanish.

import FTPClient
import FTPProtocol
import Foundation
import Synchronization
import Testing
import Transport

@Suite(.serialized, .timeLimit(.minutes(3))) struct HostileServerTests {
    private func failure(
        faults: [String], isLoggedIn: Bool = true, trust: TLSTrust? = nil, timeouts: ClientTimeouts = .short,
        _ body: @escaping @Sendable (FTPSession) async throws -> Void = { _ in }
    ) async throws -> (error: FTPClientError, log: [String]) {
        let server = try TestServer(faults: faults)
        try server.write("a", Array(repeating: 7, count: 200_000))
        do {
            try await server.session(try server.endpoint(trust), isLoggedIn: isLoggedIn, timeouts: timeouts, body)
        } catch let error as FTPClientError {
            try await Task.sleep(for: .milliseconds(50))
            return (error, server.log)
        }
        Issue.record("no error under \(faults)")
        return (.truncated, [])
    }

    private static func get(_ session: FTPSession) async throws { try await unsafe session.retrieve(try VirtualPath(absolute: "/a")) { _ in } }
    private static func list(_ session: FTPSession) async throws { _ = try await session.list(.root) }

    // MARK: TLS

    @Test(arguments: ["auth=500 no", "auth=200 ok", "auth=230 logged in", "auth=334 more", "auth=421 busy", "auth=220 again"])
    func neverGoesOnInClear(fault: String) async throws {
        let (error, log) = try await failure(faults: [fault])
        guard case .tlsRefused = error else {
            Issue.record("\(error)")
            return
        }
        #expect(log.filter { !$0.hasPrefix("#") } == ["CLEAR AUTH TLS"])
    }

    @Test func givesUpWhenRepliesAreInjectedBehindAUTH() async throws {
        let (error, log) = try await failure(faults: ["inject"])
        guard case .injectedReplies = error else {
            Issue.record("\(error)")
            return
        }
        #expect(log.filter { !$0.hasPrefix("#") } == ["CLEAR AUTH TLS"])
    }

    @Test func refusesAnUnknownCertificate() async throws {
        let other = try Certificates.shared.get().other
        let (error, log) = try await failure(faults: [], trust: .certificateAuthority(path: other))
        guard case .untrusted = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!log.contains { $0.hasPrefix("USER") })
        let (pinError, pinLog) = try await failure(faults: [], trust: .pinned(sha256: Array(repeating: 1, count: 32)))
        guard case .untrusted = pinError else {
            Issue.record("\(pinError)")
            return
        }
        #expect(!pinLog.contains { $0.hasPrefix("USER") })
        let (systemError, _) = try await failure(faults: [], trust: .systemRoots)
        guard case .untrusted = systemError else {
            Issue.record("\(systemError)")
            return
        }
    }

    @Test func refusesAnotherCertificateOnTheDataConnection() async throws {
        let pin = try Certificates.shared.get().pin
        let both = try Certificates.shared.get()
        let bundle = both.server + ".both"
        try (String(contentsOfFile: both.server + ".crt", encoding: .utf8) + String(contentsOfFile: both.other + ".crt", encoding: .utf8))
            .write(toFile: bundle, atomically: true, encoding: .utf8)
        for trust in [TLSTrust.pinned(sha256: pin), .certificateAuthority(path: bundle)] {
            let (error, _) = try await failure(faults: ["other-data-certificate"], trust: trust, Self.get)
            switch error {
            case .untrusted, .tlsFailed: break
            default: Issue.record("\(error)")
            }
        }
    }

    @Test func refusesDataInClear() async throws {
        let (error, _) = try await failure(faults: ["data-in-clear"], Self.get)
        guard case .tlsFailed = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(arguments: ["reply-PROT=534 no", "reply-PBSZ=500 what", "reply-PROT=431 no"])
    func needsProtectedDataConnections(fault: String) async throws {
        let (error, log) = try await failure(faults: [fault], Self.get)
        guard case .refused = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!log.contains { $0.hasPrefix("RETR") })
    }

    // MARK: Replies

    @Test(arguments: ["banner-cut", "banner-endless", "banner-long-line", "banner-http", "banner=530 go away", "banner=421 full", "auth-close", "banner=220-x"])
    func survivesStrangeGreetings(fault: String) async throws {
        var timeouts = ClientTimeouts.short
        timeouts.reply = .seconds(2)
        let (_, log) = try await failure(faults: [fault], timeouts: timeouts)
        #expect(!log.contains { $0.contains("USER") })
    }

    @Test func dropsTheConnectionAfterATimeout() async throws {
        var timeouts = ClientTimeouts.short
        timeouts.reply = .milliseconds(300)
        let server = try TestServer(faults: ["hang-at-SIZE"])
        let name = try VirtualPath(absolute: "/a")
        try await server.session(timeouts: timeouts) { session in
            let error = await #expect(throws: FTPClientError.self) { _ = try await session.size(name) }
            guard case .timedOut = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let next = await #expect(throws: FTPClientError.self) { try await session.keepAlive() }
            guard case .connectionLost = next else {
                Issue.record("\(String(describing: next))")
                return
            }
        }
        #expect(!server.log.contains("NOOP"))
    }

    @Test func givesUpASilentServer() async throws {
        var timeouts = ClientTimeouts.short
        timeouts.reply = .milliseconds(300)
        let (error, _) = try await failure(faults: ["silent"], timeouts: timeouts)
        guard case .timedOut = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func saysThatNobodyListens() async throws {
        let server = try TestServer()
        let endpoint = ServerEndpoint(host: "127.0.0.1", port: 1, security: .explicit, trust: .systemRoots)
        let error = await #expect(throws: FTPClientError.self) { try await server.session(endpoint) { _ in } }
        guard case .cannotConnect = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["epsv-reply=229 (|||0|)", "epsv-reply=229 nothing", "epsv-reply=229 (|||99999|)"])
    func refusesStrangePorts(fault: String) async throws {
        let (error, _) = try await failure(faults: [fault], Self.get)
        guard case .unexpected = error else {
            Issue.record("\(error)")
            return
        }
    }

    // MARK: Transfers

    @Test func noticesATransferWithoutTLSEnd() async throws {
        let (error, _) = try await failure(faults: ["no-close-notify"], Self.get)
        guard case .truncated = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test(arguments: [["cut-after=70000"], ["cut-after=70000", "cut-everything"], ["cut-after=0"]])
    func noticesACutTransfer(faults: [String]) async throws {
        let received = Counter()
        let (error, _) = try await failure(faults: faults) { session in
            try await unsafe session.retrieve(try VirtualPath(absolute: "/a")) { received.add($0.count) }
        }
        #expect(received.value <= 70_000)
        switch error {
        case .truncated, .refused, .connectionLost: break
        default: Issue.record("\(error)")
        }
    }

    @Test func believesTheFinalReply() async throws {
        let (error, _) = try await failure(faults: ["final=451 disk failed"], Self.get)
        #expect(error.reply?.code == 451)
    }

    @Test func waitsForTheFinalReply() async throws {
        var timeouts = ClientTimeouts.short
        timeouts.completion = .milliseconds(300)
        let (error, _) = try await failure(faults: ["no-final-reply"], timeouts: timeouts, Self.get)
        guard case .timedOut = error else {
            Issue.record("\(error)")
            return
        }
    }

    @Test func passesOnWhyAnUploadWasRefused() async throws {
        let (error, _) = try await failure(faults: ["full-after=100000"]) { session in
            try await session.store(try VirtualPath(absolute: "/big"), bytes: Array(repeating: 1, count: 20_000_000))
        }
        #expect(error.reply?.code == 552)
    }

    @Test func aLocalFailureLeavesNoWholeFile() async throws {
        struct Broken: Error {}
        let server = try TestServer()
        let name = try VirtualPath(absolute: "/half")
        await #expect(throws: Broken.self) {
            try await server.session { session in
                var count = 0
                try await unsafe session.store(name) { buffer in
                    count += 1
                    if count > 3 { throw Broken() }
                    return buffer.count
                }
            }
        }
        try await Task.sleep(for: .milliseconds(200))
        #expect(server.read("half") == nil)
        #expect(server.log.contains { $0.hasPrefix("# STOR /half") && $0.hasSuffix("complete=False") })
    }

    @Test func readsNoMoreThanItWants() async throws {
        let (error, _) = try await failure(faults: []) { session in
            _ = try await session.retrieveAll(try VirtualPath(absolute: "/a"), limit: 100_000)
        }
        guard case .listingTooLarge = error else {
            Issue.record("\(error)")
            return
        }
    }

    // MARK: Listings

    @Test(arguments: [
        "type=file;size=1; ../evil", "type=file;size=1; /etc/passwd", "type=file;size=1; a/b", "type=dir; ..", "type=file;size=1; .",
        "type=file; a\\\\..\\\\b", "type=file; bell\\x07", "type=file; nul\\x00x", "type=file; esc\\x1b[2J", "type=file; \\xff\\xfe", "size=1; a",
        "type=file;size=-1; a", "type=file;size=99999999999999999999; a", "nonsense", "type=file;size=1; a",
        "type=file; \\xc2\\x85next",
    ])
    func refusesHostileListings(line: String) async throws {
        let (error, _) = try await failure(faults: ["listing-line=" + line], Self.list)
        switch error {
        case .unsafeName, .malformedListing: break
        default: Issue.record("\(error)")
        }
        #expect(!"\(error)".unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    @Test func passesOverLinksAndDevices() async throws {
        let server = try TestServer(faults: ["listing-line=type=OS.unix=slink:/etc;size=1; link"])
        try server.write("a", [1])
        #expect(try await server.session { try await $0.list(.root).map(\.name) } == ["a"])
    }

    @Test(arguments: ["listing-long-line", "listing-half-line", "no-close-notify"])
    func refusesIncompleteListings(fault: String) async throws {
        let (error, _) = try await failure(faults: [fault], Self.list)
        switch error {
        case .malformedListing, .truncated: break
        default: Issue.record("\(error)")
        }
    }

    @Test func endsAnEndlessListing() async throws {
        let (error, _) = try await failure(faults: ["endless-listing"], Self.list)
        guard case .listingTooLarge = error else {
            Issue.record("\(error)")
            return
        }
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func add(_ number: Int) { count.withLock { $0 += number } }
}
