// The pairings that open a header, for rows and keys that were chosen.

internal import BLS12381

/// The rows to use, and the key for each authority.
struct HeaderOpening {
    let rows: [SelectedRow]
    /// By index of the header's authorities.
    let keys: [Int: KeyElements]
    let identity: Identity

    /// What the keys are bound to.
    enum Identity {
        case global([UInt8])
        /// Of a transform key: H(gid) and g2, both to 1/z.
        case transformed(G2, generator: G2)
    }

    private static let largestCombinationCount = 256

    /// The one with the fewest rows that one key an authority allows; nil when none satisfies the policy.
    static func cheapest(
        _ header: EncapsulationHeader, _ keys: [(authority: Int, elements: KeyElements)], identity: Identity
    ) -> HeaderOpening? {
        let openings = Combinations(keys, of: \.authority).prefix(largestCombinationCount).compactMap { choice in
            header.structure.tree.cheapestSelection { row in
                let row = header.structure.rows[row]
                return choice[row.authority]?.elements.index(of: row.name) != nil
            }.map { HeaderOpening(rows: $0, keys: choice.mapValues(\.elements), identity: identity) }
        }
        return openings.min { $0.rows.count < $1.rows.count }
    }

    /// The pairings alone: nothing here says whether the header is whole.
    func sharedSecret(_ header: EncapsulationHeader) throws(AttributeError) -> GT {
        switch header.suite {
        case .singleAuthority: try fabeo(header)
        case .decentralized, .keyPolicy: try decentralized(header)
        }
    }

    private func fabeo(_ header: EncapsulationHeader) throws(AttributeError) -> GT {
        guard let key = keys[0] else { throw KeyEncapsulation.tampered }
        let used = header.structure.occurrences
        let points = try header.fabeoElements(Set(rows.map { used[$0.row] }))
        var c3: [Int: G1] = [:]
        for row in rows { c3[row.row] = try header.fabeoRow(row.row) }
        return try key.withBytes { (bytes) throws(AttributeError) in
            let (master, randomness) = try KeyElements.masterElements(bytes)
            var rowKeys: [FABEO<BLSGroup>.RowKey] = []
            for row in rows { rowKeys.append(.init(row: row, element: try KeyElements.fabeoElement(bytes, index(of: row, in: header, key)))) }
            let elements = FABEO<BLSGroup>.Header(
                secret: points.secret, occurrences: (0..<header.structure.occurrenceCount).map { points.occurrences[$0] ?? .identity },
                rows: header.structure.rows.indices.map { c3[$0] ?? .identity })
            return FABEO<BLSGroup>.decapsulate(elements, occurrences: used, rows: rowKeys, master: master, randomness: randomness)
        }
    }

    private func decentralized(_ header: EncapsulationHeader) throws(AttributeError) -> GT {
        var elements: [DecentralizedABE<BLSGroup>.Row] = []
        var rowKeys: [DecentralizedABE<BLSGroup>.RowKey] = []
        var randomness: [G1] = []
        for (authority, key) in keys.sorted(by: { $0.key < $1.key }) {
            let ownRows = rows.filter { header.structure.rows[$0.row].authority == authority }
            guard !ownRows.isEmpty else { continue }
            for row in ownRows { elements.append(try header.decentralizedRow(row.row)) }
            try key.withBytes { (bytes) throws(AttributeError) in
                for row in ownRows {
                    let element = try KeyElements.decentralizedElement(bytes, index(of: row, in: header, key))
                    rowKeys.append(.init(row: row.moved(to: rowKeys.count), element: element, issuance: randomness.count))
                }
                randomness.append(try KeyElements.randomness(bytes))
            }
        }
        let (point, generator): (G2, G2?) =
            switch identity {
            case .global(let gid): (DecentralizedABE<BLSGroup>.identity(gid), nil)
            case .transformed(let point, let generator): (point, generator)
            }
        return DecentralizedABE<BLSGroup>.decapsulate(elements, rows: rowKeys, randomness: randomness, identity: point, generator: generator)
    }

    private func index(of row: SelectedRow, in header: EncapsulationHeader, _ key: KeyElements) throws(AttributeError) -> Int {
        guard let index = key.index(of: header.structure.rows[row.row].name) else { throw KeyEncapsulation.tampered }
        return index
    }
}

extension SelectedRow {
    /// The same weight at another place, for a list of the used rows only.
    func moved(to row: Int) -> SelectedRow {
        var moved = SelectedRow(row: row)
        moved.numerators = numerators
        moved.denominators = denominators
        return moved
    }
}
