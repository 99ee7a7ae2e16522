// The messages that carry keys: to a holder, to an issuer, to the authority that an issuer acts for, and to a hospital for emergencies.

internal import CanonicalEncoding
package import Keyring

/// An issued attribute key on its way to its holder.
package struct KeyDelivery: Sendable {
    package let heading: MessageHeading
    /// The signed issuance, and the salt that opens its commitment.
    package let document: [UInt8]
    package let salt: [UInt8]
    /// `AttributeKey`, encoded.
    package let key: Secret

    package init(heading: MessageHeading, document: [UInt8], salt: [UInt8], key: Secret) {
        self.heading = heading
        self.document = document
        self.salt = salt
        self.key = key
    }

    package init(decoding bytes: [UInt8]) throws(ClientError) {
        var fields = try DocumentFields(decoding: bytes, of: "the attribute key")
        heading = try MessageHeading(&fields)
        document = try fields.bytes(6)
        salt = try fields.bytes(7, count: 32)
        key = try fields.secret(8)
        try fields.finish()
    }

    /// Lends the encoded form; it is wiped afterwards.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        try key.withBytes { key in
            try withWiped(heading.fields.merging([6: .bytes(document), 7: .bytes(salt), 8: .bytes(key)]) { $1 }, body)
        }
    }
}

/// What an authority gives to somebody who is to issue in its name.
package struct IssuerGrant: Sendable {
    package let heading: MessageHeading
    package let epoch: UInt64
    package let created: UInt64
    package let depth: UInt8
    /// The leaves he may give out.
    package let leaves: Range<UInt32>
    /// The record that lists him.
    package let record: [UInt8]
    /// `AuthoritySecretKey`, encoded.
    package let secret: Secret
    package let nameKey: Secret?

    package init(
        heading: MessageHeading, epoch: UInt64, created: UInt64, depth: UInt8, leaves: Range<UInt32>, record: [UInt8], secret: Secret, nameKey: Secret?
    ) {
        self.heading = heading
        self.epoch = epoch
        self.created = created
        self.depth = depth
        self.leaves = leaves
        self.record = record
        self.secret = secret
        self.nameKey = nameKey
    }

    package init(decoding bytes: [UInt8]) throws(ClientError) {
        var fields = try DocumentFields(decoding: bytes, of: "the issuer's key")
        heading = try MessageHeading(&fields)
        epoch = try fields.unsigned(6)
        created = try fields.unsigned(7)
        let depthNumber = try fields.unsigned(8)
        let (lower, upper) = (try fields.unsigned(9), try fields.unsigned(10))
        record = try fields.bytes(11)
        secret = try fields.secret(12)
        nameKey = try fields.optionalSecret(13, count: 32)
        try fields.finish()
        guard let depth = UInt8(exactly: depthNumber), depth < 32, lower < upper, upper <= 1 << UInt64(depth) else {
            throw fields.malformed(9)
        }
        self.depth = depth
        leaves = UInt32(lower)..<UInt32(upper)
    }

    /// Lends the encoded form; it is wiped afterwards.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        var fields: [UInt64: CBOR] = [
            6: .unsigned(epoch), 7: .unsigned(created), 8: .unsigned(UInt64(depth)), 9: .unsigned(UInt64(leaves.lowerBound)),
            10: .unsigned(UInt64(leaves.upperBound)), 11: .bytes(record), 12: secret.withBytes { .bytes($0) },
        ]
        if let nameKey { fields[13] = nameKey.withBytes { .bytes($0) } }
        return try withWiped(heading.fields.merging(fields) { $1 }, body)
    }
}

/// What an issuer tells the authority that he acts for: what he has issued in its name.
package struct IssuanceReport: Equatable, Sendable {
    package let heading: MessageHeading
    /// Account name of the holder.
    package let holder: String
    package let document: [UInt8]
    package let salt: [UInt8]
    /// Of the request that was granted, if it was one.
    package let requestNonce: [UInt8]?

    package init(heading: MessageHeading, holder: String, document: [UInt8], salt: [UInt8], requestNonce: [UInt8]?) {
        self.heading = heading
        self.holder = holder
        self.document = document
        self.salt = salt
        self.requestNonce = requestNonce
    }

    package init(decoding bytes: [UInt8]) throws(ClientError) {
        var fields = try DocumentFields(decoding: bytes, of: "the issuer's report")
        heading = try MessageHeading(&fields)
        holder = try fields.text(6)
        document = try fields.bytes(7)
        salt = try fields.bytes(8, count: 32)
        requestNonce = try fields.optionalBytes(9, count: 16)
        try fields.finish()
    }

    package func encoded() -> [UInt8] {
        var fields = heading.fields.merging([6: .text(holder), 7: .bytes(document), 8: .bytes(salt)]) { $1 }
        if let requestNonce { fields[9] = .bytes(requestNonce) }
        return CBOR.map(fields).encoded()
    }
}

/// A patient's emergency key for a hospital: sealed, with the hospital's half of what opens it.
package struct EmergencyDelivery: Sendable {
    package let heading: MessageHeading
    package let document: [UInt8]
    package let salt: [UInt8]
    package let sealedKey: [UInt8]
    package let half: Secret

    package init(heading: MessageHeading, document: [UInt8], salt: [UInt8], sealedKey: [UInt8], half: Secret) {
        self.heading = heading
        self.document = document
        self.salt = salt
        self.sealedKey = sealedKey
        self.half = half
    }

    package init(decoding bytes: [UInt8]) throws(ClientError) {
        var fields = try DocumentFields(decoding: bytes, of: "the emergency key")
        heading = try MessageHeading(&fields)
        document = try fields.bytes(6)
        salt = try fields.bytes(7, count: 32)
        sealedKey = try fields.bytes(8)
        half = try fields.secret(9, count: 32)
        try fields.finish()
    }

    /// Lends the encoded form; it is wiped afterwards.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        let fields: [UInt64: CBOR] = [6: .bytes(document), 7: .bytes(salt), 8: .bytes(sealedKey), 9: half.withBytes { .bytes($0) }]
        return try withWiped(heading.fields.merging(fields) { $1 }, body)
    }
}

/// Encodes fields with secrets into memory that is reserved for them, lends the bytes and wipes them.
private func withWiped<R>(_ fields: [UInt64: CBOR], _ body: ([UInt8]) throws -> R) rethrows -> R {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
        fields.values.reduce(16) { count, value in
            switch value {
            case .bytes(let bytes): count + bytes.count + 10
            case .text(let text): count + text.utf8.count + 10
            default: count + 10
            }
        })
    CBOR.map(fields).append(to: &bytes)
    defer { wipe(&bytes) }
    return try body(bytes)
}
