// Makes a block from accepted transactions: entries, full tiles, and the head that follows.

internal import CanonicalEncoding
internal import Crypto
internal import MerkleTree

/// One entry as it is stored.
package struct EntryRow: Equatable, Sendable {
    package var index: UInt64
    package var leafHash: [UInt8]
    package var body: [UInt8]

    init(index: UInt64, body: [UInt8]) {
        self.index = index
        self.body = body
        leafHash = MerkleHash.leaf(body)
    }

    init(index: UInt64, leafHash: [UInt8], body: [UInt8]) {
        self.index = index
        self.leafHash = leafHash
        self.body = body
    }
}

/// A finished block that is nowhere stored yet.
struct Block: Sendable {
    /// Transactions in order, then the header.
    let entries: [EntryRow]
    let tiles: [Tile]
    /// The head once the block is stored.
    let state: LedgerState
}

/// What signs blocks.
struct BlockSigner: Sendable {
    let keys: SiteKeys
    let authorityKeyID: [UInt8]
    let noteSigner: NoteSigner

    init(keys: SiteKeys, origin: String) throws(LedgerError) {
        self.keys = keys
        authorityKeyID = keys.authorityKeyID
        noteSigner = try NoteSigner(name: origin, key: keys.log)
    }

    /// Clock differences up to here are counted up silently.
    private static let unremarkableDelay: UInt64 = 5_000
    /// A clock that is this far behind the log would make its times worthless.
    private static let largestDelay: UInt64 = 600_000

    /// The block with genesis entry that starts a log.
    func firstBlock(time: UInt64, random: [UInt8]) throws -> Block {
        let genesis = try Genesis.signed(
            origin: noteSigner.verifierKey.name, logVerifierKey: noteSigner.verifierKey.text, time: time, random: random,
            authority: keys.authority)
        let row = EntryRow(index: 0, body: genesis.encoded())
        let chain = try LogReplay.Chain(genesis)
        return try close(
            [row], chain: chain, frontier: MerkleFrontier(), edge: TileEdge(), rootBefore: MerkleHash.empty, tip: nil,
            sequence: 0, time: max(time, 1), flags: 0)
    }

    /// The block with `bodies` that follows `state`.
    func nextBlock(_ bodies: [TransactionBody], after state: LedgerState, now: UInt64) throws -> Block {
        let (time, flags) = try blockTime(now: now, previous: state.tip.time)
        var rows: [EntryRow] = []
        rows.reserveCapacity(bodies.count + 1)
        var sequence = state.sequence
        for body in bodies {
            sequence += 1
            let transaction = try Transaction.signed(
                body, chainID: state.chain.id, authorKeyID: authorityKeyID, sequence: sequence, time: time, author: keys.authority)
            rows.append(EntryRow(index: state.size + UInt64(rows.count), body: transaction.encoded()))
        }
        return try close(
            rows, chain: state.chain, frontier: state.frontier, edge: state.edge, rootBefore: state.root, tip: state.tip,
            sequence: sequence, time: time, flags: flags)
    }

    private func close(
        _ transactions: [EntryRow], chain: LogReplay.Chain, frontier: MerkleFrontier, edge: TileEdge, rootBefore: [UInt8],
        tip: LogReplay.Tip?, sequence: UInt64, time: UInt64, flags: UInt64
    ) throws -> Block {
        var block = MerkleFrontier()
        for row in transactions { block.append(leafHash: row.leafHash) }
        let content = BlockHeader.Content(
            chainID: chain.id, height: tip.map { $0.height + 1 } ?? 0, previousHash: tip?.headerHash ?? LogReplay.noHash,
            firstIndex: frontier.size, transactionCount: block.size, transactionRoot: block.root, logRootBefore: rootBefore,
            time: time, flags: flags, authorityKeyID: authorityKeyID)
        let header = try BlockHeader.signed(content, authority: keys.authority)
        let headerRow = EntryRow(index: frontier.size + block.size, body: header.encoded())

        var frontier = frontier
        var edge = edge
        var tiles: [Tile] = []
        let entries = transactions + [headerRow]
        for row in entries {
            frontier.append(leafHash: row.leafHash)
            tiles += edge.append(leafHash: row.leafHash, size: frontier.size)
        }
        let root = frontier.root
        let checkpoint = try CheckpointNote.signed(size: frontier.size, root: root, by: noteSigner)
        let state = LedgerState(
            chain: chain, frontier: frontier, root: root,
            tip: LogReplay.Tip(height: content.height, headerHash: headerRow.leafHash, time: time),
            sequence: sequence, checkpoint: checkpoint, edge: edge)
        return Block(entries: entries, tiles: tiles, state: state)
    }

    private func blockTime(now: UInt64, previous: UInt64) throws -> (time: UInt64, flags: UInt64) {
        if now > previous { return (now, 0) }
        let delay = previous - now
        guard delay <= Self.largestDelay else {
            throw LedgerError(
                .clockBehind, "the clock is \(delay / 1000) s behind the last block; set the clock, then try again", place: "ledger")
        }
        return (previous + 1, delay > Self.unremarkableDelay ? BlockHeader.clockWasBehind : 0)
    }
}
