// A key that carries a policy: which entries its holder may read.

internal import BLS12381
internal import CanonicalEncoding
internal import Crypto

/// Rows K (48 bytes each) behind one R (96 bytes) an occurrence.
package struct KeyPolicyKey: Sendable {
    /// All of a key that is not secret.
    package struct Summary: Sendable, Equatable {
        package let publicKeyFingerprint: [UInt8]
        package let epoch: UInt64
        package let policy: Policy
        /// Seconds since 1970.
        package let issuedAt: UInt64

        /// - Throws: `unusablePolicy` for a policy that no entry can be asked.
        func structure() throws(AttributeError) -> AccessStructure {
            let clauses = policy.root.clauses
            guard policy.authorities.count == 1 else {
                throw AttributeError(.unusablePolicy, "a key carries a policy over attributes of one authority, not \(policy.authorities.count)")
            }
            for clause in clauses {
                if case .valid = clause.requirement {
                    throw AttributeError(.unusablePolicy, "entries have no validity: `\(clause.text)`", hint: "compare a date, as in `log:day >= 2026-11-01`")
                }
            }
            return try AccessStructure(policy, revocations: [:])
        }
    }

    package let summary: Summary
    let structure: AccessStructure
    private let elements: SymmetricKey

    package var policy: Policy { summary.policy }

    private static let version: UInt8 = 1

    init(_ summary: Summary, elements: SymmetricKey) throws(AttributeError) {
        self.summary = summary
        structure = try summary.structure()
        guard elements.bitCount == 8 * (96 * structure.occurrenceCount + 48 * structure.rows.count) else {
            throw AttributeError(.malformed, "key-policy key: the elements do not match the policy")
        }
        self.elements = elements
    }

    /// Lends the encoding, secrets and all, for the time of one call: version 1 ‖ length of the summary u32 ‖ summary ‖ elements.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        let facts = CBOR.map([
            0: .unsigned(1), 1: .bytes(summary.publicKeyFingerprint), 2: .unsigned(summary.epoch), 3: .text(summary.policy.text),
            4: .unsigned(summary.issuedAt),
        ]).encoded()
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(5 + facts.count + elements.bitCount / 8)
        bytes.appendBigEndian(UInt32(facts.count))
        bytes += facts
        elements.withBytes { bytes += $0 }
        defer { bytes.wipe() }
        return try body(bytes)
    }

    /// Reads what `withEncoded` lent. Points are checked when they are used, and all of them by `verify`.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version, `limitExceeded`, `unusablePolicy`.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard let version = bytes.first else { throw AttributeError(.malformed, "key-policy key: empty") }
        guard version == Self.version else {
            throw AttributeError(.unsupportedSuite, "key-policy key: version \(version) is not known", hint: "a newer phr may read it")
        }
        guard bytes.count >= 5 else { throw AttributeError(.malformed, "key-policy key: it ends too early") }
        let factsEnd = 5 + bytes[1..<5].reduce(0) { $0 << 8 | Int($1) }
        guard factsEnd <= bytes.count else { throw AttributeError(.malformed, "key-policy key: it ends too early") }
        var fields = try FieldReader(Array(bytes[5..<factsEnd]), of: "key-policy key")
        try fields.expectVersion()
        let fingerprint = try fields.bytes(1, count: 32)
        let epoch = try fields.unsigned(2)
        let text = try fields.text(3)
        let issuedAt = try fields.unsigned(4)
        try fields.finish()
        guard let policy = try? Policy(decoding: Array(text.utf8)) else {
            throw AttributeError(.malformed, "key-policy key: its policy is none in normal form")
        }
        let summary = Summary(publicKeyFingerprint: fingerprint, epoch: epoch, policy: policy, issuedAt: issuedAt)
        try self.init(summary, elements: SymmetricKey(data: bytes[factsEnd...]))
    }

    /// Verifies every element by pairings: that each way to satisfy the policy leads to the authority's secret.
    ///
    /// - Throws: `authorityChanged` when it is of another public key, `invalidKey` when an element is wrong.
    package func verify(with publicKey: KeyPolicyPublicKey) throws(AttributeError) {
        guard summary.publicKeyFingerprint == publicKey.fingerprint, summary.epoch == publicKey.epoch else {
            throw AttributeError(.authorityChanged, "the key was made under another public key than the published one")
        }
        let key = try userKey(Array(structure.rows.indices))
        // e(K_i, g2) / e(H(u_i), R) is e(g1, g2) to the share of row i.
        let shares = structure.rows.indices.map { row in
            let message = AttributeName.message(structure.rows[row].name, authority: publicKey.fingerprint)
            return BLSGroup.pairingProduct([
                .generator(key.rows[row]), .points(-BLSGroup.hashToG1(message, .keyPolicyAttribute), key.occurrences[structure.occurrences[row]]),
            ])
        }
        guard value(of: structure.tree, shares) == publicKey.y else {
            throw AttributeError(.invalidKey, "the key does not belong to its public key", hint: "ask for it to be issued again")
        }
    }

    /// What the shares of a tree's rows come from, nil when they contradict each other.
    private func value(of tree: AccessTree, _ shares: [GT]) -> GT? {
        func values(_ children: [AccessTree]) -> [GT]? {
            let values = children.compactMap { value(of: $0, shares) }
            return values.count == children.count ? values : nil
        }
        switch tree {
        case .row(let row): return shares[row]
        case .all(let children): return values(children)?.reduce(.one, *)
        case .any(let children):
            guard let values = values(children) else { return nil }
            return values.allSatisfy { $0 == values[0] } ? values[0] : nil
        case .threshold(let count, of: let children):
            guard let values = values(children) else { return nil }
            let points = Array(1...count)
            func interpolated(at x: Int) -> GT {
                zip(points, values).reduce(.one) { $0 * $1.1.power(lagrange($1.0, at: x, among: points)) }
            }
            let isConsistent = (count..<children.count).allSatisfy { interpolated(at: $0 + 1) == values[$0] }
            return isConsistent ? interpolated(at: 0) : nil
        }
    }

    private func lagrange(_ point: Int, at x: Int, among points: [Int]) -> Scalar {
        func scalar(_ value: Int) -> Scalar { value < 0 ? -Scalar(UInt64(-value)) : Scalar(UInt64(value)) }
        let others = points.filter { $0 != point }
        let denominator = others.reduce(Scalar(1)) { $0 * scalar(point - $1) }
        return others.reduce(Scalar(1)) { $0 * scalar(x - $1) } * denominator.inverse()
    }

    /// The elements with the points of these rows; others are the identity.
    func userKey(_ rows: [Int]) throws(AttributeError) -> KeyPolicyFABEO<BLSGroup>.UserKey {
        let count = structure.occurrenceCount
        let points = elements.withBytes { bytes in
            (
                occurrences: (0..<count).map { try? G2(compressed: Array(bytes[96 * $0..<96 * ($0 + 1)])) },
                rows: rows.map { row in
                    let start = 96 * count + 48 * row
                    return try? G1(compressed: Array(bytes[start..<start + 48]))
                }
            )
        }
        let occurrences = points.occurrences.compactMap { $0.flatMap { $0.isIdentity ? nil : $0 } }
        let found = points.rows.compactMap { $0.flatMap { $0.isIdentity ? nil : $0 } }
        guard occurrences.count == count, found.count == rows.count else {
            throw AttributeError(.invalidKey, "the key has an element that is no point of the group", hint: "ask the authority to issue it again")
        }
        var all = [G1](repeating: .identity, count: structure.rows.count)
        for (row, point) in zip(rows, found) { all[row] = point }
        return .init(rows: all, occurrences: occurrences)
    }
}

extension KeyPolicyKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "KeyPolicyKey(redacted, \(policy))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
