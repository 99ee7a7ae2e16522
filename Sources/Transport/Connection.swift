/// One TCP connection on one event loop, in clear or under TLS: awaitable reads and writes with time limits.
///
/// Invariants
/// 1. Everything is called on the connection's loop; at most one task reads and one writes at a time.
/// 2. Under TLS, `read` returns 0 only after the peer's close_notify; a bare FIN is `.truncated`.
/// 3. After `close()` no call touches the descriptor or the TLS object; waiting calls end with `.closed`.
import CLinux
private import COpenSSL
import Glibc

// Sendable by invariant 1: tasks that share a connection run on its loop.
package final class Connection: @unchecked Sendable {
    /// The client or server at the other end, also when a proxy stands between.
    package private(set) var peerAddress: SocketAddress
    /// The address that the peer sees.
    package private(set) var localAddress: SocketAddress
    /// The socket's own address on this machine.
    package let socketAddress: SocketAddress
    package let loop: EventLoop
    let descriptor: Int32
    let watch: Watch
    /// The TLS state, once `startTLS` succeeded.
    package private(set) var tls: TLSConnection?
    package private(set) var isClosed = false
    var readIsInterrupted = false
    /// Acknowledge at once whatever comes: peers that leave Nagle on otherwise wait for our delayed ACK (44 ms an upload). The kernel's
    /// option does not stick, so it is renewed before each wait.
    package var acknowledgesQuickly = false

    /// Takes a connection that a listener accepted. Must be called on `loop`; closes the socket if it fails.
    package init(accepted socket: consuming AcceptedSocket, loop: EventLoop) throws {
        let descriptor = socket.take()
        do {
            guard let peer = Socket.peerAddress(descriptor), let local = Socket.localAddress(descriptor) else {
                throw TransportError.disconnected("the peer went away")
            }
            peerAddress = peer
            localAddress = local
            socketAddress = local
            watch = try loop.register(descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.loop = loop
        Socket.hurry(descriptor)
        Socket.keepAlive(descriptor)
    }

    private init(connected descriptor: Int32, watch: Watch, peer: SocketAddress, loop: EventLoop) {
        self.descriptor = descriptor
        self.watch = watch
        peerAddress = peer
        let local = Socket.localAddress(descriptor) ?? peer
        localAddress = local
        socketAddress = local
        self.loop = loop
        Socket.hurry(descriptor)
        Socket.keepAlive(descriptor)
    }

    deinit { precondition(isClosed, "a Connection must be closed on its loop") }

    /// Connects to a numeric address. Must be called on `loop`.
    /// - Parameter source: a local address to bind first; its port may be 0.
    package static func connect(
        to address: SocketAddress, from source: SocketAddress? = nil, loop: EventLoop, timeout: Duration
    ) async throws -> Connection {
        let descriptor = try Socket.open(address.family)
        let watch: Watch
        do {
            if let source {
                Socket.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
                try checked("bind") { unsafe source.withSocketAddress { unsafe bind(descriptor, $0, $1) } }
            }
            watch = try loop.register(descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        do {
            watch.writing.isReady = false
            let result = unsafe address.withSocketAddress { unsafe Glibc.connect(descriptor, $0, $1) }
            if result != 0 {
                guard errno == EINPROGRESS else { throw TransportError.disconnected("cannot connect to \(address): \(systemMessage(errno))") }
                guard await loop.wait(watch.writing, until: monotonicNanoseconds() &+ timeout.clampedNanoseconds) == .ready else {
                    throw TransportError.timedOut("connecting to \(address)")
                }
                let code = Socket.pendingError(descriptor)
                guard code == 0 else { throw TransportError.disconnected("cannot connect to \(address): \(systemMessage(code))") }
            }
        } catch {
            loop.unregister(descriptor)
            Glibc.close(descriptor)
            throw error
        }
        return Connection(connected: descriptor, watch: watch, peer: address, loop: loop)
    }

    /// The socket's peer is a proxy: from now on the connection goes by the addresses of the one it stands for.
    package func standFor(peer: SocketAddress, local: SocketAddress) {
        peerAddress = peer
        localAddress = local
    }

    // MARK: TLS

    /// Makes the TLS handshake over the connection.
    /// - Parameter role: server, or client with the name to check and the session to resume.
    package func startTLS(_ context: TLSContext, role: TLSRole, timeout: Duration) async throws {
        guard !isClosed else { throw TransportError.closed }
        let tls = try TLSConnection(context, role: role, descriptor: descriptor)
        let deadline = monotonicNanoseconds() &+ timeout.clampedNanoseconds
        while true {
            clearReadiness()
            switch tls.handshake() {
            case .done:
                self.tls = tls
                return
            case let want: try await wait(for: want, until: deadline, what: "TLS handshake")
            }
        }
    }

    // MARK: Reading and writing

    /// Reads what is there, at most the buffer's size.
    /// - Returns: the count; 0 at the proper end of the stream.
    package func read(into buffer: UnsafeMutableRawBufferPointer, timeout: Duration? = nil) async throws -> Int {
        try await unsafe read(into: buffer, timeout: timeout, by: tls)
    }

    /// - Parameter tls: nil reads the socket's own bytes.
    private func read(into buffer: UnsafeMutableRawBufferPointer, timeout: Duration?, by tls: TLSConnection?) async throws -> Int {
        let deadline = timeout.map { monotonicNanoseconds() &+ $0.clampedNanoseconds }
        while true {
            guard !isClosed else { throw TransportError.closed }
            if readIsInterrupted {
                readIsInterrupted = false
                throw TransportError.interrupted
            }
            clearReadiness()
            let outcome = if let tls { unsafe tls.read(into: buffer) } else { unsafe receive(into: buffer) }
            switch outcome {
            case .done(let count): return count
            case let want: try await wait(for: want, until: deadline, what: "reading")
            }
        }
    }

    /// Writes all bytes. The time limit is for each wait, not for the whole: slow is allowed, stalled is not.
    package func write(_ bytes: UnsafeRawBufferPointer, timeout: Duration? = nil) async throws {
        var rest = unsafe bytes
        while unsafe !rest.isEmpty {
            guard !isClosed else { throw TransportError.closed }
            clearReadiness()
            let outcome = if let tls { unsafe tls.write(rest) } else { unsafe send(rest) }
            switch outcome {
            case .done(let count): unsafe rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case let want: try await wait(for: want, until: timeout.map { monotonicNanoseconds() &+ $0.clampedNanoseconds }, what: "writing")
            }
        }
    }

    package func write(_ bytes: [UInt8], timeout: Duration? = nil) async throws {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { unsafe copy.deallocate() }
        unsafe copy.copyBytes(from: bytes)
        try await unsafe write(UnsafeRawBufferPointer(copy), timeout: timeout)
    }

    /// Says that nothing more will be written: close_notify under TLS, then FIN.
    package func finish(timeout: Duration = .seconds(10)) async throws {
        guard !isClosed else { throw TransportError.closed }
        if let tls {
            let deadline = monotonicNanoseconds() &+ timeout.clampedNanoseconds
            while true {
                clearReadiness()
                let outcome = tls.sendCloseNotify()
                if case .done = outcome { break }
                try await wait(for: outcome, until: deadline, what: "closing TLS")
            }
        }
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads and drops what still comes until the peer closes, so that closing does not reset what the peer has yet to read.
    /// - Parameter timeout: for the whole: a peer that goes on sending does not put the end off.
    package func drain(timeout: Duration, limit: Int = 1 << 20) async {
        let deadline = ContinuousClock.now + timeout
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 1)
        defer { unsafe buffer.deallocate() }
        var total = 0
        var tls = self.tls
        while total < limit, case let left = deadline - .now, left > .zero {
            if let count = try? await unsafe read(into: buffer, timeout: left, by: tls) {
                guard count > 0 else { return }
                total += count
            } else {
                // TLS may fail where the connection does not: it answers a key update after its own end. The bytes still must be taken.
                guard tls != nil, !isClosed else { return }
                tls = nil
            }
        }
    }

    /// Makes the waiting or the next `read` end with `.interrupted`; nothing is lost.
    package func interruptRead() {
        guard !isClosed else { return }
        readIsInterrupted = true
        if watch.reading.isWaiting { watch.reading.end(.ready) }
    }

    /// Forgets an interruption that no read has seen.
    package func clearInterruption() { readIsInterrupted = false }

    /// Closes the socket. Waiting calls end with `.closed`.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.unregister(descriptor)
        tls?.free()
        tls = nil
        Glibc.close(descriptor)
    }

    // MARK: Private

    private func clearReadiness() {
        watch.reading.isReady = false
        watch.writing.isReady = false
    }

    func wait(for outcome: IOOutcome, until deadline: UInt64?, what: String) async throws {
        let point: WaitPoint
        switch outcome {
        case .done: return
        case .wantsRead:
            if acknowledgesQuickly { Socket.setOption(descriptor, Int32(IPPROTO_TCP), TCP_QUICKACK, 1) }
            point = watch.reading
        case .wantsWrite: point = watch.writing
        case .failed(let error): throw error
        }
        switch await loop.wait(point, until: deadline) {
        case .ready, .interrupted: return
        case .timedOut: throw TransportError.timedOut(what)
        case .closed: throw TransportError.closed
        }
    }

    private func receive(into buffer: UnsafeMutableRawBufferPointer) -> IOOutcome {
        plain {
            unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
        } whenBlocked: {
            .wantsRead
        }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) -> IOOutcome {
        plain {
            unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        } whenBlocked: {
            .wantsWrite
        }
    }

    private func plain(_ call: () -> Int, whenBlocked: () -> IOOutcome) -> IOOutcome {
        while true {
            let count = call()
            if count >= 0 { return .done(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return whenBlocked()
            case let code: return .failed(.disconnected("the connection was lost: \(systemMessage(code))"))
            }
        }
    }
}

/// What one non-blocking step of a socket or of TLS came to.
enum IOOutcome {
    case done(Int)
    case wantsRead
    case wantsWrite
    case failed(TransportError)
}
