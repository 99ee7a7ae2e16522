// FABEO, ciphertext-policy: one authority, three pairings whatever the policy's size.

/// Riepel and Wee, "FABEO: Fast Attribute-Based Encryption with Optimal Security", CCS 2022 (ePrint 2022/1415), with an
/// occurrence index: rows that repeat an attribute use different randomness. With one for all, `a and (b or a)` would open to b.
///
///     Y = e(g1, g2)^α
///     key     sk' = α·g1 + r·B     sk'' = r·g2     sk_u = r·H(u)
///     header  C1 = s·g2     C2_k = s'_k·g2     C3_i = λ_i·B + s'_τ(i)·H(u_i)     shared secret Y^s
package enum FABEO<Group: PairingGroup> {
    package struct UserKey: Sendable {
        /// sk'
        package var master: Group.G1
        /// sk''
        package var randomness: Group.G2
        /// sk_u, in the order of the attributes it was issued for.
        package var attributes: [Group.G1]

        package init(master: Group.G1, randomness: Group.G2, attributes: [Group.G1]) {
            self.master = master
            self.randomness = randomness
            self.attributes = attributes
        }
    }

    package struct Header: Sendable {
        /// C1
        package var secret: Group.G2
        /// C2, one an occurrence.
        package var occurrences: [Group.G2]
        /// C3, one a row.
        package var rows: [Group.G1]

        package init(secret: Group.G2, occurrences: [Group.G2], rows: [Group.G1]) {
            self.secret = secret
            self.occurrences = occurrences
            self.rows = rows
        }
    }

    /// A selected row with the key element for its attribute.
    package struct RowKey: Sendable {
        package let row: SelectedRow
        package let element: Group.G1

        package init(row: SelectedRow, element: Group.G1) {
            self.row = row
            self.element = element
        }
    }

    /// The random scalars of a header.
    package struct Coins: Sendable {
        package var secret: Group.Scalar
        package var shares: [Group.Scalar]
        package var occurrences: [Group.Scalar]

        package init(secret: Group.Scalar, shares: [Group.Scalar], occurrences: [Group.Scalar]) {
            self.secret = secret
            self.shares = shares
            self.occurrences = occurrences
        }

        /// The secret first, then the sharing, then one scalar an occurrence.
        package init(_ structure: AccessStructure, from source: inout some ScalarSource<Group.Scalar>) {
            secret = source.next()
            shares = SecretSharing<Group>.shares(of: secret, over: structure.tree, rowCount: structure.rows.count, from: &source)
            occurrences = []
            for _ in 0..<structure.occurrenceCount { occurrences.append(source.next()) }
        }

        package mutating func wipe() {
            secret.wipe()
            for index in shares.indices { shares[index].wipe() }
            for index in occurrences.indices { occurrences[index].wipe() }
        }
    }

    /// Y. The point α·g1 is never published.
    package static func publicKey(_ alpha: Group.Scalar) -> Group.GT { .generator(power: alpha) }

    /// A key for attributes that share the randomness r. Keys of different calls do not combine.
    package static func issue(_ alpha: Group.Scalar, attributes: [[UInt8]], from source: inout some ScalarSource<Group.Scalar>) -> UserKey {
        var r = source.next()
        defer { r.wipe() }
        return UserKey(
            master: .generator(times: alpha) + Group.fabeoBase.times(r), randomness: .generator(times: r),
            attributes: attributes.map { Group.hashToG1($0, .fabeoAttribute) * r })
    }

    /// The header for rows with these attributes; `occurrences` says which of the coins each row uses.
    package static func header(attributes: [[UInt8]], occurrences: [Int], coins: Coins) -> Header {
        let rows = attributes.indices.map { row in
            Group.fabeoBase.times(coins.shares[row]) + Group.hashToG1(attributes[row], .fabeoAttribute) * coins.occurrences[occurrences[row]]
        }
        return Header(
            secret: .generator(times: coins.secret), occurrences: coins.occurrences.map { .generator(times: $0) }, rows: rows)
    }

    /// Computes the pairings for exactly these rows, and does not ask whether they satisfy anything.
    package static func decapsulate(_ header: Header, occurrences: [Int], rows: [RowKey], master: Group.G1, randomness: Group.G2) -> Group.GT {
        var keys: [Int: WeightedPoints<Group.G1>] = [:]
        var points = WeightedPoints<Group.G1>()
        for row in rows {
            let weight = row.row.weight(in: Group.self)
            keys[occurrences[row.row.row], default: WeightedPoints()].add(row.element, times: weight)
            points.add(header.rows[row.row.row], times: weight)
        }
        var terms: [PairingGroupTerm<Group>] = [.points(master, header.secret), .points(-points.sum, randomness)]
        for (occurrence, key) in keys.sorted(by: { $0.key < $1.key }) { terms.append(.points(key.sum, header.occurrences[occurrence])) }
        return Group.pairingProduct(terms)
    }
}
