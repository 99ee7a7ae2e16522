// A logged-in session with a server: the commands that need no data connection.

internal import BlockMode
package import FTPProtocol
package import Transport

/// An FTPS session. Used by one task at a time, which runs on the loop that it was opened on.
package final class FTPSession {
    let control: ControlConnection
    let loop: EventLoop
    package private(set) var features = Features()
    /// EPSV was refused once: PASV from now on.
    var usesPASV = false
    /// Files follow one another over one data connection (MODE B), and commands need not wait for replies.
    package private(set) var isPipelining = false
    /// The data connection that is open between transfers while pipelining.
    var openBlocks: BlockStream?

    private init(control: ControlConnection, loop: EventLoop) {
        self.control = control
        self.loop = loop
    }

    /// Opens a session under TLS, without a login yet, lends it to `body`, and closes it in every case.
    package static func withConnection<R>(
        to endpoint: ServerEndpoint, timeouts: ClientTimeouts = ClientTimeouts(), loop: EventLoop, pool: BlockingPool,
        _ body: (FTPSession) async throws -> R
    ) async throws -> R {
        let control = try await ControlConnection.open(endpoint, timeouts: timeouts, loop: loop, pool: pool)
        let session = FTPSession(control: control, loop: loop)
        defer { session.end() }
        return try await body(session)
    }

    /// SHA-256 of the server's certificate, for pinning it.
    package var certificateDigest: [UInt8]? { control.certificate.map(TLSContext.sha256) }
    /// `TLSv1.3` or `TLSv1.2`.
    package var tlsVersion: String { control.tlsVersion }

    // MARK: Login

    /// Logs in, protects the data connections and asks for the server's features.
    ///
    /// - Throws: `FTPClientError.loginRefused` with the server's words.
    package func logIn(user: String, password: [UInt8]) async throws {
        var reply = try await control.command("USER", user)
        if reply.code == 331 {
            try await control.send(password: password)
            reply = try await control.reply(within: control.timeouts.reply)
        }
        guard reply.isCompletion else { throw FTPClientError.loginRefused(reply) }
        try await control.complete("PBSZ", "0")
        try await control.complete("PROT", "P")
        let told = try await control.command("FEAT")
        features = told.code == 211 ? Features(reply: told) : Features()
        if features.contains("UTF8") { _ = try await control.command("OPTS", "UTF8 ON") }
        try await control.complete("TYPE", "I")
        if features.contains("MODE", "B"), features.contains("MODE", "PIPELINE") { try await beginPipelining() }
    }

    /// Block mode is used with servers alone that take pipelined commands: then it saves about four round trips a file.
    private func beginPipelining() async throws {
        guard try await control.command("MODE", "B").isCompletion else { return }
        isPipelining = try await control.command("OPTS", "MODE B PIPELINE").isCompletion
        if !isPipelining { try await control.complete("MODE", "S") }
    }

    /// Ends both connections.
    func end() {
        closeBlocks()
        control.end()
    }

    func closeBlocks() {
        openBlocks?.connection.close()
        openBlocks = nil
    }

    /// Says good-bye. A server that does not answer does not matter.
    package func quit() async {
        _ = try? await control.command("QUIT", nil, within: .seconds(5))
        end()
    }

    // MARK: Files and folders

    package func workingDirectory() async throws -> VirtualPath {
        let reply = try await control.complete("PWD")
        do {
            return try VirtualPath.parse(quoted: reply.text)
        } catch {
            throw FTPClientError.unexpected("\(reply)")
        }
    }

    /// Size in bytes, or `nil` when there is no such file.
    package func size(_ path: VirtualPath) async throws -> UInt64? {
        guard let reply = try await unlessMissing("SIZE", path) else { return nil }
        guard let size = StrictDecimal.parse(reply.text) else { throw FTPClientError.unexpected("\(reply)") }
        return size
    }

    /// Time of the last change, or `nil` when there is no such file.
    package func modificationTime(_ path: VirtualPath) async throws -> FTPTimestamp? {
        guard let reply = try await unlessMissing("MDTM", path) else { return nil }
        guard let time = FTPTimestamp(reply.text) else { throw FTPClientError.unexpected("\(reply)") }
        return time
    }

    package func setModificationTime(_ time: FTPTimestamp, of path: VirtualPath) async throws {
        try await control.complete("MFMT", "\(time) \(path)")
    }

    /// The facts of one file or folder, or `nil` when there is none.
    package func entry(_ path: VirtualPath) async throws -> ListingEntry? {
        guard let reply = try await unlessMissing("MLST", path) else { return nil }
        guard reply.lines.count == 3 else { throw FTPClientError.unexpected("\(reply)") }
        do {
            return try ListingEntry.parse(machineLine: reply.lines[1])
        } catch {
            throw FTPClientError.malformedListing("\(error)")
        }
    }

    package func delete(_ path: VirtualPath) async throws {
        try await control.complete("DELE", path.description)
    }

    package func makeDirectory(_ path: VirtualPath) async throws {
        try await control.complete("MKD", path.description)
    }

    package func removeDirectory(_ path: VirtualPath) async throws {
        try await control.complete("RMD", path.description)
    }

    package func rename(_ old: VirtualPath, to new: VirtualPath) async throws {
        let reply = try await control.command("RNFR", old.description)
        guard reply.code == 350 else { throw FTPClientError.refused(command: "RNFR", reply) }
        try await control.complete("RNTO", new.description)
    }

    package func keepAlive() async throws {
        try await control.complete("NOOP")
    }

    /// Sends a command that gives facts; 550 means that the name is not there.
    private func unlessMissing(_ verb: String, _ path: VirtualPath) async throws -> Reply? {
        let reply = try await control.command(verb, path.description)
        if reply.code == 550 { return nil }
        guard reply.isCompletion else { throw FTPClientError.refused(command: verb, reply) }
        return reply
    }
}
