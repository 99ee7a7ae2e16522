/// A whole site in this process, on a port of its own: what accounts see of it through FTPS is what the tests look at.
import Authentication
import CanonicalEncoding
import Envelope
import Exchange
import FTPClient
import FTPProtocol
import Foundation
import GRDB
import Ledger
import Logging
import RecordStore
import Synchronization
import Testing
import Transport

/// An account with its keys.
struct Person: Sendable {
    let name: String
    let role: Account.Role
    let signer: Signer
    let identity: Identity
    let bundle: KeyBundle

    init(_ name: String, _ role: Account.Role) throws {
        self.name = name
        self.role = role
        signer = .generate()
        identity = try .generateXWing()
        bundle = try KeyBundle(signer: signer, xWingKey: identity.publicKey, created: 1_790_000_000)
    }

    var password: String { "password-of-\(name)" }

    func sign(_ message: [UInt8]) throws -> [UInt8] { try signer.sign(message) }
}

/// One site after the other: each has threads of its own, and its accounts' passwords are hashed on the tests' threads.
@Suite(.serialized, .timeLimit(.minutes(5))) enum SiteTests {}

final class TestSite: Sendable {
    let folder: String
    let configuration: Exchange.Configuration
    let people: [String: Person]
    /// Nil once stopped: the site's files are free then.
    private let server: Mutex<(server: SiteServer, running: Task<Void, Never>)?>
    let port: UInt16
    let metricsPort: UInt16?
    /// Where clients run.
    private let loop: EventLoop
    private let pool: BlockingPool
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// alice is the patient whose inbox stmary and lab push to; bob is a doctor, mallory nobody in particular. All but lab have keys.
    static func start(logger: Logger = TestSite.logger, _ change: (inout Exchange.Configuration) -> Void = { _ in }) async throws -> TestSite {
        let folder = NSTemporaryDirectory() + "phr-exchange-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var configuration = Exchange.Configuration()
        configuration.site.name = "phr.example/test"
        configuration.storage.data = folder + "/data"
        configuration.storage.keys = folder + "/keys"
        configuration.storage.anchor = folder + "/anchor/checkpoint"
        configuration.listen.explicit = ["127.0.0.1:0"]
        (configuration.tls.certificate, configuration.tls.key) = try Certificate.shared.get().paths
        change(&configuration)
        try await Site.create(configuration, logger: logger)
        var people: [String: Person] = [:]
        let folders = try Site.registry(configuration).folders
        // As cheap as passwords may be.
        let cost = try ScryptHash("$scrypt$ln=10,r=8,p=1$\(String(repeating: "A", count: 22))$\(String(repeating: "A", count: 43))").cost
        let accounts = try AccountStore(SiteDatabase.open(path: configuration.storage.data + "/site.sqlite"), hasher: PasswordHasher(cost: cost))
        for (name, role) in [("alice", .patient), ("bob", .doctor), ("mallory", .doctor), ("stmary", .clinic), ("lab", .service)] as [(String, Account.Role)] {
            let person = try Person(name, role)
            try accounts.add(name: name, role: role, password: Password(person.password))
            people[name] = person
        }
        try folders.add(Folder(path: FolderPath("/inbox/alice"), owner: "alice", writers: ["stmary", "lab"]))
        try folders.add(Folder(path: FolderPath("/exchange/lab"), owner: "alice", profile: .gateway, writers: ["stmary"], readers: ["lab"]))
        try folders.add(Folder(path: FolderPath("/exchange/ward"), owner: "bob", profile: .envelope, writers: ["stmary"]))
        let site = try await TestSite(folder, configuration, people, logger)
        for name in ["alice", "bob", "mallory", "stmary"] {
            try await site.session(name) { try await $0.store(VirtualPath(absolute: "/.keys/\(name)"), bytes: site.person(name).bundle.encoded()) }
        }
        return site
    }

    /// The same files, served again.
    func restarted() async throws -> TestSite {
        await stop()
        return try await TestSite(folder, configuration, people, Self.logger)
    }

    private init(_ folder: String, _ configuration: Exchange.Configuration, _ people: [String: Person], _ logger: Logger) async throws {
        self.folder = folder
        self.configuration = configuration
        self.people = people
        let server = try SiteServer(
            try Site(opening: configuration, logger: logger), manager: try ServiceManager(notifySocket: nil), logger: logger)
        port = try #require(await server.bind().explicit.first).port
        metricsPort = server.metricsAddress?.port
        self.server = Mutex((server, Task { await server.run() }))
        loop = try EventLoop.start(name: "test")
        pool = try BlockingPool(threads: 2, name: "test-pool")
    }

    func stop() async {
        guard let (server, running) = server.withLock({ $0.take() }) else { return }
        await server.stop()
        await running.value
        loop.stop()
        pool.stop()
    }

