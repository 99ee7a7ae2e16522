// The event loop under the client: one for the run of a command.

package import Keyring
package import Transport

package enum ClientRuntime {
    /// Runs `body` on an event loop of its own and stops the loop afterwards.
    package static func run<R: Sendable>(
        _ body: @escaping @Sendable (EventLoop, BlockingPool) async throws -> R
    ) async throws -> R {
        let loop = try EventLoop.start(name: "client")
        let pool = try BlockingPool(threads: 1, name: "client-lookup")
        defer {
            pool.stop()
            loop.stop()
        }
        return try await Task.detached(executorPreference: loop) { try await body(loop, pool) }.value
    }

    /// Runs `body` in a session with the profile's server.
    package static func session<R: Sendable>(
        _ options: SessionOptions, keyring: Keyring, _ body: @escaping @Sendable (ClientSession) async throws -> R
    ) async throws -> R {
        try await run { loop, pool in
            try await ClientSession.withSession(options, keyring: keyring, loop: loop, pool: pool, body)
        }
    }

    /// Makes a profile; see `ClientSession.logIn`.
    package static func logIn(
        _ options: SessionOptions, url: ServerURL, trust: Profile.Trust, password: Secret, keyring: Keyring
    ) async throws -> LoginReport {
        try await run { loop, pool in
            try await ClientSession.logIn(options, url: url, trust: trust, password: password, keyring: keyring, loop: loop, pool: pool)
        }
    }
}
