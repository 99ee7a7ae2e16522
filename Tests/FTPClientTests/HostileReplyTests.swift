// The client with servers whose replies and names have no end, and with two logins at one server.

import FTPClient
import FTPProtocol
import Foundation
import Testing
import Transport

@Suite(.serialized, .timeLimit(.minutes(1))) struct HostileReplyTests {
    @Test(arguments: ["endless-reply-at-SIZE", "endless-line-at-SIZE", "reply-SIZE=213 99999999999999999999", "reply-SIZE=213 -1", "reply-SIZE=213 1\u{1B}[2J"])
    func endsAnEndlessReply(fault: String) async throws {
        let server = try TestServer(faults: [fault])
        let name = try VirtualPath(absolute: "/a")
        let started = ContinuousClock.now
        let error = await #expect(throws: FTPClientError.self) { try await server.session { _ = try await $0.size(name) } }
        #expect(ContinuousClock.now - started < .seconds(8))
        let text = "\(try #require(error))"
        #expect(text.utf8.count < 10_000 && !text.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    /// A name of a listing may be 255 bytes long, and stands there once.
    @Test func refusesNamesThatNoFolderHolds() async throws {
        let twice = "type=file;size=1; twice"
        for line in ["type=file;size=1; " + String(repeating: "n", count: 300), "\(twice)\\r\\n\(twice)", "type=file;size=1; ..\\\\x"] {
            let server = try TestServer(faults: ["listing-line=" + line])
            let error = await #expect(throws: FTPClientError.self) { try await server.session { _ = try await $0.list(.root) } }
            switch error {
            case .unsafeName, .malformedListing: break
            default: Issue.record("\(line.prefix(40)): \(String(describing: error))")
            }
        }
    }

    /// CVE-2023-27535: what one login has negotiated is not another's.
    @Test func resumesNoSessionOfAnotherLogin() async throws {
        let server = try TestServer()
        try server.write("a", [1])
        let name = try VirtualPath(absolute: "/a")
        for _ in 0..<2 {
            let bytes = try await server.session { try await $0.retrieveAll(name, limit: 10) }
            #expect(bytes == [1])
        }
        #expect(server.log.filter { $0.hasPrefix("# control TLS") } == Array(repeating: "# control TLS resumed=False", count: 2))
        #expect(server.log.filter { $0.hasPrefix("# data TLS") } == Array(repeating: "# data TLS resumed=True", count: 2))
    }
}
