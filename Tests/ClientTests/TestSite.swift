// A site made of files: a real ledger, real envelopes and real proofs, served by the test server, which can lie about them.

import Client
import CanonicalEncoding
import Envelope
import FTPClient
import Foundation
import Keyring
import Ledger
import Synchronization
import Transport

/// One person with a keyring and a home of her own.
struct Person: Sendable {
    let name: String
    let home: String
    let keyring: Keyring
    let pseudonym: [UInt8]

    init(_ name: String, in folder: String) throws {
        self.name = name
        home = folder + "/home-" + name
        keyring = try Keyring.create(in: home, passphrase: Secret(Array("passphrase".utf8)))
        pseudonym = (0..<16).map { _ in UInt8.random(in: 0...255) }
    }

    var store: ProfileStore { ProfileStore(home: home) }
    var options: SessionOptions {
        var options = SessionOptions(store: store)
        options.timeouts = .short
        return options
    }
}

/// A record as the site's files show it.
struct SiteRecord: Sendable {
    let name: String
    let recordID: [UInt8]
    let version: UInt64
    let envelope: [UInt8]
    let heads: [[UInt8]]
    let index: UInt64
    let opening: RecordOpening
    /// First byte behind the head.
    var bodyOffset: Int { heads[0].count }
}

/// Files below `root` in the layout that `phrd` shows.
final class TestSite: Sendable {
    let server: TestServer
    let alice: Person
    let bob: Person
    let ledger: Ledger
    /// The proofs that are shown; like `phrd`, the site shows them in its newest checkpoint.
    private let proofs = Mutex<[String: (index: UInt64, opening: RecordOpening?)]>([:])

    static let origin = "phr.example/test"

    /// A site with the keys of alice and bob on its ledger, and a profile of alice for it.
    static func make(faults: [String] = []) async throws -> TestSite {
        let site = try TestSite(faults: faults)
        for folder in [".ledger/proof/consistency", ".keys", "records/alice/.headers", "records/alice/.proofs"] {
            try FileManager.default.createDirectory(atPath: site.server.root + "/" + folder, withIntermediateDirectories: true)
        }
        try site.write(".ledger/vkey", Array((site.ledger.verifierKey.text + "\n").utf8))
        try await site.publishKeys(of: site.alice)
        try await site.publishKeys(of: site.bob)
        return site
    }

    private init(faults: [String]) throws {
        server = try TestServer(faults: faults)
        alice = try Person("alice", in: server.folder)
        bob = try Person("bob", in: server.folder)
        let database = try LedgerDatabase.open(path: server.folder + "/ledger.sqlite")
        ledger = try Ledger.create(database: database, keys: .generate(), origin: Self.origin, anchor: server.folder + "/anchor")
    }

    deinit { ledger.close() }

