/// The site database as its parts: what the command line edits and the server reads.
package import Authentication
import GRDB
package import RecordStore

package struct SiteRegistry: Sendable {
    package let accounts: AccountStore
    package let folders: FolderRegistry
    package let limits: AccountLimitStore
    package let bans: BanStore

    /// Makes the tables when they are not there.
    init(_ database: DatabaseQueue) throws {
        accounts = try AccountStore(database)
        folders = try FolderRegistry(database)
        limits = try AccountLimitStore(database)
        bans = try BanStore(database)
    }
}
