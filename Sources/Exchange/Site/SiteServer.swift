/// Runs a site: FTP service, signals, housekeeping, orderly end.
import Audit
import Authentication
import FTPServer
import Foundation
import Ledger
package import Logging
import Synchronization
package import Transport

package final class SiteServer: Sendable {
    let site: Site
    let server: Server
    private let authenticator: SiteAuthenticator
    let loops: [EventLoop]
    let logger: Logger
    let manager: ServiceManager
    private let metrics = Mutex<MetricsServer?>(nil)

    package init(_ site: Site, manager: ServiceManager, logger: Logger) throws {
        self.site = site
        self.manager = manager
        self.logger = logger
        let audit = try SiteAudit(site.configuration, logger: logger)
        site.audit.withLock { $0 = audit }
        loops = try (0..<site.configuration.threads.event_loops).map { try EventLoop.start(name: "phrd-loop-\($0)") }
        authenticator = SiteAuthenticator(site: site, logger: logger)
        server = Server(
            settings: site.configuration.serverSettings, context: try site.configuration.tlsContext(),
            authenticator: authenticator, loops: loops, observer: site, logger: logger)
    }

    /// - Parameter inherited: listening sockets from another process, instead of those in the configuration.
    package func bind(inherited: [InheritedSocket] = []) async throws -> (explicit: [SocketAddress], implicit: [SocketAddress]) {
        for socket in inherited where ![Server.explicitName, Server.implicitName].contains(socket.name) {
            throw SiteError("a socket named \"\(socket.name)\" was handed over: its unit needs FileDescriptorName=explicit or implicit")
        }
        guard let address = Configuration.address(site.configuration.metrics.listen), address.isLoopback else {
            return try await server.bind(inherited: inherited)
        }
        let service = try await MetricsServer(address, loop: loops[0]) { [site, server] in
            site.metrics.text(sessions: server.sessionCount, ledgerEntries: site.ledger.head.size)
        }
        let bound: (explicit: [SocketAddress], implicit: [SocketAddress])
        do {
            bound = try await server.bind(inherited: inherited)
        } catch {
            await service.close()
            throw error
        }
        metrics.withLock { $0 = service }
        logger.notice("metrics are served", metadata: ["metrics.address": "\(service.address)"])
        return bound
    }

    /// Where metrics are served, once bound.
    package var metricsAddress: SocketAddress? { metrics.withLock { $0?.address } }

    /// Serves until `stop`.
    package func run() async {
        let successor = waitForSuccessor()
        let watchdog = watch()
        let operatorPoint = listenToOperator()
        defer {
            operatorPoint?.close()
            successor?.close()
            watchdog?.cancel()
        }
        await tell(.serverStarted)
        let housekeeping = Task { [self] in
            while !Task.isCancelled {
                do {
                    try await site.purgePartials()
                    try await site.enforceRetention()
                } catch {
                    logger.error("housekeeping failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(3600))
            }
        }
        let supervision = Task { [self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                if Task.isCancelled { return }
                await enforceChanges()
                await site.tellHeldRefusals()
            }
        }
        let anchoring = Task { [site] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(60 * site.configuration.audit.anchor_minutes))
                if !Task.isCancelled { await site.anchorAudit() }
            }
        }
        let counting = metrics.withLock { $0 }
        let page = Task { await counting?.run() }
        await server.run()
        await counting?.close()
        await page.value
        housekeeping.cancel()
        supervision.cancel()
        anchoring.cancel()
        await supervision.value
        await housekeeping.value
        await site.tellHeldRefusals(isEnd: true)
        await tell(.serverStopped)
        await site.endAudit()
        site.close()
        for loop in loops { loop.stop() }
    }

    /// Applies what the command line has changed to the sessions that run: bans, disabled accounts, networks and hours.
    private func enforceChanges() async {
        do {
            let (limits, disabled) = try await site.pool.run { [site] in
                try site.loginGuard.refresh()
                return (try site.limits.all(), try site.accounts.disabledNames())
            }
            await server.endSessions { [site] peer, user in
                let ban = user.map { site.loginGuard.ban(of: peer, account: $0) } ?? site.loginGuard.ban(of: peer)
                // Guesses of a neighbour behind the same address do not end the sessions of those who know their password.
                if let ban, ban.source == .operator { return LoginGuard.text }
                guard let user else { return nil }
                if disabled.contains(user) { return "The account was disabled; ask the operator" }
                return limits[user]?.refusal(of: peer)
            }
        } catch {
            logger.error("bans and limits cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// Reads certificate and settings again; a mistake in them leaves the running ones in force.
    package func reload(_ configuration: Configuration) async {
        manager.tell(.reloading)
        defer { manager.tell(.ready) }
        do {
            let context = try configuration.tlsContext()
            let waiting = site.use(configuration)
            server.reload(settings: site.configuration.serverSettings, context: context)
            site.loginGuard.use(configuration.bans)
            site.refusals.withLock { $0.bound = configuration.audit.refusalBound }
            logger.notice("configuration and certificates reloaded")
            if !waiting.isEmpty { logger.warning("some changes wait for the next start", metadata: ["keys": "\(waiting.joined(separator: ", "))"]) }
            await tell(.configurationReloaded)
        } catch {
            logger.error("reload failed; the old settings stay", metadata: ["error": "\(error)"])
            await tell(.configurationReloaded, .failed)
        }
    }

    package func stop() async {
        manager.tell(.stopping)
        logger.notice("stopping", metadata: ["sessions": "\(server.sessionCount)"])
        authenticator.interrupt()
        await server.shutdown(within: .seconds(site.configuration.limits.shutdown_seconds))
    }

    private func tell(_ kind: AuditEvent.Kind, _ outcome: AuditEvent.Outcome = .success) async {
        await site.record(kind, outcome)
    }
}
