// Up to 256 entries in one file.

internal import CanonicalEncoding

/// Entries one after another, each behind its 16-bit length. Source: C2SP tlog-tiles, entry bundles.
package enum EntryBundle {
    package static func encoded(_ entries: [[UInt8]]) -> [UInt8] {
        var bundle: [UInt8] = []
        for entry in entries {
            precondition(entry.count <= LogEntry.largestByteCount, "an entry fits its 16-bit length")
            bundle.appendBigEndian(UInt16(entry.count))
            bundle.append(contentsOf: entry)
        }
        return bundle
    }

    package static func decode(_ bundle: [UInt8]) throws(LedgerError) -> [[UInt8]] {
        var reader = ByteReader(bundle)
        var entries: [[UInt8]] = []
        do {
            while !reader.isAtEnd { entries.append(try reader.read(count: Int(try reader.readUInt16()))) }
        } catch {
            throw LedgerError(.malformedEntry, "\(error)", place: "entry bundle")
        }
        guard entries.count <= TilePath.fullWidth else {
            throw LedgerError(.malformedEntry, "has \(entries.count) entries, more than \(TilePath.fullWidth)", place: "entry bundle")
        }
        return entries
    }
}
