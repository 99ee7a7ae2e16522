// What a leaf of the log can be.

internal import CanonicalEncoding

/// One entry of the log: the genesis entry at index 0, a transaction, or the header that closes a block of transactions.
package enum LogEntry: Equatable, Sendable {
    case genesis(Genesis)
    case header(BlockHeader)
    case transaction(Transaction)

    /// Entries travel with a 16-bit length. Source: C2SP tlog-tiles, entry bundles.
    package static let largestByteCount = 65_535

    /// Decodes an entry strictly: only the bytes that `encoded()` gives back are accepted.
    package init(decoding bytes: [UInt8]) throws(LedgerError) {
        let value = try decodeEntryMap(bytes, of: "entry")
        guard let type = value[EntryKey.type]?.unsignedValue else {
            throw LedgerError(.malformedEntry, "has no type at key \(EntryKey.type)", place: "entry")
        }
        switch type {
        case EntryType.genesis: self = .genesis(try Genesis(value))
        case EntryType.blockHeader: self = .header(try BlockHeader(value))
        default: self = .transaction(try Transaction(value))
        }
    }

    /// The bytes that are hashed and served.
    package func encoded() -> [UInt8] {
        switch self {
        case .genesis(let genesis): genesis.encoded()
        case .header(let header): header.encoded()
        case .transaction(let transaction): transaction.encoded()
        }
    }
}
