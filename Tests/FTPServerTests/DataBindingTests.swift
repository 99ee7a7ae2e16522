import FTPProtocol
import FTPServer
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)), .serialized)
struct DataBindingTests {
    /// Uploads over a data connection that resumes or not; the final code, and its text.
    private func store(_ client: RawClient, resuming: Bool, offer: RawClient? = nil) async throws -> (code: Int, text: String) {
        let data = try await client.openData(resuming: resuming, offer: offer)
        defer { data.close() }
        guard try await client.command("STOR /f") == 150 else { return (0, "") }
        try await client.secure(data)
        try? await data.write([1], timeout: .seconds(5))
        try? await data.finish()
        let reply = try await client.reply()
        return (reply?.code ?? 0, reply?.text ?? "")
    }

    @Test func aClientThatHasResumedOnceMustGoOnResuming() async throws {
        try await ServerUnderTest.with { _, client in
            try await client.logIn(as: "address")
            let codes = [
                try await store(client, resuming: false).code, try await store(client, resuming: true).code,
                try await store(client, resuming: false).code, try await store(client, resuming: true).code,
            ]
            #expect(codes == [226, 226, 522, 226])
        }
    }

    @Test func aListenerMayDemandMoreThanTheAccount() async throws {
        for (level, expected) in [(DataBinding.session, 522), (.principal, 522), (.address, 226)] {
            try await ServerUnderTest.with({ $0.listeners[0].dataBinding = level }) { _, client in
                try await client.logIn(as: "address")
                #expect(try await store(client, resuming: false).code == expected, "\(level)")
            }
        }
        // It takes nothing away from what the account demands.
        try await ServerUnderTest.with({ $0.listeners[0].dataBinding = .address }) { _, client in
            try await client.logIn(as: "principal")
            #expect(try await store(client, resuming: false).code == 522)
        }
    }

    @Test func aReloadChangesWhatAListenerDemandsOfNewSessions() async throws {
        try await ServerUnderTest.with { server, client in
            try await client.logIn(as: "address")
            var settings = ServerSettings()
            settings.listeners = [ListenerSettings(SocketAddress(numeric: "127.0.0.1", port: 0)!, dataBinding: .principal)]
            let context = try TLSContext.server(certificateChain: server.folder + "/cert.pem", privateKey: server.folder + "/key.pem")
            server.server.reload(settings: settings, context: context)
            #expect(try await store(client, resuming: false).code == 226)
            let later = try await RawClient(server)
            defer { later.close() }
            try await later.logIn(as: "address")
            #expect(try await store(later, resuming: false).code == 522)
        }
    }

    @Test func levelsTakeSessionsOfOtherConnectionsOrNot() async throws {
        for (user, expected) in [("session", 425), ("principal", 226)] {
            try await ServerUnderTest.with({ $0.dataConnectTimeout = .milliseconds(500) }) { server, client in
                try await client.logIn(as: user)
                let other = try await RawClient(server, context: client.ownContext)
                defer { other.close() }
                try await other.logIn(as: user)
                _ = try await other.command("EPSV")
                #expect(try await store(client, resuming: true, offer: other).code == expected, "\(user)")
            }
        }
    }

    @Test(arguments: [
        ("WinSCP release 6.3.4", "Reuse TLS session ID"), ("LFTP 4.9.2", "ftp:ssl-copy-sid"), ("SomethingElse", "TLS session reuse"),
    ])
    func theRefusalNamesTheClientsSwitch(_ name: String, _ expected: String) async throws {
        try await ServerUnderTest.with { _, client in
            try await client.logIn()
            #expect(try await client.command("CLNT \(name)") == 200)
            let (code, text) = try await store(client, resuming: false)
            #expect(code == 522 && text.contains(expected), "\(text)")
        }
    }

    // MARK: Where data connections go

    @Test func activeModeIsForNamedPartnersOnly() async throws {
        try await ServerUnderTest.with { _, client in
            try await client.logIn()
            try await client.send(Array("PORT 127,0,0,1,200,1\r\n".utf8))
            let reply = try await client.reply()
            #expect(reply?.code == 502 && reply?.text.contains("EPSV") == true)
            #expect(try await client.command("EPRT |1|127.0.0.1|5000|") == 502)
        }
        try await ServerUnderTest.with({ $0.activeNetworks = [NetworkPrefix("127.0.0.0/8")!] }) { _, client in
            try await client.logIn()
            let codes = [
                try await client.command("PORT 127,0,0,1,200,1"), try await client.command("PORT 127,0,0,2,200,1"),
                try await client.command("EPRT |1|127.0.0.2|5000|"), try await client.command("EPRT |2|::1|5000|"),
                try await client.command("PORT 127,0,0,1,0,22"),
            ]
            #expect(codes == [200, 504, 504, 504, 504])
        }
    }

    @Test func passiveRepliesTellTheAddressForTheClientsNetwork() async throws {
        let announced = [("127.0.0.0/8", "10,1,2,3"), ("127.0.0.1/32", "10,9,9,9"), ("192.0.2.0/24", "127,0,0,1")]
        for (networks, expected) in [(["127.0.0.0/8"], "10,1,2,3"), (["127.0.0.0/8", "127.0.0.1/32"], "10,9,9,9"), (["192.0.2.0/24"], "127,0,0,1")] {
            try await ServerUnderTest.with({ settings in
                settings.publicAddresses = networks.map { network in
                    let text = announced.first { $0.0 == network }!.1
                    return PublicAddress(network: NetworkPrefix(network)!, address: text.split(separator: ",").map { UInt8($0)! })
                }
            }) { _, client in
                try await client.logIn()
                try await client.send(Array("PASV\r\n".utf8))
                let text = try await client.reply()?.text ?? ""
                #expect(text.contains("(\(expected),"), "\(text)")
            }
        }
    }

    @Test func sessionsShareTheRangeOfPassivePorts() async throws {
        let range: ClosedRange<UInt16> = 24_810...24_813
        try await ServerUnderTest.with({ $0.passivePorts = range }) { server, client in
            try await client.logIn()
            var others: [RawClient] = []
            defer { for other in others { other.close() } }
            var ports: Set<UInt16> = []
            for _ in 0..<3 {
                let other = try await RawClient(server)
                others.append(other)
                try await other.logIn()
                try await other.send(Array("EPSV\r\n".utf8))
                ports.insert(try DataAddress.parse229(try await other.reply()?.text ?? ""))
            }
            #expect(try await store(client, resuming: true).code == 226)
            #expect(try await client.command("EPSV") == 229)
            #expect(ports.count == 3 && ports.allSatisfy(range.contains))
            let last = try await RawClient(server)
            others.append(last)
            try await last.logIn()
            #expect(try await last.command("EPSV") == 425)
        }
    }
}
