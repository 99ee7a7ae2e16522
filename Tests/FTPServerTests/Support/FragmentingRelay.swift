/// Stands between a client and the server and passes their bytes on in pieces that chance cuts, so that TLS records arrive in parts, or several at once.
import Transport

/// Confined to the loop of its test; serves one connection.
final class FragmentingRelay: @unchecked Sendable {
    let address: SocketAddress
    /// Whether the client's bytes were all passed on, its end included.
    private(set) var hasPassedAll = false
    private let listener: Listener
    private let loop: EventLoop
    private var chance: SeededGenerator
    private var running: Task<Void, Never>?

    /// - Parameter cut: after so many bytes of the client both connections break.
    init(to target: SocketAddress, cut: Int? = nil, seed: UInt64, loop: EventLoop) throws {
        self.loop = loop
        chance = SeededGenerator(seed: seed)
        listener = try Listener(SocketAddress(numeric: "127.0.0.1", port: 0)!, loop: loop)
        address = listener.address
        running = Task(executorPreference: loop) { [self] in
            defer { listener.close() }
            guard let client = try? await accept() else { return }
            defer { client.close() }
            guard let server = try? await Connection.connect(to: target, loop: loop, timeout: .seconds(5)) else { return }
            defer { server.close() }
            await withTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: loop) { [self] in
                    hasPassedAll = await pass(from: client, to: server, limit: cut)
                    if !hasPassedAll {
                        client.close()
                        server.close()
                    }
                }
                group.addTask(executorPreference: loop) { [self] in _ = await pass(from: server, to: client, limit: nil) }
            }
        }
    }

    func end() async { await running?.value }

    private func accept() async throws -> Connection { try Connection(accepted: try await listener.accept(timeout: .seconds(10)), loop: loop) }

    private func pass(from source: Connection, to target: Connection, limit: Int?) async -> Bool {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 20_000, alignment: 1)
        defer { unsafe memory.deallocate() }
        var left = limit ?? .max
        do {
            while case let count = try await unsafe source.read(into: memory, timeout: .seconds(10)), count > 0 {
                let bytes = unsafe Array(memory[..<count])
                for piece in chance.split(bytes) {
                    try await target.write(Array(piece.prefix(left)), timeout: .seconds(5))
                    left -= min(left, piece.count)
                    if left == 0 { return false }
                    if chance.chance(5) { await loop.sleep(for: .milliseconds(1)) }
                }
            }
            try await target.finish()
            return true
        } catch {
            return false
        }
    }
}
