// Issues attributes to a holder.

package import BLS12381
package import Crypto

extension AuthoritySecretKey {
    /// A key for these attributes, bound to the holder's identity. All attributes of a holder are issued together: keys of two
    /// issuances do not add up.
    ///
    /// - Parameters:
    ///   - gid: the holder's `GlobalIdentifier`; that the receiver owns it is the caller's to check.
    ///   - authority: the account name policies use.
    ///   - member: a leaf of the authority's tree of members that no one else has in this epoch, and the tree's depth.
    ///   - validity: readers refuse the key outside these months, and `valid in` holds for these only.
    ///   - nameKey: 32 bytes, when the authority hides names.
    /// - Throws: `malformed` or `limitExceeded` for attributes, members or names against the rules.
    package func issue(
        to gid: [UInt8], attributes: some Sequence<GrantedAttribute>, authority: String, member: (leaf: UInt32, depth: Int),
        validity: ClosedRange<Month>, nameKey: SymmetricKey? = nil, issuedAt: UInt64
    ) throws(AttributeError) -> AttributeKey {
        var source = SystemScalars()
        return try issue(
            to: gid, attributes: attributes, authority: authority, member: member, validity: validity, nameKey: nameKey, issuedAt: issuedAt, from: &source)
    }

    /// The same with scalars from elsewhere, for vectors.
    package func issue(
        to gid: [UInt8], attributes: some Sequence<GrantedAttribute>, authority: String, member: (leaf: UInt32, depth: Int),
        validity: ClosedRange<Month>, nameKey: SymmetricKey?, issuedAt: UInt64, from source: inout some ScalarSource<Scalar>
    ) throws(AttributeError) -> AttributeKey {
        let summary = AttributeKey.Summary(
            authority: authority, epoch: publicKey.epoch, publicKeyFingerprint: publicKey.fingerprint, gid: gid, attributes: Set(attributes).sorted(),
            validity: validity, leaf: member.leaf, depth: member.depth, issuedAt: issuedAt, hidesNames: nameKey != nil,
            authorityPoints: publicKey.points)
        try summary.validate()
        guard nameKey.map({ $0.bitCount == 8 * AttributeKey.nameKeyByteCount }) ?? true else {
            throw AttributeError(.malformed, "a name key has \(AttributeKey.nameKeyByteCount) bytes")
        }
        let names = HeldAttributes(
            authority: authority, attributes: summary.attributes, validity: validity, member: member, nameKey: nameKey
        ).sortedNames
        var elements = elements(names.map { AttributeName.message($0, authority: publicKey.fingerprint) }, gid: gid, from: &source)
        return try AttributeKey(summary, nameKey: nameKey, elements: SymmetricKey(consuming: &elements))
    }

    private func elements(_ messages: [[UInt8]], gid: [UInt8], from source: inout some ScalarSource<Scalar>) -> [UInt8] {
        withScalars { scalars in
            let fabeo = FABEO<BLSGroup>.issue(scalars[0], attributes: messages, from: &source)
            let decentralized = DecentralizedABE<BLSGroup>.issue(
                .init(alpha: scalars[1], beta: scalars[2]), gid: gid, attributes: messages, from: &source)
            return KeyElements.encoded(
                master: fabeo.master, masterRandomness: fabeo.randomness, randomness: decentralized.randomness, fabeo: fabeo.attributes,
                decentralized: decentralized.attributes)
        }
    }
}

extension AttributeName {
    /// What is hashed to the curve: the fingerprint of the authority's key (32 bytes) and the name, so that equal names of two
    /// authorities, or of two epochs, have nothing in common.
    package static func message(_ name: String, authority fingerprint: [UInt8]) -> [UInt8] { fingerprint + Array(name.utf8) }
}
