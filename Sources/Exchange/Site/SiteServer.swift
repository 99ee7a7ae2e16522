/// Runs a site: FTP service, signals, housekeeping, orderly end.
import FTPServer
import Foundation
package import Logging
package import Transport

package final class SiteServer: Sendable {
    private let site: Site
    private let server: Server
    private let loops: [EventLoop]
    private let logger: Logger

    package init(_ site: Site, logger: Logger) throws {
        self.site = site
        self.logger = logger
        loops = try (0..<site.configuration.threads.event_loops).map { try EventLoop.start(name: "phrd-loop-\($0)") }
        server = Server(
            settings: site.configuration.serverSettings, context: try Self.context(site.configuration),
            authenticator: SiteAuthenticator(site: site, logger: logger), loops: loops, logger: logger)
    }

    static func context(_ configuration: Configuration) throws -> TLSContext {
        try .server(
            certificateChain: configuration.tls.certificate, privateKey: configuration.tls.key,
            minimum: TLSVersion(rawValue: configuration.tls.minimum) ?? .tls12)
    }

    package func bind() async throws -> (explicit: [SocketAddress], implicit: [SocketAddress]) { try await server.bind() }

    /// Serves until `stop`.
    package func run() async {
        let housekeeping = Task { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(3600))
                if Task.isCancelled { return }
                do { try await site.purgePartials() } catch { logger.error("housekeeping failed", metadata: ["error": "\(error)"]) }
            }
        }
        await server.run()
        housekeeping.cancel()
        site.close()
        for loop in loops { loop.stop() }
    }

    /// Reads certificate and settings again; a mistake in them leaves the running ones in force.
    package func reload(_ configuration: Configuration) {
        do {
            server.reload(settings: configuration.serverSettings, context: try Self.context(configuration))
            logger.notice("configuration and certificate reloaded")
        } catch {
            logger.error("reload failed; the old settings stay", metadata: ["error": "\(error)"])
        }
    }

    package func stop() async {
        logger.notice("stopping", metadata: ["sessions": "\(server.sessionCount)"])
        await server.shutdown(within: .seconds(site.configuration.limits.shutdown_seconds))
    }
}
