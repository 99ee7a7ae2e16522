// The group elements of a header: made from coins, the same each time.

internal import BLS12381

extension EncapsulationHeader {
    /// The public keys a header is made for, one for each of its authorities.
    enum PublicKeys {
        /// Y is not needed to make the elements again.
        case single
        case decentralized([DecentralizedABE<BLSGroup>.PublicKey])
    }

    /// Encoded elements, and s of the shared secret.
    func makeElements(_ coins: CoinScalars, keys: PublicKeys) -> (elements: [UInt8], secret: Scalar) {
        var source = coins
        switch keys {
        case .single:
            var coins = FABEO<BLSGroup>.Coins(structure, from: &source)
            defer { coins.wipe() }
            let header = FABEO<BLSGroup>.header(attributes: messages, occurrences: structure.occurrences, coins: coins)
            let points = G2.compressed([header.secret] + header.occurrences) + G1.compressed(header.rows)
            return (Array(points.joined()), coins.secret)
        case .decentralized(let keys):
            var coins = DecentralizedABE<BLSGroup>.Coins(structure, from: &source)
            defer { coins.wipe() }
            let rows = DecentralizedABE<BLSGroup>.header(attributes: messages, keys: structure.rows.map { keys[$0.authority] }, coins: coins)
            let first = G1.compressed(rows.flatMap { [$0.c1, $0.c3, $0.c4] })
            let second = G2.compressed(rows.map(\.c2))
            var elements: [UInt8] = []
            elements.reserveCapacity(elementByteCount)
            for row in rows.indices {
                for point in [first[3 * row], second[row], first[3 * row + 1], first[3 * row + 2]] { elements += point }
            }
            return (elements, coins.secret)
        }
    }

    /// The authorities' keys of suite 2 out of the header, each a point of the group.
    func publicKeys() throws(AttributeError) -> PublicKeys {
        guard suite == .decentralized else { return .single }
        var counts = [Int](repeating: 0, count: authorities.count)
        for row in structure.rows { counts[row.authority] += 1 }
        var keys: [DecentralizedABE<BLSGroup>.PublicKey] = []
        for (authority, count) in zip(authorities, counts) {
            let points = authority.points ?? []
            guard let a = try? G1(compressed: Array(points.prefix(48))), let b = try? G1(compressed: Array(points.suffix(48))),
                !a.isIdentity, !b.isIdentity
            else { throw Self.invalidPoint }
            keys.append(AuthorityTables.shared.key(points, a: a, b: b, rowCount: count))
        }
        return .decentralized(keys)
    }

    // MARK: Reading

    /// C1 and the C2 of some occurrences.
    func fabeoElements(_ occurrences: Set<Int>) throws(AttributeError) -> (secret: G2, occurrences: [Int: G2]) {
        var points: [Int: G2] = [:]
        for occurrence in occurrences { points[occurrence] = try pointOfG2(at: 96 * (1 + occurrence)) }
        return (try pointOfG2(at: 0), points)
    }

    /// C3 of a row.
    func fabeoRow(_ row: Int) throws(AttributeError) -> G1 { try pointOfG1(at: 96 * (1 + structure.occurrenceCount) + 48 * row) }

    func decentralizedRow(_ row: Int) throws(AttributeError) -> DecentralizedABE<BLSGroup>.Row {
        let start = 240 * row
        return .init(
            c1: try pointOfG1(at: start), c2: try pointOfG2(at: start + 48), c3: try pointOfG1(at: start + 144), c4: try pointOfG1(at: start + 192))
    }

    private func pointOfG1(at offset: Int) throws(AttributeError) -> G1 {
        guard let point = try? G1(compressed: Array(elements[offset..<offset + 48])), !point.isIdentity else { throw Self.invalidPoint }
        return point
    }

    private func pointOfG2(at offset: Int) throws(AttributeError) -> G2 {
        guard let point = try? G2(compressed: Array(elements[offset..<offset + 96])), !point.isIdentity else { throw Self.invalidPoint }
        return point
    }

    private static var invalidPoint: AttributeError { AttributeError(.malformed, "attribute header: an element is no point of the group") }
}
