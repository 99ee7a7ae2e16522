/// What a running site takes from a configuration that was read again, and what it says of the rest.
import Exchange
import FTPClient
import Foundation
import Logging
import Synchronization
import Testing

extension SiteTests {
    @Suite struct ReloadTests {
        @Test func storageAndLimitsHoldFromThenOn() async throws {
            try await withSite { site in
                try await site.store([1], at: "/inbox/alice/before", as: "stmary")
                try await site.reload {
                    $0.storage.reserve_mib = 900_000_000
                    $0.limits.sessions_per_address = 1
                }
                let refusal = await site.storingIsRefused([1], at: "/inbox/alice/full", as: "stmary")
                #expect(refusal.hasPrefix("452"), "\(refusal)")
                try await site.session("stmary") { _ in
                    let second = await site.refusal { try await site.session("bob") { _ in } }
                    #expect(second?.hasPrefix("421") == true, "\(second ?? "230")")
                }
                try await site.reload { $0.storage.reserve_mib = 64 }
                try await site.store([1], at: "/inbox/alice/after", as: "stmary")
            }
        }

        @Test func namesWhatWaitsForTheNextStart() async throws {
            let lines = Mutex<[String]>([])
            try await withSite(logger: Logger(label: "test") { _ in Remembering { line in lines.withLock { $0.append(line) } } }) { site in
                try await site.reload { $0.limits.sessions = 17 }
                #expect(lines.withLock { !$0.contains { $0.contains("next start") } })
                try await site.reload {
                    $0.log.level = "debug"
                    $0.listen.explicit = ["127.0.0.1:1"]
                    $0.listener = [Configuration.Listener()]
                    $0.limits.sessions = 18
                }
                let told = try #require(lines.withLock { $0.last { $0.contains("next start") } })
                #expect(told.contains("listen.explicit, listener, log.level") && !told.contains("limits"), "\(told)")
            }
        }
    }
}

/// Hands each line with its metadata to a closure.
private struct Remembering: LogHandler {
    let remember: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(_ remember: @escaping @Sendable (String) -> Void) { self.remember = remember }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { remember("\(event.message) \(event.metadata ?? [:])") }
}
