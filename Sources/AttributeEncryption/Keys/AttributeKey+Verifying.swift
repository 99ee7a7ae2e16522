// Checks a received key before it is stored: that it is what it says, and that it opens what is sealed for its attributes.

internal import BLS12381
internal import CanonicalEncoding

extension AttributeKey {
    /// Verifies every element by pairings against the authority's public key; months and membership are among them, so what
    /// the summary says of them is proven too.
    ///
    /// - Parameter gid: the identity it must be for.
    /// - Throws: `wrongIdentity`, `wrongEpoch`, `authorityChanged` when the key is for other ones, `invalidKey` when an element is wrong.
    package func verify(with publicKey: AuthorityPublicKey, for gid: [UInt8]) throws(AttributeError) {
        guard summary.gid == gid else { throw AttributeError(.wrongIdentity, "the key from \(authority) was issued to another identity") }
        guard epoch == publicKey.epoch else {
            throw AttributeError(.wrongEpoch, "the key is of epoch \(epoch) of \(authority), its published key of epoch \(publicKey.epoch)")
        }
        guard publicKeyFingerprint == publicKey.fingerprint, summary.authorityPoints == publicKey.points else {
            throw AttributeError(.authorityChanged, "the key was made under another public key of \(authority) than the published one")
        }
        guard try isConsistent(with: publicKey) else {
            throw AttributeError(.invalidKey, "the key from \(authority) does not belong to its public key", hint: "ask for it to be issued again")
        }
    }

    /// All equations in one product with random 128-bit weights w:
    ///
    ///     e(sk', g2) = Y · e(B, sk'')     e(sk_u, g2) = e(H(u), sk'')
    ///     e(g1, K1_u) = e(A, g2) · e(B, H(gid)) · e(K4, F(u))
    private func isConsistent(with publicKey: AuthorityPublicKey) throws(AttributeError) -> Bool {
        let messages = elements.names.map { AttributeName.message($0, authority: publicKey.fingerprint) }
        let count = messages.count
        let points = try elements.withBytes { (bytes) throws(AttributeError) in try Points(bytes, count: count) }
        let weights = (0...2 * count).map { _ in Scalar(reducing: randomBytes(16)) }
        let master = weights[0]
        let fabeo = Array(weights[1...count])
        let decentralized = Array(weights[(count + 1)...])
        let total = decentralized.reduce(Scalar.zero, +)

        let keySum = G1.sumVartime([points.master, publicKey.a] + points.fabeo, times: [master, total] + fabeo)
        let hashSum = G1.sumVartime(
            [BLSGroup.fabeoBase.point] + messages.map { BLSGroup.hashToG1($0, .fabeoAttribute) }, times: [master] + fabeo)
        let attributeSum = G2.sumVartime(messages.map { BLSGroup.hashToG2($0, .decentralizedAttribute) }, times: decentralized)
        let product = BLSGroup.pairingProduct([
            .generator(keySum), .points(-hashSum, points.masterRandomness),
            .points(publicKey.b * total, DecentralizedABE<BLSGroup>.identity(gid)),
            .points(points.randomness, attributeSum), .points(-G1.generator, G2.sumVartime(points.decentralized, times: decentralized)),
        ])
        return product == publicKey.y.power(master)
    }

    private struct Points {
        let master: G1
        let masterRandomness: G2
        let randomness: G1
        let fabeo: [G1]
        let decentralized: [G2]

        init(_ bytes: [UInt8], count: Int) throws(AttributeError) {
            (master, masterRandomness) = try KeyElements.masterElements(bytes)
            randomness = try KeyElements.randomness(bytes)
            var fabeo: [G1] = []
            var decentralized: [G2] = []
            for index in 0..<count {
                fabeo.append(try KeyElements.fabeoElement(bytes, index))
                decentralized.append(try KeyElements.decentralizedElement(bytes, index))
            }
            self.fabeo = fabeo
            self.decentralized = decentralized
        }
    }
}
