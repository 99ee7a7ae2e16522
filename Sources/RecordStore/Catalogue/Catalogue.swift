// The catalogue of names, records and versions: which name leads to which sealed bytes.
//
// Invariants:
// 1. Names are personal: a row holds a keyed digest and a sealed text, never the name. So are policies, emergencies and digests.
// 2. A folder has no two entries that are equal after Unicode normalization.
// 3. A stored blob never changes; a new header is kept beside it and served in its place.
// 4. Nothing read from the database is believed before its kind and length are checked.
package import Crypto

/// A tree of folders and links for each space, over records with versions.
///
/// Functions take the database connection of their caller: writers run inside the ledger's transaction, readers in a read of their own.
package struct Catalogue: Sendable {
    let cipher: CatalogueCipher

    /// `key`: 32 bytes that are kept outside the database.
    package init(key: SymmetricKey) throws(CatalogueError) {
        cipher = try CatalogueCipher(key: key)
    }
}

/// Refuses an identifier or digest of the wrong length before it reaches a table.
func require(_ bytes: [UInt8], count: Int, _ what: String) throws(CatalogueError) {
    guard bytes.count == count else { throw .invalidValue(what: "\(what) of \(bytes.count) bytes instead of \(count)") }
}
