// Entries with attributes, keys with policies: slices of an audit log for those who may read them.

internal import BLS12381
internal import CanonicalEncoding
package import Crypto

extension KeyEncapsulation {
    /// A fresh 32-byte key and the header that carries it, for every key whose policy these attributes satisfy.
    ///
    /// - Parameters:
    ///   - attributes: what the entry is about, such as `ward=3`, `kind=read` and `day=2026-11-24`. Everyone can read them.
    ///   - associatedData: bound to the header; opening needs the same.
    /// - Throws: `malformed` for no attributes, `limitExceeded`.
    package static func encapsulate(
        _ attributes: some Sequence<GrantedAttribute>, authority: KeyPolicyPublicKey, associatedData: [UInt8]
    ) throws(AttributeError) -> (header: [UInt8], key: SymmetricKey) {
        try encapsulate(attributes, authority: authority, associatedData: associatedData, message: SymmetricKey(size: .bits256))
    }

    /// The same from a message that is known, for vectors.
    package static func encapsulate(
        _ attributes: some Sequence<GrantedAttribute>, authority: KeyPolicyPublicKey, associatedData: [UInt8], message: SymmetricKey
    ) throws(AttributeError) -> (header: [UInt8], key: SymmetricKey) {
        precondition(message.bitCount == 8 * FujisakiOkamoto.byteCount, "a message has 32 bytes")
        var header = try KeyPolicyHeader(attributes: Set(attributes).sorted(), fingerprint: authority.fingerprint, epoch: authority.epoch)
        let transform = FujisakiOkamoto(preamble: header.preamble, associatedData: associatedData)
        let derived = transform.derive(message)
        var (elements, secret) = header.makeElements(CoinScalars(derived.coins))
        defer { secret.wipe() }
        header.elements = elements
        header.maskedMessage = message.withBytes { transform.masked($0, by: authority.y.power(secret)) }
        header.tag = derived.tag
        elements = header.encoded()
        guard elements.count <= EncapsulationHeader.byteLimit else {
            throw AttributeError(.limitExceeded, "the header would have \(elements.count) bytes, more than \(EncapsulationHeader.byteLimit)")
        }
        return (elements, derived.key)
    }

    /// The key of an entry's header, if its attributes satisfy the policy of one of these keys and the header is whole.
    ///
    /// - Throws: `malformed`, `unsupportedSuite`, `limitExceeded` for the header; `wrongEpoch` when no key is of the header's authority and
    ///   epoch, `notSatisfied` with an explanation; `tampered` when it was changed; `invalidKey` for a damaged key.
    package static func decapsulate(_ header: [UInt8], keys: [KeyPolicyKey], associatedData: [UInt8]) throws(AttributeError) -> SymmetricKey {
        let header = try KeyPolicyHeader(decoding: header)
        let own = keys.filter { $0.summary.publicKeyFingerprint == header.fingerprint && $0.summary.epoch == header.epoch }
        guard let first = own.first else {
            throw AttributeError(.wrongEpoch, "no key is of the authority and epoch \(header.epoch) of this entry", hint: "ask for a key of that epoch")
        }
        let openings = own.compactMap { key in
            key.structure.tree.cheapestSelection { header.index(of: key.structure.rows[$0].name) != nil }.map { (key: key, rows: $0) }
        }
        guard let opening = openings.min(by: { $0.rows.count < $1.rows.count }) else {
            let explanation = header.explain(first.policy)
            throw AttributeError(.notSatisfied, explanation.lines.first ?? "the entry does not satisfy the key's policy", explanation: explanation)
        }
        let secret = try sharedSecret(header, opening.key, opening.rows)
        let derived = try derive(header.transformInputs, sharedSecret: secret, associatedData: associatedData)
        var (elements, coin) = header.makeElements(CoinScalars(derived.coins))
        coin.wipe()
        let areElementsEqual = constantTimeEqual(elements, header.elements)
        elements.removeAll()
        guard areElementsEqual else { throw tampered }
        return derived.key
    }

    private static func sharedSecret(_ header: KeyPolicyHeader, _ key: KeyPolicyKey, _ rows: [SelectedRow]) throws(AttributeError) -> GT {
        let userKey = try key.userKey(rows.map(\.row))
        var elements: [KeyPolicyFABEO<BLSGroup>.RowElement] = []
        for row in rows {
            guard let index = header.index(of: key.structure.rows[row.row].name) else { throw tampered }
            elements.append(.init(row: row, element: try header.attributeElement(index)))
        }
        let points = KeyPolicyFABEO<BLSGroup>.Header(secret: try header.secretElement(), attributes: [])
        return KeyPolicyFABEO<BLSGroup>.decapsulate(points, key: userKey, occurrences: key.structure.occurrences, rows: elements)
    }
}

extension KeyPolicyHeader {
    /// What an entry lacks for a key's policy.
    fileprivate func explain(_ policy: Policy) -> Explanation {
        // Months play no part: any will do.
        let month = Month(secondsSince1970: 0)
        let held = policy.authorities.map { HeldAttributes(authority: $0, attributes: attributes, validity: month...month) }
        return policy.explain(held, at: month)
    }
}
