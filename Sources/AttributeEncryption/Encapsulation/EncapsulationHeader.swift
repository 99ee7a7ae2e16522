// The bytes that stand in an envelope for everyone who satisfies a policy.

internal import CanonicalEncoding

/// A header, read as far as needs no curve arithmetic: limits and counts are checked here, points when they are used.
struct EncapsulationHeader {
    /// What the header says of one authority of the policy.
    struct Authority: Equatable {
        let fingerprint: [UInt8]
        let epoch: UInt64
        /// Nil when no one is revoked.
        let revocations: RevocationList?
        /// A ‖ B, in suite 2.
        let points: [UInt8]?
    }

    static let byteLimit = 1 << 18
    private static let place = "attribute header"

    let suite: Suite
    let policy: Policy
    /// In the order of `policy.authorities`.
    let authorities: [Authority]
    let structure: AccessStructure
    var elements: [UInt8]
    /// W
    var maskedMessage: [UInt8]
    var tag: [UInt8]

    init(suite: Suite, policy: Policy, authorities: [Authority]) throws(AttributeError) {
        guard Set(authorities.map(\.fingerprint)).count == authorities.count else {
            throw AttributeError(.malformed, "\(Self.place): two names of the policy stand for one authority")
        }
        self.suite = suite
        self.policy = policy
        self.authorities = authorities
        structure = try AccessStructure(policy, revocations: Self.revocations(policy, authorities))
        elements = []
        maskedMessage = []
        tag = []
    }

    /// - Throws: `limitExceeded`, `malformed`, `unsupportedSuite`.
    init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard bytes.count <= Self.byteLimit else { throw AttributeError(.limitExceeded, "\(Self.place): more than \(Self.byteLimit) bytes") }
        var fields = try FieldReader(bytes, of: Self.place, limit: Self.byteLimit)
        let number = try fields.unsigned(0)
        guard let suite = UInt8(exactly: number).flatMap(Suite.init), suite != .keyPolicy else {
            throw AttributeError(.unsupportedSuite, "\(Self.place): suite \(number) is not known", hint: "a newer phr may open it")
        }
        let policy = try Self.policy(fields.text(1))
        let names = policy.authorities
        guard (names.count == 1) == (suite == .singleAuthority) else {
            throw AttributeError(.malformed, "\(Self.place): \(names.count) authorities do not go with suite \(number)")
        }
        let entries = try fields.array(2)
        guard entries.count == names.count else {
            throw AttributeError(.malformed, "\(Self.place): \(entries.count) authorities for a policy that names \(names.count)")
        }
        var authorities: [Authority] = []
        for entry in entries { authorities.append(try Authority(entry, suite: suite)) }
        let elements = try fields.bytes(3)
        let maskedMessage = try fields.bytes(4, count: FujisakiOkamoto.byteCount)
        let tag = try fields.bytes(5, count: FujisakiOkamoto.byteCount)
        try fields.finish()
        try self.init(suite: suite, policy: policy, authorities: authorities)
        guard elements.count == elementByteCount else {
            throw AttributeError(.malformed, "\(Self.place): \(structure.rows.count) rows take \(elementByteCount) bytes of elements, not \(elements.count)")
        }
        self.elements = elements
        self.maskedMessage = maskedMessage
        self.tag = tag
    }

    func encoded() -> [UInt8] {
        var fields = preambleFields
        fields[3] = .bytes(elements)
        fields[4] = .bytes(maskedMessage)
        fields[5] = .bytes(tag)
        return CBOR.map(fields).encoded()
    }

    /// Suite, policy and authorities: what the coins, the key and the tag are bound to.
    var preamble: [UInt8] { CBOR.map(preambleFields).encoded() }

    var transformInputs: KeyEncapsulation.TransformInputs {
        .init(preamble: preamble, maskedMessage: maskedMessage, tag: tag)
    }

    /// Bytes of the group elements: fixed by the suite and the policy's rows.
    var elementByteCount: Int {
        switch suite {
        case .singleAuthority: 96 * (1 + structure.occurrenceCount) + 48 * structure.rows.count
        case .decentralized, .keyPolicy: 240 * structure.rows.count
        }
    }

    /// What is hashed to the curve for each row.
    var messages: [[UInt8]] {
        structure.rows.map { AttributeName.message($0.name, authority: authorities[$0.authority].fingerprint) }
    }

    /// What the policy's authorities said of themselves when it was sealed.
    var states: [String: AuthorityState] {
        Dictionary(uniqueKeysWithValues: zip(policy.authorities, authorities).map { ($0, AuthorityState(epoch: $1.epoch, revocations: $1.revocations)) })
    }

    private var preambleFields: [UInt64: CBOR] {
        [0: .unsigned(UInt64(suite.rawValue)), 1: .text(policy.text), 2: .array(authorities.map(\.cbor))]
    }

    private static func revocations(_ policy: Policy, _ authorities: [Authority]) -> [String: RevocationList] {
        var result: [String: RevocationList] = [:]
        for (name, authority) in zip(policy.authorities, authorities) { result[name] = authority.revocations }
        return result
    }

    private static func policy(_ text: String) throws(AttributeError) -> Policy {
        do {
            return try Policy(decoding: Array(text.utf8))
        } catch {
            throw AttributeError(error.code == .limit ? .limitExceeded : .malformed, "\(place): \(error)")
        }
    }
}

extension EncapsulationHeader.Authority {
    /// A map: 1 fingerprint, 2 epoch, 3 depth and 4 revoked leaves when there are any, 5 A ‖ B in suite 2.
    fileprivate init(_ value: CBOR, suite: Suite) throws(AttributeError) {
        var fields = try FieldReader(value, of: "attribute header, authority")
        fingerprint = try fields.bytes(1, count: 32)
        epoch = try fields.unsigned(2)
        if fields.has(3) {
            let leaves = try fields.array(4).map { $0.unsignedValue.flatMap(UInt32.init(exactly:)) }
            let list = try RevocationList(depth: fields.unsigned(3, upTo: RevocationList.depths.upperBound), revoked: leaves.compactMap { $0 })
            guard !leaves.isEmpty, list.revoked.map(Optional.some) == leaves else { throw fields.wrong(4, "ascending leaves, each once") }
            revocations = list
        } else {
            revocations = nil
        }
        points = suite == .decentralized ? try fields.bytes(5, count: 2 * AuthorityPublicKey.pointByteCount) : nil
        try fields.finish()
    }

    fileprivate var cbor: CBOR {
        var fields: [UInt64: CBOR] = [1: .bytes(fingerprint), 2: .unsigned(epoch)]
        if let revocations {
            fields[3] = .unsigned(UInt64(revocations.depth))
            fields[4] = .array(revocations.revoked.map { .unsigned(UInt64($0)) })
        }
        if let points { fields[5] = .bytes(points) }
        return .map(fields)
    }
}
