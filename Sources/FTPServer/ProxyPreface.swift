/// Reads the PROXY header that a trusted load balancer puts before a connection, and goes by the client's address from then on.
import FTPProtocol
import Transport

enum ProxyPreface {
    /// Replaces the connection's addresses by those in the header. Nothing behind the header is read.
    /// - Throws: `ProxyHeaderError`, or what reading throws; the connection must be closed then.
    static func read(from connection: Connection, timeout: Duration) async throws {
        let prefix = try await bytes(ProxyHeader.prefixByteCount, from: connection, timeout: timeout)
        let body = try await bytes(try ProxyHeader.bodyByteCount(of: prefix), from: connection, timeout: timeout)
        guard let (source, destination) = try ProxyHeader(prefix: prefix, body: body).addresses else { return }
        guard let peer = SocketAddress(bytes: source.bytes, port: source.port),
            let local = SocketAddress(bytes: destination.bytes, port: destination.port)
        else { throw ProxyHeaderError.malformed }
        connection.standFor(peer: peer, local: local)
    }

    private static func bytes(_ count: Int, from connection: Connection, timeout: Duration) async throws -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 1)
        defer { unsafe buffer.deallocate() }
        let deadline = ContinuousClock.now + timeout
        var filled = 0
        while filled < count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<count])
            let got = try await unsafe connection.read(into: rest, timeout: max(.milliseconds(1), deadline - .now))
            guard got > 0 else { throw TransportError.truncated }
            filled += got
        }
        return unsafe Array(buffer[..<count])
    }
}