    /// What SIGHUP does, with a changed configuration.
    func reload(_ change: (inout Exchange.Configuration) -> Void) async throws {
        var changed = configuration
        change(&changed)
        let running = try #require(server.withLock { $0?.server })
        await running.reload(changed)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func person(_ name: String) throws -> Person { try #require(people[name]) }

    /// Runs `body` in a session of an account.
    @discardableResult
    func session<R: Sendable>(
        _ name: String, user: String? = nil, password: String? = nil, _ body: @escaping @Sendable (FTPSession) async throws -> R
    ) async throws -> R {
        let trust = TLSTrust.certificateAuthority(path: try Certificate.shared.get().paths.certificate)
        let endpoint = ServerEndpoint(host: "127.0.0.1", port: port, security: .explicit, trust: trust)
        let (user, secret) = (user ?? name, Array((try password ?? person(name).password).utf8))
        return try await Task.detached(executorPreference: loop) { [loop, pool] in
            try await FTPSession.withConnection(to: endpoint, loop: loop, pool: pool) { session in
                try await session.logIn(user: user, password: secret)
                let result = try await body(session)
                await session.quit()
                return result
            }
        }.value
    }
}

/// Runs a test on a site that is gone afterwards.
func withSite(
    logger: Logger = TestSite.logger, _ change: (inout Exchange.Configuration) -> Void = { _ in }, _ body: (TestSite) async throws -> Void
) async throws {
    let site = try await TestSite.start(logger: logger, change)
    do {
        try await body(site)
    } catch {
        await site.stop()
        site.remove()
        throw error
    }
    await site.stop()
    site.remove()
}

extension TestSite {
    /// Stores bytes as an account; the reply.
    @discardableResult
    func store(_ bytes: [UInt8], at path: String, as name: String) async throws -> String {
        try await session(name) { try await $0.store(VirtualPath(absolute: path), bytes: bytes).text }
    }

    /// What an account reads, nil if it is not there.
    func retrieve(_ path: String, as name: String) async throws -> [UInt8]? {
        try await session(name) { try await $0.retrieveAll(VirtualPath(absolute: path), limit: 1 << 24) }
    }

    func text(_ path: String, as name: String) async throws -> String {
        String(decoding: try #require(try await retrieve(path, as: name), "\(path) is not there for \(name)"), as: UTF8.self)
    }

    func delete(_ path: String, as name: String) async throws {
        try await session(name) { try await $0.delete(VirtualPath(absolute: path)) }
    }

    func list(_ path: String, as name: String) async throws -> [String] {
        try await session(name) { try await $0.list(VirtualPath(absolute: path)).map(\.name).sorted() }
    }

    /// The reply with which something is refused; nil if it is not.
    func refusal(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch let error as FTPClientError {
            return error.reply.map { "\($0)" } ?? "\(error)"
        } catch {
            return "\(error)"
        }
    }

    /// The reply with which storing is refused.
    func storingIsRefused(_ bytes: [UInt8], at path: String, as name: String) async -> String {
        await refusal { try await store(bytes, at: path, as: name) } ?? "226"
    }

    func log() async throws -> VerifierKey {
        try VerifierKey(parsing: try await text("/.ledger/vkey", as: "alice").trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Files of sealed records.
    func storedEnvelopes() -> [String] {
        let names = FileManager.default.enumerator(atPath: folder + "/data/records/objects")?.compactMap { $0 as? String } ?? []
        return names.filter { $0.hasSuffix(".phr") }
    }

    /// Entries on the ledger.
    func ledgerSize() async throws -> Int {
        try #require(Int(try await text("/.ledger/checkpoint", as: "alice").split(separator: "\n")[1]))
    }

    /// An entry with its document, proven.
    func provenDocument(_ path: String, as name: String) async throws -> (document: [UInt8], entry: TransactionBody) {
        let proof = try DocumentProof(parsing: try await text(path, as: name))
        return (proof.document, try proof.verify(log: try await log()).transaction.body)
    }

    /// An entry, proven.
    func provenEntry(_ path: String, as name: String) async throws -> TransactionBody {
        try RecordProof(parsing: try await text(path, as: name)).verify(log: try await log()).transaction.body
    }

    /// Opens an envelope that an account reads.
    func open(_ path: String, as name: String, with identities: [Identity]) async throws -> (content: [UInt8], metadata: RecordMetadata, layout: EnvelopeLayout)
    {
        let source = ArrayByteSource(try #require(try await retrieve(path, as: name), "\(path) is not there for \(name)"))
        let layout = try EnvelopeLayout(scanning: source)
        let reader = try EnvelopeReader(layout: layout, source: source, identities: identities)
        return (try reader.readAll(), reader.metadata, layout)
    }

    /// Another connection to the site's database, which waits for those of the server.
    func database() throws -> DatabaseQueue {
        var settings = GRDB.Configuration()
        settings.busyMode = .timeout(10)
        return try DatabaseQueue(path: configuration.storage.data + "/ledger.sqlite", configuration: settings)
    }

    /// Changes the stopped site's database behind its back; the accounts are in `names`.
    func execute(_ sql: String) async throws {
        let database = try database()
        try await database.writeWithoutTransaction { [path = configuration.storage.data + "/site.sqlite"] db in
            try db.execute(sql: "ATTACH DATABASE ? AS names", arguments: [path])
            try db.execute(sql: sql)
            try db.execute(sql: "DETACH DATABASE names")
        }
        try database.close()
    }

    /// Runs the operator's check of the stopped site.
    static func problems(of configuration: Exchange.Configuration) throws -> [String] {
        let site = try Site(opening: configuration, logger: logger)
        defer { site.close() }
        let (ledger, records, _) = try site.check(full: true) { _ in }
        return ledger.problems.map(\.description) + records
    }
}

/// A certificate for loopback, made once a run.
struct Certificate: Sendable {
    let paths: (certificate: String, key: String)

    static let shared = Result { try Certificate() }

    private init() throws {
        let folder = NSTemporaryDirectory() + "phr-exchange-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        paths = (folder + "/server.pem", folder + "/server.key")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", paths.key, "-out", paths.certificate,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileWriteUnknown) }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: paths.key)
    }
}
