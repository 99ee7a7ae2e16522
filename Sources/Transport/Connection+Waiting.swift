/// What a connection can tell about bytes that have come without reading them.
import Glibc

extension Connection {
    /// Whether the socket holds bytes that nobody has read. In clear only.
    package var hasUnreadBytes: Bool {
        var byte: UInt8 = 0
        return unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) > 0
    }

    /// Waits until there is something to read, if only the end; reads nothing. In clear only.
    package func waitForBytes() async throws {
        while true {
            guard !isClosed else { throw TransportError.closed }
            watch.reading.isReady = false
            var byte: UInt8 = 0
            if unsafe recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) >= 0 || errno != EAGAIN { return }
            try await wait(for: .wantsRead, until: nil, what: "waiting")
        }
    }

    /// Waits without reading until the peer has closed its side or reset the connection, which is thrown, whatever waits to be read before.
    package func waitForEnd() async throws -> Never {
        while true {
            guard !isClosed else { throw TransportError.closed }
            if readIsInterrupted {
                readIsInterrupted = false
                throw TransportError.interrupted
            }
            watch.reading.isReady = false
            guard !Socket.hasEnded(descriptor) else { throw TransportError.disconnected("the peer has closed the connection") }
            try await wait(for: .wantsRead, until: nil, what: "waiting")
        }
    }
}
