// Roots of parts of the tree, from stored tiles and the right edge.

internal import GRDB
internal import MerkleTree

/// Reads a tree of `size` leaves inside one database access.
///
/// A proof asks for several runs of the same tile, so full tiles are kept while it lives.
final class TreeReader {
    private let edge: TileEdge
    private let size: UInt64
    private let database: Database
    private var fullTiles: [TileName: [[UInt8]]] = [:]

    private struct TileName: Hashable {
        let level: Int
        let number: UInt64
    }

    init(edge: TileEdge, size: UInt64, database: Database) {
        self.edge = edge
        self.size = size
        self.database = database
    }

    /// The root over a run of leaves as proofs ask for it.
    func root(of range: Range<UInt64>) throws -> [UInt8] {
        try MerkleProof.root(of: range, completeSubtree: completeSubtree)
    }

    /// `count` hashes of a tile from its start; nil when the tree has not so many there.
    func tile(level: Int, number: UInt64, count: UInt64) throws -> [[UInt8]]? {
        let available = Tile.hashCount(level: level, size: size)
        let (end, overflows) = (number &* Tile.width).addingReportingOverflow(count)
        guard number < 1 << 56, !overflows, end <= available else { return nil }
        let isFull = number < available / Tile.width
        let hashes = isFull ? try fullTile(level: level, number: number) : edge.hashes(level: level)
        return Array(hashes.prefix(Int(count)))
    }

    private func fullTile(level: Int, number: UInt64) throws -> [[UInt8]] {
        let name = TileName(level: level, number: number)
        if let known = fullTiles[name] { return known }
        guard let hashes = try LedgerTables.tile(level: level, number: number, in: database) else {
            throw LedgerError(.damaged, "is missing or damaged; run phrd ledger check", place: "tile \(level)/\(number)")
        }
        fullTiles[name] = hashes
        return hashes
    }

    /// The root over 2ᵏ leaves that start at a multiple of 2ᵏ: a run of hashes of one tile.
    private func completeSubtree(_ range: Range<UInt64>) throws -> [UInt8] {
        let logarithm = (range.upperBound - range.lowerBound).trailingZeroBitCount
        let level = logarithm / 8
        let run = UInt64(1) << UInt64(logarithm % 8)
        let start = range.lowerBound >> (UInt64(level) * 8)
        let first = start % Tile.width
        guard let hashes = try tile(level: level, number: start / Tile.width, count: first + run) else {
            throw LedgerError(.outOfRange, "entries \(range) are not in a log of \(size) entries", place: "ledger")
        }
        return run == 1 ? hashes[Int(first)] : Tile.root(of: hashes[Int(first)...])
    }
}
