/// A client that does what chance tells it: commands in any order, data connections that come, go and lie.
import FTPProtocol
import FTPServer
import Synchronization
import Transport

/// Contents that were sent whole: nothing else may appear.
final class SentContents: Sendable {
    private let contents = Mutex<Set<[UInt8]>>([[]])

    func add(_ content: [UInt8]) { contents.withLock { _ = $0.insert(content) } }

    /// Whether a file is one such content, or several of them appended to one another.
    func explains(_ file: [UInt8]) -> Bool {
        contents.withLock { contents in
            var reachable: Set<Int> = [0]
            var queue = [0]
            while let start = queue.popLast() {
                if start == file.count { return true }
                for content in contents where !content.isEmpty && file[start...].starts(with: content) && reachable.insert(start + content.count).inserted {
                    queue.append(start + content.count)
                }
            }
            return false
        }
    }
}

/// Confined to the loop of its test.
final class FuzzClient {
    private static let names = ["a", "b", "c", "d/e", "../f", "", "a b", "-a", "é", "d", "/", "*"]
    private static let numbers = ["1000000", "-1", "9223372036854775807", "9223372036854775808", "x"]
    private static let fixed = [
        "NOOP", "PWD", "STAT", "STAT a", "FEAT", "HELP", "SYST", "ABOR", "PASV", "EPSV", "EPSV ALL", "CDUP", "AUTH TLS", "PBSZ 0", "PROT P", "PROT C",
        "CCC", "TYPE I", "TYPE A", "MODE S", "MODE B", "MODE Z", "STRU F", "OPTS MODE B PIPELINE", "OPTS MODE B", "OPTS UTF8 ON", "REIN", "USER principal",
        "PASS right", "PASS wrong", "PORT 127,0,0,1,200,1", "EPRT |1|127.0.0.1|50000|", "SITE HELP", "ACCT", "XYZZY", "HOST localhost", "AVBL", "CSID",
        "LANG EN", "LIST", "NLST", "MLSD",
    ]
    private static let onNames = [
        "CWD", "MKD", "RMD", "RMDA", "DELE", "RNFR", "RNTO", "SIZE", "MDTM", "MLST", "HASH", "XSHA256", "RETR", "STOR", "APPE", "STOU", "LIST", "MLSD",
        "NLST", "STAT", "SITE PROOF", "MFMT 20260101000000", "MFF Modify=20260101000000;", "SITE UTIME 20260101000000",
    ]

    private let client: RawClient
    private let server: ServerUnderTest
    private let sent: SentContents
    private var chance: SeededGenerator
    private var data: Connection?
    private var isSecured = false
    private var isBlockMode = false

    init(_ server: ServerUnderTest, _ client: RawClient, sent: SentContents, seed: UInt64) {
        self.server = server
        self.client = client
        self.sent = sent
        chance = SeededGenerator(seed: seed)
    }

    /// - Returns: whether the server has answered or closed to the end.
    func run(steps: Int) async -> Bool {
        defer { data?.close() }
        do {
            if chance.chance(85) {
                try await client.logIn()
            } else {
                _ = try await client.reply()
                if chance.chance(50) { _ = try await client.command("AUTH TLS"); try await client.startTLS() }
            }
            for _ in 0..<steps { try await step() }
        } catch TransportError.timedOut {
            return false
        } catch {
            // The server may close whenever it has had enough.
        }
        data?.close()
        return await takeLeave()
    }

    private func step() async throws {
        switch Int.random(in: 0..<20, using: &chance) {
        case 0..<5: try await send(chance.pick(Self.fixed))
        case 5..<8: try await send("\(chance.pick(Self.onNames)) \(chance.pick(Self.names))")
        case 8: try await send("\(chance.pick(["REST", "RANG 0", "ALLO"])) \(chance.pick(Self.numbers))")
        case 9: try await client.send(chance.bytes(1...60).filter { $0 != 0x0A } + (chance.chance(80) ? [0x0D, 0x0A] : []))
        case 10: try await client.send([0xFF, chance.pick([0xF4, 0xF2, 0xFB, 0xFD, 0xFF, 0xF0])] + Array(chance.pick(["ABOR\r\n", "NOOP\r\n", ""]).utf8))
        case 11..<13: await connect()
        case 13..<17: await transfer()
        case 17: await misuseData()
        default: await server.loop.sleep(for: .milliseconds(Int.random(in: 0...3, using: &chance)))
        }
    }

