// One encryption, many readers: a key that opens to whoever satisfies a policy.

internal import BLS12381
internal import CanonicalEncoding
package import Crypto

/// Key encapsulation under a policy, secure against changed headers, behind one interface for all suites.
package enum KeyEncapsulation {
    /// A fresh 32-byte key and the header that carries it.
    ///
    /// - Parameters:
    ///   - policy: with its months resolved; the names of authorities that hide them must be hidden already.
    ///   - authorities: the current record of each authority that the policy names.
    ///   - associatedData: bound to the header; opening needs the same.
    /// - Throws: `unknownAuthority`, `unusablePolicy`, `limitExceeded`.
    package static func encapsulate(
        _ policy: Policy, authorities: [String: AuthorityRecord], associatedData: [UInt8]
    ) throws(AttributeError) -> (header: [UInt8], key: SymmetricKey) {
        try encapsulate(policy, authorities: authorities, associatedData: associatedData, message: SymmetricKey(size: .bits256))
    }

    /// The same from a message that is known, for vectors: the whole header follows from it.
    package static func encapsulate(
        _ policy: Policy, authorities: [String: AuthorityRecord], associatedData: [UInt8], message: SymmetricKey
    ) throws(AttributeError) -> (header: [UInt8], key: SymmetricKey) {
        precondition(message.bitCount == 8 * FujisakiOkamoto.byteCount, "a message has 32 bytes")
        var records: [AuthorityRecord] = []
        for name in policy.authorities {
            guard let record = authorities[name] else {
                throw AttributeError(.unknownAuthority, "the policy names \(name), whose authority record is not known")
            }
            guard !record.hidesNames || !policy.authoritiesNamedPlainly.contains(name) else {
                throw AttributeError(.unusablePolicy, "\(name) hides the names of its attributes", hint: "the policy needs its name key")
            }
            records.append(record)
        }
        let suite: Suite = records.count == 1 ? .singleAuthority : .decentralized
        var header = try EncapsulationHeader(
            suite: suite, policy: policy, authorities: records.map { EncapsulationHeader.Authority($0, suite: suite) })
        let transform = FujisakiOkamoto(preamble: header.preamble, associatedData: associatedData)
        let derived = transform.derive(message)
        var (elements, secret) = header.makeElements(CoinScalars(derived.coins), keys: publicKeys(records, header))
        defer { secret.wipe() }
        header.elements = elements
        let sharedSecret = suite == .singleAuthority ? records[0].publicKey.y.power(secret) : GT.generator(power: secret)
        header.maskedMessage = message.withBytes { transform.masked($0, by: sharedSecret) }
        header.tag = derived.tag
        elements = header.encoded()
        guard elements.count <= EncapsulationHeader.byteLimit else {
            throw AttributeError(.limitExceeded, "the header would have \(elements.count) bytes, more than \(EncapsulationHeader.byteLimit)")
        }
        return (elements, derived.key)
    }

    private static func publicKeys(_ records: [AuthorityRecord], _ header: EncapsulationHeader) -> EncapsulationHeader.PublicKeys {
        guard header.suite == .decentralized else { return .single }
        return .decentralized(
            records.enumerated().map { index, record in
                AuthorityTables.shared.key(
                    record.publicKey.points, a: record.publicKey.a, b: record.publicKey.b, rowCount: header.structure.rows.count { $0.authority == index })
            })
    }

    /// What a header says to anyone, without a key.
    ///
    /// - Throws: `malformed`, `unsupportedSuite`, `limitExceeded`.
    package static func inspect(_ header: [UInt8]) throws(AttributeError) -> HeaderFacts {
        HeaderFacts(try EncapsulationHeader(decoding: header), byteCount: header.count)
    }
}

extension EncapsulationHeader.Authority {
    init(_ record: AuthorityRecord, suite: Suite) {
        fingerprint = record.publicKey.fingerprint
        epoch = record.publicKey.epoch
        revocations = record.revocations.revoked.isEmpty ? nil : record.revocations
        points = suite == .decentralized ? record.publicKey.points : nil
    }
}
