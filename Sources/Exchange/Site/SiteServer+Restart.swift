// A restart that no client notices, and a sign of life for the service manager.
import FTPServer
import Foundation
import Logging
package import Transport

extension SiteServer {
    private static func takeoverPath(_ configuration: Configuration) -> String { configuration.storage.data + "/takeover.socket" }

    /// Gets the listening sockets from the server that runs on the same data, and waits until it is gone. Blocks.
    ///
    /// What can be wrong with this process is looked at before: the old one would not come back.
    package static func takeOver(_ configuration: Configuration) throws -> [InheritedSocket] {
        _ = try configuration.tlsContext()
        _ = try KeyFiles.load(from: configuration.storage.keys)
        do {
            return try TakeoverPoint.take(from: takeoverPath(configuration), within: .seconds(configuration.limits.shutdown_seconds + 30))
        } catch TransportError.system(_, let code) where code == ENOENT || code == ECONNREFUSED {
            throw SiteError("no server runs on \(configuration.storage.data): start without --takeover")
        }
    }

    /// Lets a new process take over. Without it the server still serves.
    func waitForSuccessor() -> TakeoverPoint? {
        do {
            let point = try TakeoverPoint(path: Self.takeoverPath(site.configuration))
            try point.start(server.sockets) { [self] in
                logger.notice("another process takes over")
                Task { await stop() }
            }
            return point
        } catch {
            logger.warning("no other process can take over", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Tells the service manager now and then that all loops and the disk threads still work; nil if it does not ask.
    func watch() -> Task<Void, Never>? {
        guard let interval = ServiceManager.watchdogInterval(ProcessInfo.processInfo.environment) else { return nil }
        return Task { [self] in
            while !Task.isCancelled {
                for loop in loops { await Task(executorPreference: loop) {}.value }
                _ = try? await site.pool.run {}
                manager.tell(.watchdog)
                try? await Task.sleep(for: interval / 2)
            }
        }
    }
}
