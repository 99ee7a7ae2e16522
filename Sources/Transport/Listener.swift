/// A listening TCP socket on one event loop.
import CLinux
import Glibc

// Sendable: its state is confined to its loop, like every watch.
package final class Listener: @unchecked Sendable {
    package let address: SocketAddress
    private let loop: EventLoop
    private let descriptor: Int32
    private let watch: Watch
    private var isClosed = false

    /// Binds and listens. Must be called on `loop`.
    package init(_ address: SocketAddress, loop: EventLoop, backlog: Int32 = 512) throws {
        self.loop = loop
        let descriptor = try Socket.open(address.family)
        do {
            Socket.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
            if address.family == .ipv6 { Socket.setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
            try checked("bind") { unsafe address.withSocketAddress { unsafe bind(descriptor, $0, $1) } }
            try checked("listen") { listen(descriptor, backlog) }
            self.address = Socket.localAddress(descriptor) ?? address
            watch = try loop.register(descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// Takes over a socket that another process has bound and made listen; closes it if that is not so. Must be called on `loop`.
    package init(adopting socket: InheritedSocket, loop: EventLoop) throws {
        self.loop = loop
        let descriptor = socket.descriptor
        do {
            guard let address = Socket.localAddress(descriptor), Socket.isListening(descriptor) else {
                throw TransportError.badAddress("socket \(socket.name), inherited as descriptor \(descriptor), is not a listening TCP socket")
            }
            self.address = address
            Socket.setFlags(descriptor)
            watch = try loop.register(descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    /// The descriptor, to be handed to another process; the listener stays as it is.
    package var socket: InheritedSocket { InheritedSocket(name: "", descriptor: descriptor) }

    /// The descriptor of the next connection; the caller makes a `Connection` of it at once.
    package func accept(timeout: Duration? = nil) async throws -> AcceptedSocket {
        let deadline = timeout.map { monotonicNanoseconds() &+ $0.clampedNanoseconds }
        while true {
            if isClosed { throw TransportError.closed }
            watch.reading.isReady = false
            let accepted = accept4(descriptor, nil, nil, Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            if accepted >= 0 { return AcceptedSocket(descriptor: accepted) }
            switch errno {
            case EAGAIN:
                switch await loop.wait(watch.reading, until: deadline) {
                case .ready: continue
                case .timedOut: throw TransportError.timedOut("waiting for a connection")
                case .interrupted: throw TransportError.interrupted
                case .closed: throw TransportError.closed
                }
            case EINTR, ECONNABORTED, EPROTO:
                continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                await loop.sleep(for: .milliseconds(100))  // out of descriptors: let sessions end
            case let code:
                throw TransportError.system(call: "accept", code: code)
            }
        }
    }

    /// Makes a waiting `accept` end with `.interrupted`. Must be called on the loop.
    package func interruptAccept() {
        if watch.reading.isWaiting { watch.reading.end(.interrupted) }
    }

    /// Closes the socket; a waiting `accept` ends with `.closed`. Must be called on the loop.
    package func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.unregister(descriptor)
        Glibc.close(descriptor)
    }

    deinit { precondition(isClosed, "a Listener must be closed on its loop") }
}

/// A listening socket that comes from another process: its descriptor, and the name it was given there.
package struct InheritedSocket: Sendable, Equatable {
    package let name: String
    let descriptor: Int32

    init(name: String, descriptor: Int32) {
        self.name = name
        self.descriptor = descriptor
    }

    /// The same socket under another name.
    package func named(_ name: String) -> InheritedSocket { InheritedSocket(name: name, descriptor: descriptor) }
}

/// A connection that was accepted but belongs to no loop yet.
package struct AcceptedSocket: ~Copyable, Sendable {
    let descriptor: Int32

    fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

    /// Hands the descriptor over.
    consuming func take() -> Int32 {
        let descriptor = descriptor
        discard self
        return descriptor
    }

    deinit { Glibc.close(descriptor) }
}
