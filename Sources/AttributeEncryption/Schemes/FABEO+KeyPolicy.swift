// FABEO, key-policy: the header carries attributes, the key a policy. For slices of the audit log.

/// The key-policy scheme of the same paper, with the occurrence index in the key.
///
///     Y = e(g1, g2)^α
///     key     K_i = λ_i·g1 + r_τ(i)·H(u_i)  with shares λ of α     R_k = r_k·g2
///     header  C0 = s·g2     C_u = s·H(u)     shared secret Y^s
package enum KeyPolicyFABEO<Group: PairingGroup> {
    package struct UserKey: Sendable {
        /// K, one a row.
        package var rows: [Group.G1]
        /// R, one an occurrence.
        package var occurrences: [Group.G2]

        package init(rows: [Group.G1], occurrences: [Group.G2]) {
            self.rows = rows
            self.occurrences = occurrences
        }
    }

    package struct Header: Sendable {
        /// C0
        package var secret: Group.G2
        /// C_u, in the order of the header's attributes.
        package var attributes: [Group.G1]

        package init(secret: Group.G2, attributes: [Group.G1]) {
            self.secret = secret
            self.attributes = attributes
        }
    }

    /// A selected row of the key with the header's element for its attribute.
    package struct RowElement: Sendable {
        package let row: SelectedRow
        package let element: Group.G1

        package init(row: SelectedRow, element: Group.G1) {
            self.row = row
            self.element = element
        }
    }

    /// The key for rows with these attributes, from shares of α and one random scalar an occurrence.
    package static func key(attributes: [[UInt8]], occurrences: [Int], shares: [Group.Scalar], randomness: [Group.Scalar]) -> UserKey {
        let rows = attributes.indices.map { row in
            Group.G1.generator(times: shares[row]) + Group.hashToG1(attributes[row], .keyPolicyAttribute) * randomness[occurrences[row]]
        }
        return UserKey(rows: rows, occurrences: randomness.map { .generator(times: $0) })
    }

    package static func header(attributes: [[UInt8]], secret: Group.Scalar) -> Header {
        Header(
            secret: .generator(times: secret), attributes: attributes.map { Group.hashToG1($0, .keyPolicyAttribute) * secret })
    }

    /// Computes the pairings for exactly these rows, and does not ask whether they satisfy anything.
    package static func decapsulate(_ header: Header, key: UserKey, occurrences: [Int], rows: [RowElement]) -> Group.GT {
        var elements: [Int: WeightedPoints<Group.G1>] = [:]
        var points = WeightedPoints<Group.G1>()
        for row in rows {
            let weight = row.row.weight(in: Group.self)
            elements[occurrences[row.row.row], default: WeightedPoints()].add(row.element, times: weight)
            points.add(key.rows[row.row.row], times: weight)
        }
        var terms: [PairingGroupTerm<Group>] = [.points(points.sum, header.secret)]
        for (occurrence, element) in elements.sorted(by: { $0.key < $1.key }) { terms.append(.points(-element.sum, key.occurrences[occurrence])) }
        return Group.pairingProduct(terms)
    }
}