    private func send(_ line: String) async throws {
        if line == "MODE B" { isBlockMode = true }
        if line == "MODE S" { isBlockMode = false }
        try await client.send(Array((line + "\r\n").utf8))
    }

    /// Asks for a passive port and reads replies until it comes.
    private func connect() async {
        data?.close()
        data = nil
        isSecured = false
        guard (try? await send("EPSV")) != nil else { return }
        for _ in 0..<200 {
            guard let reply = try? await client.reply() else { return }
            guard reply.code == 229, let port = try? DataAddress.parse229(reply.text) else {
                if reply.code == 530 || reply.code == 521 || reply.code == 421 { return }
                continue
            }
            var address = server.address
            address.port = port
            data = try? await Connection.connect(to: address, loop: server.loop, timeout: .seconds(2))
            return
        }
    }

    private func secure() async -> Bool {
        guard let data else { return false }
        if !isSecured {
            let session = chance.chance(85) ? client.connection.tls?.session : nil
            isSecured = (try? await data.startTLS(client.ownContext, role: .client(name: "localhost", resuming: session), timeout: .seconds(1))) != nil
        }
        return isSecured
    }

    /// An upload or a download, with commands in between, and one of several ends.
    private func transfer() async {
        if data == nil { await connect() }
        guard data != nil else { return }
        let verb = chance.pick(["STOR", "STOR", "STOR", "APPE", "STOU", "RETR", "LIST"])
        guard (try? await send("\(verb) \(chance.pick(["a", "b", "c"]))")) != nil, await secure(), let data else { return }
        guard verb != "RETR", verb != "LIST" else {
            if chance.chance(70) { _ = await data.readToEnd(within: .milliseconds(30)) }
            return close(chance.chance(isBlockMode ? 20 : 100))
        }
        let content = chance.bytes(16...40_000)
        let pieces = isBlockMode ? blocks(content) : chance.split(content)
        let kept = chance.chance(60) ? pieces.count : Int.random(in: 0..<pieces.count, using: &chance)
        // Known before the last byte leaves: the server may be quicker than the return of this call.
        if kept == pieces.count, isBlockMode { sent.add(content) }
        for piece in pieces[..<kept] {
            guard (try? await data.write(piece, timeout: .milliseconds(300))) != nil else { return close(true) }
            if chance.chance(10) { try? await send(chance.pick(Self.fixed + ["NOOP", "STAT", "ABOR"])) }
        }
        // What comes next over this connection would be the rest of the file.
        guard kept == pieces.count else { return close(true) }
        guard !isBlockMode else { return close(chance.chance(20)) }
        if chance.chance(75) {
            sent.add(content)
            try? await data.finish(timeout: .milliseconds(300))
        }
        close(true)
    }

    private func misuseData() async {
        guard let data else { return await connect() }
        try? await data.write(chance.bytes(1...300), timeout: .milliseconds(200))
        close(isSecured || chance.chance(50))
    }

    private func close(_ isWanted: Bool) {
        guard isWanted else { return }
        data?.close()
        data = nil
        isSecured = false
    }

    /// Blocks with marks in between; the last one ends the file. Sent in pieces that heed no block.
    private func blocks(_ content: [UInt8]) -> [[UInt8]] {
        var bytes: [UInt8] = []
        for piece in chance.split(content) {
            if chance.chance(5) { bytes += BlockHeader(.restartMarker, contentByteCount: 4).bytes + Array("mark".utf8) }
            bytes += BlockHeader(chance.chance(10) ? .endOfRecord : [], contentByteCount: piece.count).bytes + piece
        }
        bytes += BlockHeader(.endOfFile, contentByteCount: 0).bytes
        // The end of the file lies within the last piece as a whole.
        return chance.split(Array(bytes.dropLast(3))) + [Array(bytes.suffix(3))]
    }

    /// Ends an unfinished line and says good-bye: whatever went before, the server answers in proper replies and closes.
    private func takeLeave() async -> Bool {
        do {
            try await client.send(Array("\r\nQUIT\r\n".utf8))
            while let reply = try await client.reply() { guard (100...599).contains(reply.code) else { return false } }
            return true
        } catch TransportError.timedOut {
            return false
        } catch is TransportError {
            return true
        } catch {
            return false  // what came is no reply
        }
    }
}
