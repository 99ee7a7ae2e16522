/// `/.ledger`: checkpoint, verifier key, tiles and proofs as plain files; `/.keys`: public keys with their proofs.
import Authentication
import CanonicalEncoding
import FTPProtocol
import FTPServer
import GRDB
import Ledger
import RecordStore

extension AccountFileSystem {
    func ledgerBytes(_ components: [String]) async throws(FileSystemError) -> [UInt8] {
        let ledger = site.ledger
        let path = components.joined(separator: "/")
        return try await onPool {
            switch components.first {
            case "checkpoint" where components.count == 1: return Array(ledger.checkpoint.utf8)
            case "vkey" where components.count == 1: return Array((ledger.verifierKey.text + "\n").utf8)
            case "tile":
                guard let tile = try? ledger.tile(path: path) else { throw FileSystemError.notFound }
                return tile
            case "proof" where components.count == 3:
                let numbers = components[2].split(separator: "-", omittingEmptySubsequences: false).compactMap { UInt64($0) }
                guard numbers.count == 2 else { throw FileSystemError.notFound }
                let proof: [[UInt8]]? =
                    switch components[1] {
                    case "consistency": try? ledger.consistencyProof(from: numbers[0], to: numbers[1])
                    case "inclusion": try? ledger.inclusionProof(index: numbers[0], size: numbers[1])
                    default: nil
                    }
                guard let proof else { throw FileSystemError.notFound }
                return Array(HashLines.text(proof).utf8)
            default: throw FileSystemError.notFound
            }
        }
    }

    func ledgerEntry(_ components: [String], at path: VirtualPath) async throws(FileSystemError) -> ListingEntry {
        if (try? ledgerListing(components)) != nil { return directory(path) }
        let bytes = try await ledgerBytes(components)
        return ListingEntry(name: path.last ?? "", kind: .file, size: UInt64(bytes.count), permissions: "r")
    }

    func ledgerListing(_ components: [String]) throws(FileSystemError) -> [ListingEntry] {
        let file = { (name: String, size: UInt64?) in ListingEntry(name: name, kind: .file, size: size, permissions: "r") }
        let folder = { (name: String) in ListingEntry(name: name, kind: .directory, permissions: "el") }
        switch components {
        case []:
            let checkpoint = UInt64(site.ledger.checkpoint.utf8.count)
            return [file("checkpoint", checkpoint), file("vkey", UInt64(site.ledger.verifierKey.text.utf8.count + 1)), folder("proof"), folder("tile")]
        case ["proof"]: return [folder("consistency"), folder("inclusion")]
        case ["proof", "consistency"], ["proof", "inclusion"]: return []
        case ["tile"]:
            var level: UInt64 = 0
            var levels: [ListingEntry] = [folder("entries")]
            while site.ledger.head.size >> (8 * level) > 0 {
                levels.append(folder(String(level)))
                level += 1
            }
            return levels
        default:
            guard components.first == "tile", components.count >= 2, let tiles = TileFolder(components.dropFirst(), size: site.ledger.head.size) else {
                throw .notFound
            }
            return tiles.fullNames.map { file($0, components[1] == "entries" ? nil : 8192) } + tiles.folders.map(folder)
                + tiles.partialFiles.map { file($0, nil) }
        }
    }

    /// Under this name stand the site's own keys: the one that signs what the server seals, and the one of gateway folders.
    static let siteKeysName = "@site"

    func keyProof(of name: String) async throws(FileSystemError) -> [UInt8] {
        let pseudonym = try await onPool { [site] in
            name == Self.siteKeysName ? Site.pseudonym(of: site.ledger) : try site.accounts.find(name)?.pseudonym
        }
        guard let pseudonym else { throw .notFound }
        return try await onPool { [site] in
            guard let bundle = try site.database.read({ try site.catalogue.currentKeyBundle($0, account: pseudonym) }) else { throw FileSystemError.notFound }
            return Array(try site.ledger.recordProof(index: bundle.ledgerIndex, opening: nil).utf8)
        }
    }
}

/// What stands in a folder of tiles: C2SP tlog-tiles writes number 1234 as `x001/234`.
struct TileFolder {
    /// Complete tiles.
    private(set) var fullNames: [String] = []
    private(set) var folders: [String] = []
    /// Inside `NNN.p`: the one width that is served.
    private(set) var partialFiles: [String] = []

    init?(_ components: ArraySlice<String>, size: UInt64) {
        guard let kind = components.first, components.count <= 3 else { return nil }
        guard kind == "entries" || (UInt64(kind).map { $0 < 8 } ?? false) else { return nil }
        let level = UInt64(kind) ?? 0
        let width = size >> (8 * level)
        let (full, rest) = (width / 256, width % 256)
        var first: UInt64 = 0
        var path = components.dropFirst()
        if let group = path.first, group.hasPrefix("x") {
            guard group.count == 4, let number = UInt64(group.dropFirst()), number > 0 else { return nil }
            first = number * 1000
            path = path.dropFirst()
        }
        if let name = path.first {
            guard path.count == 1, name == Self.digits(full % 1000) + ".p", full / 1000 * 1000 == first, rest > 0 else { return nil }
            partialFiles = [String(rest)]
            return
        }
        let last = min(full, first + 1000)
        if last > first { fullNames = (first..<last).map { Self.digits($0 % 1000) } }
        if rest > 0, full >= first, full < first + 1000 { folders.append(Self.digits(full % 1000) + ".p") }
        if first == 0, full >= 1000 { folders += (1...(full / 1000)).map { "x" + Self.digits($0) } }
    }

    private static func digits(_ number: UInt64) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 3 - text.count)) + text
    }
}
