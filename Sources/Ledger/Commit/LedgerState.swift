// Where the log stands: everything the next block needs to be built on.

internal import MerkleTree

/// The head of the log as the outside may see it.
package struct LedgerHead: Equatable, Sendable {
    /// Entries in the log.
    package let size: UInt64
    package let root: [UInt8]
    /// Height of the last block.
    package let height: UInt64
    /// Time of the last block, Unix milliseconds.
    package let time: UInt64
}

/// The head with the right edge of the tree.
struct LedgerState: Sendable {
    let chain: LogReplay.Chain
    var frontier: MerkleFrontier
    /// The tree's root; kept, because every reader asks for it.
    var root: [UInt8]
    var tip: LogReplay.Tip
    var sequence: UInt64
    var checkpoint: CheckpointNote
    var edge: TileEdge

    var size: UInt64 { frontier.size }
    var head: LedgerHead { LedgerHead(size: size, root: root, height: tip.height, time: tip.time) }
}
