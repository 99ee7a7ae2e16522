// Opens a header with a holder's keys.

internal import BLS12381
internal import CanonicalEncoding
package import Crypto

extension KeyEncapsulation {
    /// The key of a header, if these keys satisfy its policy in that month and the header is whole.
    ///
    /// - Parameters:
    ///   - keys: of any authorities and epochs, the most recent first; those of one authority are never combined.
    ///   - month: the present one; keys outside their validity are not used.
    /// - Throws: `malformed`, `unsupportedSuite`, `limitExceeded` for the header; `notSatisfied`, `expired`, `wrongEpoch`, `revoked`,
    ///   `wrongIdentity`, `authorityChanged` with an explanation; `tampered` when it was changed; `invalidKey` for a damaged key.
    package static func decapsulate(
        _ header: [UInt8], keys: [AttributeKey], associatedData: [UInt8], at month: Month
    ) throws(AttributeError) -> SymmetricKey {
        let header = try EncapsulationHeader(decoding: header)
        let opening = try KeyChoice(header, keys: keys, month: month).opening()
        let sharedSecret = try opening.sharedSecret(header)
        return try open(header, sharedSecret: sharedSecret, associatedData: associatedData)
    }

    /// Takes the message out, makes the header again, and gives the key only if every byte is the same.
    private static func open(_ header: EncapsulationHeader, sharedSecret: GT, associatedData: [UInt8]) throws(AttributeError) -> SymmetricKey {
        let publicKeys = try header.publicKeys()
        let transform = FujisakiOkamoto(preamble: header.preamble, associatedData: associatedData)
        var message = transform.masked(header.maskedMessage, by: sharedSecret)
        let derived = transform.derive(SymmetricKey(consuming: &message))
        var (elements, secret) = header.makeElements(CoinScalars(derived.coins), keys: publicKeys)
        secret.wipe()
        // That W is right follows: another W gives another message, hence another tag.
        let isTagEqual = constantTimeEqual(derived.tag, header.tag)
        let areElementsEqual = constantTimeEqual(elements, header.elements)
        elements.removeAll()
        guard isTagEqual, areElementsEqual else { throw tampered }
        return derived.key
    }

    static var tampered: AttributeError {
        AttributeError(.tampered, "the attribute header was changed, or was sealed for other data")
    }
}

/// The rows to use, and the key for each authority.
struct HeaderOpening {
    let rows: [SelectedRow]
    /// By index of the header's authorities.
    let keys: [Int: AttributeKey]

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
        return try key.withElements { (bytes) throws(AttributeError) in
            let (master, randomness) = try AttributeKey.masterElements(bytes)
            var rowKeys: [FABEO<BLSGroup>.RowKey] = []
            for row in rows { rowKeys.append(.init(row: row, element: try AttributeKey.fabeoElement(bytes, index(of: row, in: header, key)))) }
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
            try key.withElements { (bytes) throws(AttributeError) in
                for row in ownRows {
                    let element = try AttributeKey.decentralizedElement(bytes, index(of: row, in: header, key))
                    rowKeys.append(.init(row: row.moved(to: rowKeys.count), element: element, issuance: randomness.count))
                }
                randomness.append(try AttributeKey.randomness(bytes))
            }
        }
        guard let gid = keys.values.first?.gid else { throw KeyEncapsulation.tampered }
        return DecentralizedABE<BLSGroup>.decapsulate(
            elements, rows: rowKeys, randomness: randomness, identity: DecentralizedABE<BLSGroup>.identity(gid))
    }

    private func index(of row: SelectedRow, in header: EncapsulationHeader, _ key: AttributeKey) throws(AttributeError) -> Int {
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
