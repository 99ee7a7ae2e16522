/// How a newly started server takes the listening sockets over from the running one, so that no client is ever refused.
///
/// The new process connects to a Unix socket of the old one and says so. The old one sends its listening sockets and waits for "ready": a successor
/// that ends before it has said so changes nothing. Then the old one ends its sessions in an orderly way and goes; until then connections wait in the sockets' queues. When the old one is gone its end of the Unix socket closes, and the new one
/// may open what only one process can have.
import CLinux
import Glibc

/// The side of the running server: waits on a thread of its own for a successor.
package final class TakeoverPoint: Sendable {
    private static let request = "phrd takeover 1\n"
    private static let ready = "ready\n"
    private let path: String
    private let descriptor: Int32

    /// Listens at a path; the old file there is replaced.
    package init(path: String) throws {
        self.path = path
        descriptor = try UnixSocket.listen(at: path)
    }

    /// Hands the sockets to the first process of the same user that asks and is ready for them, and then calls `onTaken`, once.
    package func start(_ sockets: [InheritedSocket], onTaken: @escaping @Sendable () -> Void) throws {
        try startThread(name: "phrd-takeover") { [self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    return
                }
                // The connection stays open as long as this process lives: its end is the sign for the successor.
                if hand(sockets, over: connection) { return onTaken() }
                Glibc.close(connection)
            }
        }
    }

    private func hand(_ sockets: [InheritedSocket], over connection: Int32) -> Bool {
        guard UnixSocket.isOwnUser(connection), sockets.count <= 64 else { return false }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        unsafe setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard let (text, strays) = try? UnixSocket.receive(over: connection) else { return false }
        for stray in strays { Glibc.close(stray) }
        guard text == Self.request else { return false }
        let names = sockets.map(\.name).joined(separator: "\n")
        guard (try? UnixSocket.send(names + "\n", descriptors: sockets.map(\.descriptor), over: connection)) != nil,
            let (answer, others) = try? UnixSocket.receive(over: connection)
        else { return false }
        for stray in others { Glibc.close(stray) }
        return answer == Self.ready
    }

    /// Nobody can take over any more.
    package func close() {
        shutdown(descriptor, Int32(SHUT_RDWR))  // ends a waiting accept
        Glibc.close(descriptor)
    }

    /// The side of the successor: asks the server at the path for its listening sockets and waits until it is gone.
    /// - Parameter limit: for the old server's last sessions.
    package static func take(from path: String, within limit: Duration) throws -> [InheritedSocket] {
        let connection = try UnixSocket.connect(to: path, type: SOCK_STREAM)
        defer { Glibc.close(connection) }
        try UnixSocket.send(request, descriptors: [], over: connection)
        let (text, descriptors) = try UnixSocket.receive(over: connection)
        let names = text.split(separator: "\n").map(String.init)
        guard !descriptors.isEmpty, names.count == descriptors.count else {
            for descriptor in descriptors { Glibc.close(descriptor) }
            throw TransportError.badAddress("the server at \(path) handed no sockets over")
        }
        do {
            try UnixSocket.send(ready, descriptors: [], over: connection)
        } catch {
            for descriptor in descriptors { Glibc.close(descriptor) }
            throw error
        }
        var end = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(clamping: limit.clampedNanoseconds / 1_000_000)
        guard try checked("poll", { unsafe poll(&end, 1, milliseconds) }) == 1 else {
            for descriptor in descriptors { Glibc.close(descriptor) }
            throw TransportError.timedOut("waiting for the old server to end")
        }
        return zip(names, descriptors).map { InheritedSocket(name: $0, descriptor: $1) }
    }
}
