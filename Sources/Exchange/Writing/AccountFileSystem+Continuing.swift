/// What an upload goes on with: an interrupted one, or the version that it appends to; and whether that still holds when it ends.
import Authentication
import Envelope
import FTPProtocol
import FTPServer
import GRDB
import RecordStore

/// What must stand under an upload's name when it ends.
enum UploadBase: Equatable, Sendable {
    /// Whatever it is becomes an older version.
    case anything
    /// It appends to a name that there was not.
    case nothing
    case version(recordID: [UInt8], number: UInt64)

    init(_ version: RecordVersion?) {
        self = version.map { .version(recordID: $0.version.recordID, number: $0.version.number) } ?? .nothing
    }
}

/// Members that an upload continues, from an interrupted upload or from the version it appends to.
struct UploadContinuation: Sendable {
    let chain: MemberChain
    let members: [StoredMember]
    let headerRevision: UInt64
}

extension AccountFileSystem {
    /// How long an upload waits for those that append to the same file.
    static var appendLimit: Duration { .seconds(30) }

    /// Waits until nobody else appends to the name.
    func appendTurn(_ space: String, _ names: [String]) async throws(FileSystemError) -> AppendTurn {
        let key: [UInt8]
        do { key = try site.catalogue.pathKey(space, names) } catch { throw mapped(error) }
        guard let turn = await site.appendTurns.take(key, within: Self.appendLimit) else {
            throw .busy("Another session appends to this file; send it again later")
        }
        return turn
    }

    /// What a resumed or appended upload continues, nil for a new one; and what it relies on.
    func continuation(_ db: Database, _ mode: WriteMode, _ space: String, _ names: [String]) throws -> (UploadContinuation?, UploadBase) {
        let offset: UInt64?
        switch mode {
        case .replace, .unique: return (nil, .anything)
        case .append: offset = nil
        case .resume(let at): offset = at
        }
        if let (partial, base) = try currentPartial(db, space, names) {
            if let offset, offset != partial.durablePlainByteCount { throw FileSystemError.badOffset(expected: partial.durablePlainByteCount) }
            let heads = try site.heads(of: Array(partial.members.prefix(1)))
            let continuation = UploadContinuation(
                chain: MemberChain(objectID: partial.objectID, memberNumber: UInt32(partial.members.count), previousFooterHash: partial.footerHash),
                members: partial.members, headerRevision: try heads.first.map { try EnvelopeHead(parsing: $0).revision } ?? 0)
            return (continuation, base)
        }
        // What is published is whole. A client that goes by sizes would put the rest of a new version behind an older, shorter one: after a crash
        // of the server in the middle of an upload, for instance, when nothing of it is left.
        guard offset == nil else { throw FileSystemError.badOffset(expected: 0) }
        guard let latest = try latestVersion(db, space, names) else { return (nil, .nothing) }
        guard latest.version.isSealedOnIngest else { throw FileSystemError.policy("An envelope cannot be appended to; send it whole") }
        let continuation = UploadContinuation(
            chain: MemberChain(
                objectID: latest.version.objectID, memberNumber: UInt32(latest.members.count), previousFooterHash: latest.version.envelopeRoot),
            members: latest.members, headerRevision: latest.version.headerRevision)
        return (continuation, UploadBase(latest))
    }

    /// The account's cut-off upload of a name, and what it relies on. Nil if the name has changed since: the rest of it would be put over
    /// something newer, or bring back what was removed.
    func currentPartial(_ db: Database, _ space: String, _ names: [String]) throws -> (PartialUpload, UploadBase)? {
        guard let partial = try site.catalogue.partial(db, account: account.pseudonym, space: space, path: names) else { return nil }
        let latest = try latestVersion(db, space, names)
        if let first = partial.members.first, try site.catalogue.isPublished(db, first.blob) {
            // It was to be appended to a version.
            guard let latest, partial.members.map(\.blob).starts(with: latest.members.map(\.blob)) else { return nil }
            return (partial, UploadBase(latest))
        }
        if let latest, latest.version.createdMilliseconds > partial.updatedMilliseconds { return nil }
        return (partial, .anything)
    }

    /// Throws unless what the upload continues is still what the name leads to, and needed by somebody: another upload of the name, the
    /// housekeeping or an erasure may have let go of it since, and then its blobs are removed, or will be.
    func requireContinued(_ db: Database, _ target: UploadTarget) throws {
        guard try target.base == .anything || UploadBase(latestVersion(db, target.space, target.components)) == target.base else {
            throw FileSystemError.busy("The file was replaced or removed while this was sent, and nothing was appended; send it again")
        }
        for member in target.continued?.members ?? [] {
            guard try site.catalogue.referencesBlob(db, member.blob) else {
                throw FileSystemError.unavailable("What this upload continues was replaced or removed meanwhile; send the file whole")
            }
        }
    }

    private func latestVersion(_ db: Database, _ space: String, _ names: [String]) throws -> RecordVersion? {
        try site.catalogue.resolve(db, space: space, components: names)?.recordID.flatMap { try site.recordVersion(db, $0) }
    }
}
