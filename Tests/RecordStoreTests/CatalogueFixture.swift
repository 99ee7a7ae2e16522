// A catalogue in memory, and values to put into it.
import Crypto
import Foundation
import GRDB
import RecordStore

struct CatalogueFixture {
    let database: DatabaseQueue
    let catalogue: Catalogue

    static var key: SymmetricKey { SymmetricKey(data: Array(UInt8(1)...32)) }

    init(path: String? = nil) throws {
        database = try path.map { try DatabaseQueue(path: $0) } ?? DatabaseQueue()
        catalogue = try Catalogue(key: Self.key)
        try database.write { db in try Catalogue.install(db) }
    }

    /// Runs in one transaction, as the ledger runs effects.
    @discardableResult
    func write<Value>(_ body: (Database, Catalogue) throws -> Value) throws -> Value {
        try database.write { db in try body(db, catalogue) }
    }
}

/// Sixteen or more bytes that are easy to tell apart.
func identifier(_ number: Int, count: Int = 16) -> [UInt8] {
    var bytes = [UInt8](repeating: 0xA0, count: count)
    for place in 0..<4 { bytes[place] = UInt8(truncatingIfNeeded: number >> (24 - 8 * place)) }
    return bytes
}

let alice = identifier(101)
let clinic = identifier(102)
let doctor = identifier(103)

func newRecord(_ number: Int, time: Int64 = 1000) -> StoredRecord {
    StoredRecord(recordID: identifier(number), owner: alice, uploader: clinic, createdMilliseconds: time, modifiedMilliseconds: time)
}

func newMember(plain: UInt64 = 100, head: UInt64 = 400) -> StoredMember {
    StoredMember(blob: BlobID(), headByteCount: head, totalByteCount: head + plain + 528, plainByteCount: plain)
}

func newVersion(_ number: Int, _ version: UInt64, members: [StoredMember], revision: UInt64 = 0, index: UInt64 = 7) -> StoredVersion {
    StoredVersion(
        recordID: identifier(number), number: version, objectID: identifier(number + 1_000_000), members: members, createdMilliseconds: 2000,
        uploader: clinic, ledgerIndex: index, salt: identifier(1, count: 32), envelopeRoot: identifier(2, count: 32),
        headersDigest: identifier(3, count: 32), headerRevision: revision, isSealedOnIngest: true)
}

extension Catalogue {
    /// A record with one version, linked into a folder: what an upload leaves.
    @discardableResult
    func upload(
        _ db: Database, _ number: Int, into parent: NodeID, name: String, readers: [[UInt8]] = [], plain: UInt64 = 100
    ) throws -> (node: CatalogueNode, member: StoredMember) {
        let member = newMember(plain: plain)
        try insertRecord(db, newRecord(number))
        try addVersion(db, newVersion(number, 1, members: [member]), members: [member], readers: readers, modifiedMilliseconds: 3000)
        return (try link(db, identifier(number), in: parent, name: name, atMilliseconds: 1000), member)
    }
}
