/// The documents of sharing as files: proofs to read, listings, and one writer for each kind.
import Authentication
import CanonicalEncoding
import Envelope
import FTPProtocol
import FTPServer
import GRDB
import Ledger
import RecordStore

extension AccountFileSystem {
    /// The bytes behind a file.
    func sharingBytes(_ location: SharingLocation) async throws(FileSystemError) -> [UInt8] {
        switch location {
        case .authority(let name): try await authorityProof(of: name, sequence: nil)
        case .authorityVersion(let name, let sequence): try await authorityProof(of: name, sequence: sequence)
        case .issuance(let name, let commitment): try await issuanceProof(of: name, commitment)
        case .policy(let owner, let folder): try await policyProof(of: owner, folder)
        case .grant(let parties): try await grantDocument(parties)
        case .release(let parties): try await release(parties)
        case .pastRequest(let parties, let number): try await requestProof(parties, number)
        case .request: throw .notFound
        default: throw .isDirectory
        }
    }

    func sharingEntry(_ location: SharingLocation, at path: VirtualPath) async throws(FileSystemError) -> ListingEntry {
        if try await isSharingFolder(location) { return directory(path) }
        let size = UInt64(try await sharingBytes(location).count)
        return ListingEntry(name: path.last ?? "", kind: .file, size: size, permissions: sharingPermissions(location))
    }

    func sharingListing(_ location: SharingLocation) async throws(FileSystemError) -> [ListingEntry] {
        switch location {
        case .authorities: return Self.files(try await authorityNames())
        case .authority(let name):
            guard try await isSharingFolder(location), let authority = SharingLocation.withoutHistorySuffix(name) else { throw .notDirectory }
            return Self.files(try await authorityHistory(of: authority).map(String.init))
        case .issued: return Self.folders(try await authoritiesIssuedFor())
        case .issuances(let name): return Self.files(try await issuances(of: name))
        case .policies: return Self.folders(Array(Set(try await foldersWithPolicy(nil, nil).map(\.owner))).sorted())
        case .policiesOf(let owner):
            return Self.folders(Array(Set(try await foldersWithPolicy(owner, nil).map(\.path.section.rawValue))).sorted())
        case .policySection(let owner, let section): return Self.files(try await foldersWithPolicy(owner, section).map(\.path.name))
        case .emergencies: return Self.folders(try await grantOwners())
        case .grants(let owner): return Self.files(try await grantHolders(of: owner))
        case .pastRequests(let parties): return Self.files(try await requestNumbers(parties).map(String.init))
        default: throw .notDirectory
        }
    }

    private func isSharingFolder(_ location: SharingLocation) async throws(FileSystemError) -> Bool {
        switch location {
        case .authorities, .issued, .policies, .emergencies, .issuances, .policiesOf, .policySection, .grants, .pastRequests: return true
        case .authority(let name):
            guard let authority = SharingLocation.withoutHistorySuffix(name) else { return false }
            // An authority whose own name ends like this comes first.
            if try await hasAuthority(name) { return false }
            return try await hasAuthority(authority)
        default: return false
        }
    }

    private static func files(_ names: [String]) -> [ListingEntry] {
        names.map { ListingEntry(name: $0, kind: .file, permissions: "r") }
    }

    private static func folders(_ names: [String]) -> [ListingEntry] {
        names.map { ListingEntry(name: $0, kind: .directory, permissions: "el") }
    }

    // MARK: Writing

    func sharingWriter(_ path: VirtualPath, _ location: SharingLocation, _ mode: WriteMode) throws(FileSystemError) -> any FileWriter {
        guard mode == .replace else { throw .unsupported("Such documents are replaced as a whole") }
        switch location {
        case .authority(let name) where name == account.name:
            return SmallFileWriter(path, limit: AuthorityTransaction.largestRecordByteCount) { [self] bytes throws(FileSystemError) in
                try await publishAuthority(bytes)
            }
        case .issuance(let name, let commitment):
            return SmallFileWriter(path, limit: IssuanceStatement.largestByteCount) { [self] bytes throws(FileSystemError) in
                try await recordIssuance(of: name, commitment, bytes)
            }
        case .policy(_, let folder):
            return SmallFileWriter(path, limit: PolicyDocument.largestByteCount) { [self] bytes throws(FileSystemError) in
                try await setPolicy(of: folder, bytes)
            }
        case .grant(let parties):
            return SmallFileWriter(path, limit: EmergencyGrant.halfByteCount + EmergencyGrant.largestByteCount) { [self] bytes throws(FileSystemError) in
                try await prepareEmergency(parties, bytes)
            }
        case .request(let parties):
            return SmallFileWriter(path, limit: EmergencyRequest.largestByteCount) { [self] bytes throws(FileSystemError) in
                try await requestEmergency(parties, bytes)
            }
        default: throw .denied("files cannot be stored here")
        }
    }

    /// Commits transactions with their rows; errors become what a session answers.
    func commit(
        _ transactions: [TransactionBody], _ effects: @escaping @Sendable (Database, [UInt64]) throws -> Void
    ) async throws(FileSystemError) -> Receipt {
        do { return try await site.ledger.submit(transactions, effects: effects).1 } catch { throw mapped(error) }
    }

    // MARK: Accounts and their keys

    /// Blocks.
    func requireAccount(_ name: String) throws -> Account {
        guard let account = name == account.name ? account : try site.accounts.find(name) else { throw FileSystemError.notFound }
        return account
    }

    /// The bundle whose signing key must have signed what an account stores.
    func requireBundle(_ db: Database, of account: Account) throws -> KeyBundle {
        guard let stored = try site.catalogue.currentKeyBundle(db, account: account.pseudonym) else {
            throw FileSystemError.policy("\(account.name) has not registered a key yet: \"phr login\" does it once")
        }
        return try keyBundle(stored.bundle)
    }

    /// Names of accounts, without those that are gone. Blocks.
    func names(of pseudonyms: [[UInt8]]) throws -> [String] {
        try pseudonyms.compactMap { try site.accounts.find(pseudonym: $0)?.name }.sorted()
    }

    static func wrongSequence(_ found: UInt64, next: UInt64) -> FileSystemError {
        // Clients read the number.
        .policy("It has sequence \(found), but sequence=\(next) is expected: another one was stored meanwhile; read it, then try again")
    }
}
