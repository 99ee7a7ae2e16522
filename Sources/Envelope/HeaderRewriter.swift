// Sharing: new heads for an unchanged body.

internal import Crypto

/// Rewrites the heads of an object's members for other recipients.
///
/// Taking a recipient out keeps later readers out; whoever opened the record before may have kept its key or a copy.
package enum HeaderRewriter {
    /// New heads, one for each given, under one fresh wrap key, signed by the owner.
    ///
    /// - Parameters:
    ///   - heads: Prefix and slot of each member, in order.
    ///   - revision: Must be higher than that of the given heads.
    ///   - slot: With `.full`, a head whose slot already is a multiple of 4,096 does not shrink, so that the body stays in place.
    package static func rewrap(
        heads: [[UInt8]], opening identities: [Identity], recipients: [Recipient], revision: UInt64, notAfter: UInt64?, owner: Signer,
        slot: HeaderSlot, cache: WrapKeyCache? = nil
    ) throws(EnvelopeError) -> [[UInt8]] {
        let old = try parse(heads)
        let highest = old.map(\.revision).max() ?? 0
        guard revision > highest else { throw EnvelopeError(.malformed, "revision \(revision) is not above \(highest)", at: "header") }
        let wrapKey = try WrapKey(recipients: recipients)
        let cache = cache ?? WrapKeyCache()
        var new: [[UInt8]] = []
        for (number, head) in old.enumerated() {
            do {
                new.append(
                    try rewrap(
                        head, opening: identities, wrapKey: wrapKey, revision: revision, notAfter: notAfter, owner: owner, slot: slot, cache: cache))
            } catch {
                throw error.inMember(number)
            }
        }
        return new
    }

    private static func rewrap(
        _ head: EnvelopeHead, opening identities: [Identity], wrapKey: WrapKey, revision: UInt64, notAfter: UInt64?, owner: Signer,
        slot: HeaderSlot, cache: WrapKeyCache
    ) throws(EnvelopeError) -> [UInt8] {
        let opened = try cache.wrapKey(opening: head.stanzas, with: identities)
        let fileKey = try opened.unwrap(head.header.wrappedFileKey, binding: head.prefix.bound)
        let keys = try MemberKeys(fileKey: fileKey, checking: head)
        let bound = head.prefix.bound
        var header = EnvelopeHeader(
            revision: revision, notAfter: notAfter, stanzas: wrapKey.stanzas, wrappedFileKey: try wrapKey.wrap(fileKey, binding: bound))
        try header.sign(by: owner, boundPrefix: bound)
        let minimum = head.prefix.slotByteCount % EnvelopeFormat.slotUnit == 0 ? head.prefix.slotByteCount : 0
        return try EnvelopeHead(prefix: head.prefix, header: header, macKey: keys.header, slot: slot, minimumSlotByteCount: minimum).bytes
    }

    /// Splits concatenated heads, such as a server's header file.
    package static func split(_ bytes: [UInt8]) throws(EnvelopeError) -> [[UInt8]] {
        var heads: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard heads.count < EnvelopeFormat.maximumMemberCount, bytes.count <= EnvelopeFormat.maximumHeadsByteCount else {
                throw EnvelopeError(.limitExceeded, "too many or too long headers", at: "headers")
            }
            let length = try EnvelopeHead.headLength(prefix: Array(rest.prefix(EnvelopeFormat.prefixByteCount)))
            guard length <= rest.count else { throw EnvelopeError(.truncated, "\(rest.count) of \(length) bytes", at: "headers") }
            heads.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return heads
    }

    /// Checks that the owner of this Ed25519 key signed every head.
    package static func verifyOwnerSignature(heads: [[UInt8]], ownerPublicKey: [UInt8]) throws(EnvelopeError) {
        for (number, head) in try parse(heads).enumerated() where !head.isSigned(by: ownerPublicKey) {
            throw EnvelopeError(.wrongSigner, "not signed by the owner", at: "member \(number), header")
        }
    }

    /// Checks that new heads are for the body of the old ones: as many, with the same prefixes but for the length.
    package static func sameBody(_ old: [[UInt8]], _ new: [[UInt8]]) throws(EnvelopeError) {
        let (old, new) = (try parse(old), try parse(new))
        guard old.count == new.count else {
            throw EnvelopeError(.tampered, "\(new.count) headers for a record of \(old.count) members", at: "headers")
        }
        for (number, pair) in zip(old, new).enumerated() where pair.0.prefix.bound != pair.1.prefix.bound {
            throw EnvelopeError(.tampered, "the header is for another body", at: "member \(number), prefix")
        }
        guard Set(new.map(\.revision)).count == 1 else { throw EnvelopeError(.tampered, "headers of different revisions", at: "headers") }
    }

    private static func parse(_ heads: [[UInt8]]) throws(EnvelopeError) -> [EnvelopeHead] {
        guard !heads.isEmpty else { throw EnvelopeError(.truncated, "there is no header", at: "headers") }
        var parsed: [EnvelopeHead] = []
        for head in heads { parsed.append(try EnvelopeHead(parsing: head)) }
        return parsed
    }
}
