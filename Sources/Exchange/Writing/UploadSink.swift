/// What the bytes of an upload become on disk: an envelope sealed here, or one that its sender sealed.
import Crypto
import Envelope
import Foundation
import FTPServer
import RecordStore

/// An envelope that is durable on disk and waits for its ledger entry.
struct StoredObject: Sendable {
    var objectID: [UInt8]
    var members: [StoredMember]
    var envelopeRoot: [UInt8]
    var headersDigest: [UInt8]
    var headerRevision: UInt64
    /// Key ids of the header's stanzas, and for policies those of their authorities (`Site.readerIDs`).
    var readers: [[UInt8]]
    var isSealedOnIngest: Bool
    /// Over the whole file as it was sent; nil if the session does not know how it begins.
    var digest: SHA256?
    /// Blobs that only this upload made, to be removed if it is refused.
    var newBlobs: [BlobID]

    var sha256: [UInt8]? { digest.map { Array($0.finalize()) } }

    var digestSubject: DigestSubject { isSealedOnIngest ? .content : .envelope(revision: headerRevision) }
}

/// Used by one thread at a time; `RecordWriter` sees to that.
protocol UploadSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Makes the whole durable. The digest is that of the bytes as they came in this upload.
    func finish(sha256: [UInt8]) throws -> StoredObject
    /// Makes what came durable, to be resumed; nil if nothing is worth keeping.
    func interrupt(sha256: [UInt8]) throws -> PartialUpload?
    func discard()
}

/// Seals while bytes arrive: at no time is plaintext on disk, nor more of it in memory than the segment that fills.
final class SealingSink: UploadSink {
    private let site: Site
    private let staging: StagingFile
    private let sealer: MemberSealer
    private let continued: UploadContinuation?
    private let metadata: RecordMetadata
    private let readers: [[UInt8]]

    init(site: Site, target: UploadTarget, key: SessionKey, metadata: RecordMetadata) throws {
        self.site = site
        self.metadata = metadata
        continued = target.continued
        readers = key.readers
        let options = SealingOptions(padding: target.access.folder.padding == .padme ? .padme : .none, sealedOnIngest: true, plaintextDigest: .supplied)
        sealer = try MemberSealer(
            chain: target.continued?.chain ?? .first(objectID: MemberChain.newObjectID()), wrapKey: key.wrapKey, options: options,
            signer: site.keys.ingest, headerRevision: target.continued?.headerRevision ?? 0)
        staging = try site.blobs.createStaging()
        try staging.write(sealer.head)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        let staging = staging
        try unsafe sealer.update(bytes) { try unsafe staging.write($0) }
    }

    func finish(sha256: [UInt8]) throws -> StoredObject {
        let (summary, member) = try seal(sha256, interrupted: false)
        let earlier = continued?.members ?? []
        let heads = try site.heads(of: earlier) + [sealer.head]
        return StoredObject(
            objectID: summary.objectID, members: earlier + [member], envelopeRoot: summary.footerHash,
            headersDigest: EnvelopeHead.headersDigest(of: heads), headerRevision: continued?.headerRevision ?? 0, readers: readers,
            isSealedOnIngest: true, newBlobs: [member.blob])
    }

    func interrupt(sha256: [UInt8]) throws -> PartialUpload? {
        guard sealer.plaintextByteCount > 0 || continued != nil else {
            discard()
            return nil
        }
        let (summary, member) = try seal(sha256, interrupted: true)
        return PartialUpload(
            objectID: summary.objectID, members: (continued?.members ?? []) + [member], footerHash: summary.footerHash,
            updatedMilliseconds: Site.milliseconds())
    }

    func discard() { staging.discard() }

    private func seal(_ sha256: [UInt8], interrupted: Bool) throws -> (MemberSummary, StoredMember) {
        let staging = staging
        let summary = try unsafe sealer.finish(metadata: metadata, interrupted: interrupted, plaintextSHA256: sha256) { try unsafe staging.write($0) }
        let blob = try staging.publish()
        return (
            summary,
            StoredMember(
                blob: blob, headByteCount: UInt64(summary.headLength), totalByteCount: summary.totalLength,
                plainByteCount: summary.plaintextByteCount)
        )
    }
}

/// Stores an envelope as it came, after checking that it is one: structure, chain, Merkle roots.
final class EnvelopeSink: UploadSink {
    private let site: Site
    private let staging: StagingFile

    init(site: Site) throws {
        self.site = site
        staging = try site.blobs.createStaging()
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws { try unsafe staging.write(bytes) }

    func finish(sha256: [UInt8]) throws -> StoredObject {
        let blob = try staging.publish()
        do {
            let source = try site.blobs.open(blob)
            let layout = try EnvelopeLayout(scanning: source)
            try EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: nil)
            let members = layout.members.count == 1 ? [stored(layout.members[0], in: blob, from: 0)] : try split(layout, source)
            if layout.members.count > 1 { _ = try site.blobs.remove(blob) }
            return StoredObject(
                objectID: layout.objectID, members: members, envelopeRoot: layout.footerHash, headersDigest: layout.headersDigest,
                headerRevision: layout.headerRevision, readers: try site.readerIDs(of: layout.stanzas), isSealedOnIngest: false,
                newBlobs: members.map(\.blob))
        } catch {
            _ = try? site.blobs.remove(blob)
            throw error
        }
    }

    /// An envelope is checked as a whole, so it is not resumed in parts.
    func interrupt(sha256: [UInt8]) -> PartialUpload? {
        discard()
        return nil
    }

    func discard() { staging.discard() }

    private func stored(_ member: MemberLayout, in blob: BlobID, from start: UInt64) -> StoredMember {
        StoredMember(
            blob: blob, headByteCount: UInt64(member.headRange.count), totalByteCount: member.footerRange.upperBound - start,
            plainByteCount: member.segmentsRange.upperBound - member.segmentsRange.lowerBound)
    }

    /// One blob a member, so that each head can be replaced.
    private func split(_ layout: EnvelopeLayout, _ source: BlobReader) throws -> [StoredMember] {
        try layout.members.map { member in
            let part = try site.blobs.createStaging()
            var position = member.headRange.lowerBound
            while position < member.footerRange.upperBound {
                let count = Int(min(1 << 20, member.footerRange.upperBound - position))
                try part.write(try source.read(at: position, count: count))
                position += UInt64(count)
            }
            return stored(member, in: try part.publish(), from: member.headRange.lowerBound)
        }
    }
}
