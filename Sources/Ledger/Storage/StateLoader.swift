// Rebuilding the state of a log from its tables.

internal import GRDB
internal import MerkleTree

/// Reads the head and checks that it fits its entries well enough to build on; `check` looks at every byte.
enum StateLoader {
    static func load(from database: Database) throws -> (state: LedgerState, logKey: VerifierKey) {
        guard try LedgerTables.exist(in: database), let head = try LedgerTables.head(in: database) else {
            throw LedgerError(.notCreated, "has no ledger; create one with phrd init", place: "database")
        }
        guard
            let first = try LedgerTables.body(at: 0, in: database), case .genesis(let genesis) = try LogEntry(decoding: first)
        else { throw LedgerError(.damaged, "is not a genesis entry", place: "entry 0") }
        let chain = try LogReplay.Chain(genesis)
        let logKey = try VerifierKey(parsing: genesis.logVerifierKey)

        let root = head.frontier.root
        guard root == head.root else { throw damagedHead("the root does not follow from the frontier") }
        let checkpoint = try CheckpointNote(parsing: head.note, verifiedBy: logKey)
        guard checkpoint.size == head.frontier.size, checkpoint.root == root else {
            throw damagedHead("the checkpoint is not of this size and root")
        }
        let tip = try tip(of: head, in: database)
        let edge = try edge(size: head.frontier.size, in: database)
        guard try rebuiltRoot(size: head.frontier.size, edge: edge, in: database) == root else {
            throw LedgerError(.damaged, "the newest entries and tiles do not add up to the root; run phrd ledger check", place: "database")
        }
        let state = LedgerState(
            chain: chain, frontier: head.frontier, root: root, tip: tip, sequence: head.sequence, checkpoint: checkpoint, edge: edge)
        return (state, logKey)
    }

    /// Refuses private keys that are not the ones the genesis entry names.
    static func requireKeys(_ signer: BlockSigner, for state: LedgerState) throws(LedgerError) {
        guard signer.authorityKeyID == state.chain.authorityKeyID else {
            throw LedgerError(.wrongKey, "is not the key this log was started with", place: "authority key")
        }
        do {
            try state.checkpoint.note.verify(signer.noteSigner.verifierKey)
        } catch {
            throw LedgerError(.wrongKey, "is not the key this log was started with", place: "log key")
        }
    }

    private static func tip(of head: LedgerTables.HeadRow, in database: Database) throws -> LogReplay.Tip {
        let index = head.frontier.size - 1
        guard
            let body = try LedgerTables.body(at: index, in: database),
            case .header(let header) = try LogEntry(decoding: body), header.content.height == head.height
        else { throw LedgerError(.damaged, "is not the header of block \(head.height)", place: "entry \(index)") }
        return LogReplay.Tip(height: head.height, headerHash: MerkleHash.leaf(body), time: header.content.time)
    }

    /// The partial tiles of a tree of `size` leaves.
    private static func edge(size: UInt64, in database: Database) throws -> TileEdge {
        var levels: [[[UInt8]]] = []
        var level = 0
        while Tile.hashCount(level: level, size: size) > 0 {
            let count = Tile.hashCount(level: level, size: size)
            let range = count - count % Tile.width..<count
            if level == 0 {
                levels.append(try LedgerTables.leafHashes(range, in: database))
            } else {
                levels.append(
                    try range.map { number in
                        guard let hashes = try LedgerTables.tile(level: level - 1, number: number, in: database) else {
                            throw LedgerError(.damaged, "is missing or damaged", place: "tile \(level - 1)/\(number)")
                        }
                        return Tile.root(of: hashes)
                    })
            }
            level += 1
        }
        return TileEdge(levels: levels)
    }

    private static func rebuiltRoot(size: UInt64, edge: TileEdge, in database: Database) throws -> [UInt8] {
        try TreeReader(edge: edge, size: size, database: database).root(of: 0..<size)
    }

    private static func damagedHead(_ reason: String) -> LedgerError {
        LedgerError(.damaged, reason, place: "table ledger_head")
    }
}
