// Several authorities that do not know each other: the decentralised scheme, bound to a global identity.

/// The "plain" form of Riepel, Venema and Verma, "ISABELLA", CCS 2024 (ePrint 2024/1352), mirrored so that rows lie mostly in G1.
/// Every row has randomness of its own, so that rows of one authority tell nothing about each other.
///
///     authority  A = α·g1     B = β·g1
///     key        K1_u = α·g2 + β·H(gid) + r·F(u)     K4 = r·g1
///     row j      C1 = μ_j·g1 + s_j·B     C2 = s_j·F(u_j)     C3 = λ_j·g1 + s_j·A     C4 = s_j·g1
///
/// with λ shares of s and μ shares of 0; the shared secret is e(g1, g2)^s.
package enum DecentralizedABE<Group: PairingGroup> {
    package struct SecretKey: Sendable {
        package var alpha: Group.Scalar
        package var beta: Group.Scalar

        package init(alpha: Group.Scalar, beta: Group.Scalar) {
            self.alpha = alpha
            self.beta = beta
        }

        package var publicKey: PublicKey { PublicKey(a: Group.FixedG1(.generator(times: alpha)), b: Group.FixedG1(.generator(times: beta))) }
    }

    package struct PublicKey: Sendable {
        package let a: Group.FixedG1
        package let b: Group.FixedG1

        package init(a: Group.FixedG1, b: Group.FixedG1) {
            self.a = a
            self.b = b
        }
    }

    package struct UserKey: Sendable {
        /// K1, in the order of the attributes it was issued for.
        package var attributes: [Group.G2]
        /// K4
        package var randomness: Group.G1

        package init(attributes: [Group.G2], randomness: Group.G1) {
            self.attributes = attributes
            self.randomness = randomness
        }
    }

    package struct Row: Sendable {
        package var c1: Group.G1
        package var c2: Group.G2
        package var c3: Group.G1
        package var c4: Group.G1

        package init(c1: Group.G1, c2: Group.G2, c3: Group.G1, c4: Group.G1) {
            self.c1 = c1
            self.c2 = c2
            self.c3 = c3
            self.c4 = c4
        }
    }

    /// The random scalars of a header.
    package struct Coins: Sendable {
        package var secret: Group.Scalar
        /// λ
        package var shares: [Group.Scalar]
        /// μ
        package var zeroShares: [Group.Scalar]
        /// s_j
        package var rows: [Group.Scalar]

        package init(secret: Group.Scalar, shares: [Group.Scalar], zeroShares: [Group.Scalar], rows: [Group.Scalar]) {
            self.secret = secret
            self.shares = shares
            self.zeroShares = zeroShares
            self.rows = rows
        }

        /// The secret first, then its sharing, then the sharing of zero, then one scalar a row.
        package init(_ structure: AccessStructure, from source: inout some ScalarSource<Group.Scalar>) {
            let count = structure.rows.count
            secret = source.next()
            shares = SecretSharing<Group>.shares(of: secret, over: structure.tree, rowCount: count, from: &source)
            zeroShares = SecretSharing<Group>.shares(of: Group.Scalar(0), over: structure.tree, rowCount: count, from: &source)
            rows = []
            for _ in 0..<count { rows.append(source.next()) }
        }

        package mutating func wipe() {
            secret.wipe()
            for index in shares.indices { shares[index].wipe() }
            for index in zeroShares.indices { zeroShares[index].wipe() }
            for index in rows.indices { rows[index].wipe() }
        }
    }

    /// A selected row of the header with the key element for its attribute and the issuance it comes from.
    package struct RowKey: Sendable {
        package let row: SelectedRow
        package let element: Group.G2
        /// Index into the list of K4.
        package let issuance: Int

        package init(row: SelectedRow, element: Group.G2, issuance: Int) {
            self.row = row
            self.element = element
            self.issuance = issuance
        }
    }

    package static func identity(_ gid: [UInt8]) -> Group.G2 { Group.hashToG2(gid, .decentralizedIdentity) }

    /// A key for attributes that share the randomness r, bound to an identity.
    package static func issue(
        _ secret: SecretKey, gid: [UInt8], attributes: [[UInt8]], from source: inout some ScalarSource<Group.Scalar>
    ) -> UserKey {
        var r = source.next()
        defer { r.wipe() }
        var common = Group.G2.generator(times: secret.alpha) + identity(gid) * secret.beta
        defer { common.wipe() }
        return UserKey(
            attributes: attributes.map { common + Group.hashToG2($0, .decentralizedAttribute) * r }, randomness: .generator(times: r))
    }

    /// The rows for these attributes; `keys` holds the public key of each row's authority.
    package static func header(attributes: [[UInt8]], keys: [PublicKey], coins: Coins) -> [Row] {
        attributes.indices.map { row in
            let s = coins.rows[row]
            return Row(
                c1: .generator(times: coins.zeroShares[row]) + keys[row].b.times(s), c2: Group.hashToG2(attributes[row], .decentralizedAttribute) * s,
                c3: .generator(times: coins.shares[row]) + keys[row].a.times(s), c4: .generator(times: s))
        }
    }

    /// e(g1, g2)^s
    package static func sharedSecret(_ coins: Coins) -> Group.GT { .generator(power: coins.secret) }

    /// Computes the pairings for exactly these rows, and does not ask whether they satisfy anything.
    ///
    /// - Parameters:
    ///   - randomness: K4 of each issuance used.
    ///   - identity: H(gid), or what a transform key has in its place.
    ///   - generator: what a transform key has in place of g2.
    package static func decapsulate(
        _ header: [Row], rows: [RowKey], randomness: [Group.G1], identity: Group.G2, generator: Group.G2? = nil
    ) -> Group.GT {
        var c1 = WeightedPoints<Group.G1>()
        var c3 = WeightedPoints<Group.G1>()
        var c2: [Int: WeightedPoints<Group.G2>] = [:]
        var terms: [PairingGroupTerm<Group>] = []
        for key in rows {
            let row = header[key.row.row]
            let weight = key.row.weight(in: Group.self)
            c1.add(row.c1, times: weight)
            c3.add(row.c3, times: weight)
            c2[key.issuance, default: WeightedPoints()].add(row.c2, times: weight)
            let c4 = weight.map { Group.G1.sumVartime([row.c4], times: [$0]) } ?? row.c4
            terms.append(.points(-c4, key.element))
        }
        terms.append(generator.map { .points(c3.sum, $0) } ?? .generator(c3.sum))
        terms.append(.points(c1.sum, identity))
        for (issuance, sum) in c2.sorted(by: { $0.key < $1.key }) { terms.append(.points(randomness[issuance], sum.sum)) }
        return Group.pairingProduct(terms)
    }
}
