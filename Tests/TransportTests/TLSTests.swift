import Foundation
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)))
struct TLSTests {
    /// Makes a handshake over a fresh connection.
    private func handshake(
        on loop: EventLoop, _ server: TLSContext, _ client: TLSContext, binding: [UInt8]?, resuming: TLSSession? = nil, name: String = "localhost"
    ) async throws -> ConnectionPair {
        let pair = try await ConnectionPair.make(on: loop)
        do {
            async let accepted: Void = pair.server.startTLS(server, role: .server(bindingID: binding), timeout: .seconds(5))
            try await pair.client.startTLS(client, role: .client(name: name, resuming: resuming), timeout: .seconds(5))
            try await accepted
        } catch {
            pair.close()
            throw error
        }
        return pair
    }

    /// Sends one byte each way, so that tickets arrive.
    private func exchange(_ pair: ConnectionPair) async throws {
        try await pair.server.write([1], timeout: .seconds(5))
        #expect(try await pair.client.readAll(upTo: 1) == [1])
        try await pair.client.write([2], timeout: .seconds(5))
        #expect(try await pair.server.readAll(upTo: 1) == [2])
    }

    @Test func dataConnectionProvesItsControlConnection() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        try await onLoop { loop in
            let server = try TLSContext.server(certificateChain: certificate.certificate, privateKey: certificate.key)
            let client = try TLSContext.client(trust: .certificateAuthority(path: certificate.certificate))
            let control = try await handshake(on: loop, server, client, binding: Array(repeating: 7, count: 32))
            defer { control.close() }
            control.server.tls?.issueTicket()
            try await exchange(control)
            let data = try await handshake(on: loop, server, client, binding: nil, resuming: control.client.tls?.session)
            defer { data.close() }
            #expect(data.server.tls?.isResumed == true)
            #expect(data.server.tls?.resumedBindingID == Array(repeating: 7, count: 32))
            let fresh = try await handshake(on: loop, server, client, binding: nil)
            defer { fresh.close() }
            #expect(fresh.server.tls?.resumedBindingID == nil)
        }
    }

    @Test func closeNotifyIsTheOnlyProperEnd() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        try await onLoop { loop in
            let server = try TLSContext.server(certificateChain: certificate.certificate, privateKey: certificate.key)
            let client = try TLSContext.client(trust: .certificateAuthority(path: certificate.certificate))
            let proper = try await handshake(on: loop, server, client, binding: nil)
            try await proper.client.write([1, 2, 3], timeout: .seconds(5))
            try await proper.client.finish()
            #expect(try await proper.server.readAll(upTo: 10) == [1, 2, 3])
            proper.close()
            let cut = try await handshake(on: loop, server, client, binding: nil)
            try await cut.client.write([1, 2, 3], timeout: .seconds(5))
            #expect(try await cut.server.readAll(upTo: 3) == [1, 2, 3])
            cut.client.close()
            await #expect(throws: TransportError.truncated) { try await cut.server.readAll(upTo: 1) }
            cut.close()
        }
    }

    @Test func clientRefusesAnotherCertificateOrName() async throws {
        let certificate = try TestCertificate()
        let other = try TestCertificate()
        defer {
            certificate.remove()
            other.remove()
        }
        try await onLoop { loop in
            let server = try TLSContext.server(certificateChain: certificate.certificate, privateKey: certificate.key)
            let fingerprint = try #require(server.certificate?.sha256)
            for (trust, name, isTrusted) in [
                (TLSTrust.certificateAuthority(path: certificate.certificate), "localhost", true),
                (.certificateAuthority(path: certificate.certificate), "127.0.0.1", true),
                (.certificateAuthority(path: certificate.certificate), "example.org", false),
                (.certificateAuthority(path: other.certificate), "localhost", false),
                (.pinned(sha256: fingerprint), "anything.example", true),
                (.pinned(sha256: Array(repeating: 0, count: 32)), "localhost", false),
            ] {
                let client = try TLSContext.client(trust: trust)
                do {
                    let pair = try await handshake(on: loop, server, client, binding: nil, name: name)
                    pair.close()
                    #expect(isTrusted, "\(trust) \(name)")
                } catch TransportError.untrusted {
                    #expect(!isTrusted, "\(trust) \(name)")
                }
            }
        }
    }

    @Test func mismatchedKeyIsRefusedAtOnce() throws {
        let certificate = try TestCertificate()
        let other = try TestCertificate()
        defer {
            certificate.remove()
            other.remove()
        }
        #expect(throws: TransportError.self) { try TLSContext.server(certificateChain: certificate.certificate, privateKey: other.key) }
    }
}
