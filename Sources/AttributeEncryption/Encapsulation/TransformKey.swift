// Opening with little work: a server does the pairings, the holder one power.

internal import BLS12381
internal import CanonicalEncoding
package import Crypto

/// Attribute keys with every element to 1/z, for a server that does the pairings for its holder. What it computes with them is the
/// shared secret to 1/z, which is worth nothing without z; deleting it stops the holder who kept only z.
///
/// Source: Green, Hohenberger, Waters, "Outsourcing the decryption of ABE ciphertexts", USENIX Security 2011.
package struct TransformKey: Sendable {
    fileprivate struct Part: Sendable {
        let fingerprint: [UInt8]
        /// A ‖ B of the authority.
        let authorityPoints: [UInt8]
        let elements: KeyElements
    }

    private let parts: [Part]
    private let identity: G2
    private let generator: G2

    private static let place = "transform key"
    private static let partLimit = 64
    private static let byteLimit = 1 << 24

    /// A transform key for some of a holder's keys, and what finishes its work. Make one for each device and each server.
    ///
    /// - Parameter keys: of one identity.
    /// - Throws: `wrongIdentity` for keys of several, `limitExceeded` for more than 64, `malformed` for none, `invalidKey`.
    package static func make(from keys: [AttributeKey]) throws(AttributeError) -> (transform: TransformKey, retrieval: RetrievalKey) {
        guard let gid = keys.first?.gid else { throw AttributeError(.malformed, "a transform key is made from at least one attribute key") }
        guard keys.allSatisfy({ $0.gid == gid }) else { throw AttributeError(.wrongIdentity, "a transform key is made from keys of one identity") }
        guard keys.count <= partLimit else { throw AttributeError(.limitExceeded, "a transform key is made from at most \(partLimit) attribute keys") }
        var z = Scalar.random()
        var inverse = z.inverse()
        defer {
            z.wipe()
            inverse.wipe()
        }
        var parts: [Part] = []
        for key in keys {
            parts.append(Part(fingerprint: key.publicKeyFingerprint, authorityPoints: key.summary.authorityPoints, elements: try key.elements.times(inverse)))
        }
        let transform = TransformKey(
            parts: parts, identity: DecentralizedABE<BLSGroup>.identity(gid) * inverse, generator: G2.generator(times: inverse))
        return (transform, RetrievalKey(z))
    }

    private init(parts: [Part], identity: G2, generator: G2) {
        self.parts = parts
        self.identity = identity
        self.generator = generator
    }

    /// The shared secret of a header to 1/z, 576 bytes.
    ///
    /// - Throws: as `KeyEncapsulation.decapsulate`, without reasons beyond `notSatisfied` and `authorityChanged`: validity is the holder's to check.
    package func transform(_ header: [UInt8]) throws(AttributeError) -> [UInt8] {
        let header = try EncapsulationHeader(decoding: header)
        let matching = parts.compactMap { part in
            header.authorities.firstIndex { $0.fingerprint == part.fingerprint }.map { (authority: $0, part: part) }
        }
        if header.suite == .decentralized, matching.contains(where: { header.authorities[$0.authority].points != $0.part.authorityPoints }) {
            throw AttributeError(.authorityChanged, "the header has another key for an authority than the one these keys were issued under")
        }
        let elements = matching.map { (authority: $0.authority, elements: $0.part.elements) }
        guard let best = HeaderOpening.cheapest(header, elements, identity: .transformed(identity, generator: generator)) else {
            throw AttributeError(.notSatisfied, "these transformed keys do not satisfy the policy")
        }
        return try best.sharedSecret(header).bytes
    }
}