    // MARK: What the site shows

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let path = server.root + "/" + name
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try server.write(name, bytes)
    }

    /// Appends to the ledger and shows the new checkpoint, with consistency proofs from all smaller sizes.
    func submit(_ body: TransactionBody) async throws -> UInt64 {
        let (indices, _) = try await ledger.submit([body]) { _, indices in indices }
        try showCheckpoint()
        return indices[0]
    }

    func showCheckpoint() throws {
        try write(".ledger/checkpoint", Array(ledger.checkpoint.utf8))
        let size = ledger.head.size
        for old in 1..<size {
            let path = try ledger.consistencyProof(from: old, to: size)
            try write(".ledger/proof/consistency/\(old)-\(size)", Array(HashLines.text(path).utf8))
        }
        for (name, proof) in proofs.withLock({ $0 }) { try showProof(name, index: proof.index, opening: proof.opening) }
    }

    func showProof(_ name: String, index: UInt64, opening: RecordOpening?) throws {
        proofs.withLock { $0[name] = (index, opening) }
        try write(name, Array(ledger.recordProof(index: index, opening: opening).utf8))
    }

    @discardableResult
    func publishKeys(of person: Person, bundle: KeyBundle? = nil, as name: String? = nil) async throws -> UInt64 {
        let bundle = try bundle ?? person.keyring.bundle()
        let index = try await submit(
            .key(KeyTransaction(pseudonym: person.pseudonym, role: .patient, bundle: bundle.encoded(), sequence: bundle.sequence)))
        try showProof(".keys/" + (name ?? person.name), index: index, opening: nil)
        return index
    }

    /// Seals content and puts it on ledger and disk.
    func addRecord(
        _ name: String, _ content: [UInt8], owner: Person? = nil, for recipients: [Recipient]? = nil, recordID: [UInt8]? = nil, version: UInt64 = 1,
        isShown: Bool = true
    ) async throws -> SiteRecord {
        let owner = owner ?? alice
        let wrapKey = try WrapKey(recipients: try recipients ?? [owner.keyring.bundle().recipient])
        let sealer = try MemberSealer(
            chain: .first(objectID: MemberChain.newObjectID()), wrapKey: wrapKey, options: SealingOptions(sealedOnIngest: true), signer: .generate())
        var envelope = sealer.head
        try unsafe sealer.update(content) { unsafe envelope.append(contentsOf: $0) }
        let metadata = RecordMetadata(originalName: name, clientModificationTime: 1_700_000_000)
        let summary = try unsafe sealer.finish(metadata: metadata, interrupted: false) { unsafe envelope.append(contentsOf: $0) }
        let opening = try RecordOpening(
            salt: (0..<32).map { _ in UInt8.random(in: 0...255) }, objectID: summary.objectID, envelopeRoot: summary.footerHash,
            headersDigest: EnvelopeHead.headersDigest(of: [sealer.head]), headerRevision: 0)
        let recordID = recordID ?? MemberChain.newObjectID()
        let index = try await submit(
            .record(
                RecordTransaction(
                    recordID: recordID, version: version, ownerPseudonym: owner.pseudonym, commitment: opening.commitment,
                    envelopeRoot: summary.footerHash, envelopeByteCount: UInt64(envelope.count), previousCommitment: nil)))
        let record = SiteRecord(
            name: name, recordID: recordID, version: version, envelope: envelope, heads: [sealer.head], index: index, opening: opening)
        if isShown { try show(record) }
        return record
    }

    /// A new header for a record, by whoever signs it.
    func rewrap(_ record: SiteRecord, for recipients: [Recipient], by signer: Person) async throws -> SiteRecord {
        let revision = record.opening.headerRevision + 1
        let heads = try HeaderRewriter.rewrap(
            heads: record.heads, opening: try alice.keyring.identities(), recipients: recipients, revision: revision, notAfter: nil,
            owner: try signer.keyring.signer(), slot: .lean)
        let opening = try RecordOpening(
            salt: record.opening.salt, objectID: record.opening.objectID, envelopeRoot: record.opening.envelopeRoot,
            headersDigest: EnvelopeHead.headersDigest(of: heads), headerRevision: revision)
        let index = try await submit(
            .header(
                HeaderTransaction(
                    recordID: record.recordID, version: record.version, headerRevision: revision, commitment: opening.commitment,
                    signerKeyID: try signer.keyring.bundle().signingKeyID)))
        let envelope = heads[0] + record.envelope[record.bodyOffset...]
        let new = SiteRecord(
            name: record.name, recordID: record.recordID, version: record.version, envelope: envelope, heads: heads, index: index, opening: opening)
        try show(new)
        return new
    }

    /// Shows a record, whatever was shown under its name before.
    func show(_ record: SiteRecord, as name: String? = nil) throws {
        let name = name ?? record.name
        try write("records/alice/\(name).phr", record.envelope)
        try write("records/alice/.headers/\(name).phr", Array(record.heads.joined()))
        try showProof("records/alice/.proofs/\(name).phr", index: record.index, opening: record.opening)
    }

    // MARK: Using it

    var trust: Profile.Trust {
        get throws { try Profile.Trust.make(authoritiesFile: Certificates.shared.get().server + ".crt", pin: nil) }
    }

    func url(of person: Person) throws -> ServerURL { try ServerURL("ftps://\(person.name)@127.0.0.1:\(server.port)") }

    @discardableResult
    func logIn(_ person: Person, password: String = "secret") async throws -> LoginReport {
        try await ClientRuntime.logIn(
            person.options, url: try url(of: person), trust: try trust, password: Secret(Array(password.utf8)), keyring: person.keyring)
    }

    /// Runs `body` in a session of a person, who is logged in first when she has no profile.
    ///
    /// - Parameter keys: attribute keys that her keyring holds.
    func session<R: Sendable>(
        _ person: Person, holding keys: [ReceivedKey] = [], _ body: @escaping @Sendable (ClientSession) async throws -> R
    ) async throws -> R {
        if !person.store.exists(ProfileStore.defaultName) { try await logIn(person) }
        // As the login left it on disk; opening it again would be costly on purpose.
        var keyring = person.keyring
        keyring.setPassword(Secret(Array("secret".utf8)), profile: ProfileStore.defaultName)
        for key in keys { keyring.add(key) }
        return try await ClientRuntime.session(person.options, keyring: keyring, body)
    }
}
