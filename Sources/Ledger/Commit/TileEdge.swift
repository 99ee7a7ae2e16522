// The hashes that are not yet in a full tile, level by level.

internal import MerkleTree

/// A run of 256 hashes of one level of the tree. Source: C2SP tlog-tiles.
struct Tile: Equatable, Sendable {
    static let width: UInt64 = 256

    let level: Int
    let number: UInt64
    let hashes: [[UInt8]]

    /// The hash this full tile contributes to the level above.
    static func root(of hashes: some Sequence<[UInt8]>) -> [UInt8] {
        var frontier = MerkleFrontier()
        for hash in hashes { frontier.append(leafHash: hash) }
        return frontier.root
    }

    /// How many hashes a tree of `size` leaves has at `level`.
    static func hashCount(level: Int, size: UInt64) -> UInt64 {
        let shift = UInt64(level) * 8
        return shift < 64 ? size >> shift : 0
    }
}

/// The partial tiles at the right edge of the tree.
struct TileEdge: Sendable, Equatable {
    /// At most 255 hashes a level, lowest level first.
    private(set) var levels: [[[UInt8]]]

    init(levels: [[[UInt8]]] = []) {
        self.levels = levels
    }

    func hashes(level: Int) -> [[UInt8]] {
        levels.indices.contains(level) ? levels[level] : []
    }

    /// Adds a leaf to a tree that has `size` leaves with it, and gives the tiles that became full.
    mutating func append(leafHash: [UInt8], size: UInt64) -> [Tile] {
        var full: [Tile] = []
        var hash = leafHash
        var level = 0
        while true {
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
            guard levels[level].count == Int(Tile.width) else { return full }
            let number = Tile.hashCount(level: level + 1, size: size) - 1
            full.append(Tile(level: level, number: number, hashes: levels[level]))
            hash = Tile.root(of: levels[level])
            levels[level] = []
            level += 1
        }
    }
}