/// The scalar z: what turns a transformed secret into the secret. It belongs with the identity, not with the server.
package final class RetrievalKey: Sendable {
    package static let byteCount = Scalar.byteCount

    private let key: SymmetricKey

    init(_ z: Scalar) {
        var bytes = z.bytes
        key = SymmetricKey(consuming: &bytes)
    }

    /// Reads what `withEncoded` lent.
    ///
    /// - Throws: `malformed` for anything but a scalar other than zero.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard let z = try? Scalar(bytes: bytes), !z.isZero else { throw AttributeError(.malformed, "retrieval key: not a scalar") }
        key = SymmetricKey(data: bytes)
    }

    /// Lends the 32 bytes for the time of one call.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R { try key.withBytes(body) }

    /// The key of a header, from what a server made of it.
    ///
    /// The commitment tag tells a wrong transformation, at no cost. The header is not made again, so that a holder without the power
    /// for pairings need not do them; whoever changed the header cannot make it open to another key, but might make an unusable row.
    ///
    /// - Throws: `malformed` for a header or an element that is none, `tampered` when the server did not do its work.
    package func open(_ header: [UInt8], transformed: [UInt8], associatedData: [UInt8]) throws(AttributeError) -> SymmetricKey {
        let header = try EncapsulationHeader(decoding: header)
        guard let element = try? GT(bytes: transformed) else { throw AttributeError(.malformed, "the transformed secret is no element of the group") }
        let secret = try key.withBytes { (bytes) throws(AttributeError) in
            guard var z = try? Scalar(bytes: bytes) else { throw KeyEncapsulation.tampered }
            defer { z.wipe() }
            return element.power(z)
        }
        return try KeyEncapsulation.derive(header.transformInputs, sharedSecret: secret, associatedData: associatedData).key
    }
}

// MARK: - Encoding

extension TransformKey {
    /// Deterministic CBOR. Not secret from the server it is made for, and of use to nobody else without z.
    package func encoded() -> [UInt8] {
        let points = G2.compressed([identity, generator])
        let entries = parts.map { part in
            CBOR.map([
                1: .bytes(part.fingerprint), 2: .bytes(part.authorityPoints), 3: .array(part.elements.names.map { .text($0) }),
                4: part.elements.withBytes { .bytes($0) },
            ])
        }
        return CBOR.map([0: .unsigned(1), 1: .bytes(points[0]), 2: .bytes(points[1]), 3: .array(entries)]).encoded()
    }

    /// Reads what `encoded` gave.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version, `limitExceeded`.
    package init(decoding bytes: [UInt8]) throws(AttributeError) {
        var fields = try FieldReader(bytes, of: Self.place, limit: Self.byteLimit)
        try fields.expectVersion()
        let points = [try fields.bytes(1, count: 96), try fields.bytes(2, count: 96)]
        let entries = try fields.array(3)
        try fields.finish()
        guard entries.count <= Self.partLimit else { throw AttributeError(.limitExceeded, "\(Self.place): more than \(Self.partLimit) keys") }
        guard let identity = try? G2(compressed: points[0]), let generator = try? G2(compressed: points[1]), !identity.isIdentity, !generator.isIdentity else {
            throw AttributeError(.malformed, "\(Self.place): an element is no point of the group")
        }
        var parts: [Part] = []
        for entry in entries { parts.append(try Part(entry)) }
        self.init(parts: parts, identity: identity, generator: generator)
    }
}

extension TransformKey.Part {
    fileprivate init(_ value: CBOR) throws(AttributeError) {
        var fields = try FieldReader(value, of: "transform key")
        let fingerprint = try fields.bytes(1, count: 32)
        let points = try fields.bytes(2, count: 2 * AuthorityPublicKey.pointByteCount)
        let names = try fields.array(3).map(\.textValue)
        let elements = try fields.bytes(4)
        try fields.finish()
        let texts = names.compactMap { $0 }
        guard texts.count == names.count, zip(texts, texts.dropFirst()).allSatisfy({ $0.utf8.lexicographicallyPrecedes($1.utf8) }) else {
            throw AttributeError(.malformed, "transform key: names are texts, sorted, each once")
        }
        self.init(
            fingerprint: fingerprint, authorityPoints: points, elements: try KeyElements(names: texts, bytes: SymmetricKey(data: elements)))
    }
}
