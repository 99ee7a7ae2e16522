// What the ledger tells about itself: entries and proofs.

internal import GRDB
internal import MerkleTree

extension Ledger {
    /// The bytes of an entry.
    package func entry(at index: UInt64) throws -> [UInt8] {
        try requireEntry(index, size: head.size)
        guard let body = try database.read({ try LedgerTables.body(at: index, in: $0) }) else {
            throw LedgerError(.damaged, "is missing; run phrd ledger check", place: "entry \(index)")
        }
        return body
    }

    /// The path that proves entry `index` in the tree of the first `size` entries.
    package func inclusionProof(index: UInt64, size: UInt64) throws -> [[UInt8]] {
        let state = sequencer.state
        try requireSize(size, state: state)
        try requireEntry(index, size: size)
        return try database.read { database in
            try MerkleProof.inclusionPath(
                index: index, size: size, subtreeRoot: TreeReader(edge: state.edge, size: state.size, database: database).root)
        }
    }

    /// The path that proves that the first `to` entries begin with the first `from`.
    package func consistencyProof(from: UInt64, to: UInt64) throws -> [[UInt8]] {
        let state = sequencer.state
        try requireSize(to, state: state)
        guard (1...to).contains(from) else {
            throw LedgerError(.outOfRange, "a tree of \(to) entries does not continue one of \(from)", place: "consistency proof")
        }
        return try database.read { database in
            try MerkleProof.consistencyPath(
                from: from, to: to, subtreeRoot: TreeReader(edge: state.edge, size: state.size, database: database).root)
        }
    }

    /// The root of the first `size` entries.
    package func root(size: UInt64) throws -> [UInt8] {
        let state = sequencer.state
        guard size <= state.size else { throw outOfRange(size: size, state: state) }
        return try database.read { database in
            try TreeReader(edge: state.edge, size: state.size, database: database).root(of: 0..<size)
        }
    }

    /// A `c2sp.org/tlog-proof@v1` of entry `index` in the current checkpoint.
    package func tlogProof(index: UInt64) throws -> String { try proof(index: index).text }

    /// A `phr-record-proof/v1` of entry `index` in the current checkpoint.
    package func recordProof(index: UInt64, opening: RecordOpening?) throws -> String {
        RecordProof(opening: opening, entry: try entry(at: index), proof: try proof(index: index)).text
    }

    /// A `phr-document-proof/v1` of entry `index`, which commits to the document, in the current checkpoint.
    package func documentProof(index: UInt64, salt: [UInt8], document: [UInt8]) throws -> DocumentProof {
        DocumentProof(salt: salt, document: document, entry: try entry(at: index), proof: try proof(index: index))
    }

    /// A tile or bundle of entries by its C2SP path; nil when there is none of that size.
    package func tile(path: String) throws -> [UInt8]? {
        guard let path = try? TilePath(parsing: path) else { return nil }
        let state = sequencer.state
        let count = UInt64(path.width)
        return try database.read { database in
            switch path.kind {
            case .hashes(let level):
                let reader = TreeReader(edge: state.edge, size: state.size, database: database)
                return try reader.tile(level: level, number: path.number, count: count).map { Array($0.joined()) }
            case .entries:
                let start = path.number * Tile.width
                guard start + count <= state.size else { return nil }
                return EntryBundle.encoded(try LedgerTables.entries(start..<start + count, in: database).map(\.body))
            }
        }
    }

    private func proof(index: UInt64) throws -> TlogProof {
        let state = sequencer.state
        try requireEntry(index, size: state.size)
        let path = try database.read { database in
            try MerkleProof.inclusionPath(
                index: index, size: state.size, subtreeRoot: TreeReader(edge: state.edge, size: state.size, database: database).root)
        }
        return TlogProof(index: index, path: path, checkpoint: state.checkpoint.text)
    }

    private func requireEntry(_ index: UInt64, size: UInt64) throws(LedgerError) {
        guard index < size else { throw LedgerError(.outOfRange, "is not in a log of \(size) entries", place: "entry \(index)") }
    }

    private func requireSize(_ size: UInt64, state: LedgerState) throws(LedgerError) {
        guard size > 0, size <= state.size else { throw outOfRange(size: size, state: state) }
    }

    private func outOfRange(size: UInt64, state: LedgerState) -> LedgerError {
        LedgerError(.outOfRange, "the log has \(state.size) entries, not \(size)", place: "ledger")
    }
}
