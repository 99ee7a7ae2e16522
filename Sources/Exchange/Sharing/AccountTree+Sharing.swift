/// Who may read and write the documents of sharing: the whole of it, but for what only the database knows of issuers.
import Authentication
import AttributeEncryption
import Envelope
import FTPServer
import GRDB
import RecordStore

extension AccountTree {
    func authorize(_ permission: Permission, _ location: SharingLocation) throws(FileSystemError) {
        switch location {
        case .authorities, .authorityVersion: try require(permission, in: Self.reading, "records of authorities can be read")
        case .authority(let name):
            if permission == .write {
                guard name == account.name else { throw .denied("an account publishes its own authority only, under /.authorities/\(account.name)") }
            } else {
                try require(permission, in: Self.reading, "records of authorities can be read, and replaced by their authority")
            }
        // Who issues for whom stands in the authority's record: `requireIssuer`.
        case .issued, .issuances: try require(permission, in: Self.reading, "issuances can be read, and added by issuers")
        case .issuance: try require(permission, in: Self.reading.union([.write]), "issuances stay")
        case .policies, .policiesOf, .policySection: try require(permission, in: Self.reading, "this part of the tree is fixed")
        case .policy(let owner, let path):
            guard let access = access(to: path), access.folder.owner == owner else { throw .notFound }
            guard permission != .write || access.isOwner else { throw .denied("only \(owner) sets this folder's policy") }
            try require(permission, in: Self.reading.union([.write]), "a policy is replaced, not removed: store one without text")
        case .emergencies, .grants: try require(permission, in: Self.reading, "this part of the tree is fixed")
        case .grant(let parties):
            try requireParty(parties)
            guard permission == .write || permission == .delete else {
                return try require(permission, in: Self.reading, "a grant is replaced or removed by its owner")
            }
            guard parties.owner == account.name else { throw .denied("only \(parties.owner) prepares emergency access to \(parties.owner)'s records") }
            guard parties.holder != account.name else { throw .denied("emergency access is for somebody else than the owner") }
        case .request(let parties):
            try requireParty(parties)
            guard parties.holder == account.name else { throw .denied("only \(parties.holder) asks for this emergency access") }
            try require(permission, in: [.write], "a request is stored here; what came of it stands in ../requests")
        case .release(let parties):
            try requireParty(parties)
            guard parties.holder == account.name else { throw .denied("the half is released to \(parties.holder) only") }
            try require(permission, in: Self.reading, "a release can be read")
        case .pastRequests(let parties), .pastRequest(let parties, _):
            try requireParty(parties)
            try require(permission, in: Self.reading, "requests stay")
        }
    }

    /// To others the grants do not exist.
    private func requireParty(_ parties: EmergencyParties) throws(FileSystemError) {
        guard [parties.owner, parties.holder].contains(account.name) else { throw .notFound }
    }

    /// Throws unless the account's current signing key is the authority's own, or one that the authority's record lists.
    func requireIssuer(of authority: String, record: AuthorityRecord, bundle: KeyBundle) throws(FileSystemError) {
        guard isIssuer(record, bundle) else { throw .denied("\(account.name) does not issue for \(authority)") }
    }

    func isIssuer(_ record: AuthorityRecord, _ bundle: KeyBundle) -> Bool {
        record.isIssuer(keyID: bundle.signingKeyID, signingKey: bundle.signingKey)
    }
}
