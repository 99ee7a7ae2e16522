/// The fact `perm` of listings (RFC 3659 §7.5.5): what the account's commands will be let do.
import Authentication
import FTPServer
import RecordStore

extension AccountFileSystem {
    /// What commands can do to the file at all, as far as the account may.
    static func filePermissions(_ latest: VersionSummary, _ showsEnvelope: Bool, _ access: AccountTree.Access) -> String {
        let possible: String
        if showsEnvelope {
            // In an inbox NAME.phr is another view of NAME, and whoever stores under it makes a file of its own.
            possible = AccountTree.showsEnvelopes(access.folder.path) ? "dfrw" : "dr"
        } else {
            let reading = !latest.isSealedOnIngest || access.folder.profile == .gateway ? "r" : ""
            possible = (latest.isSealedOnIngest ? "a" : "") + "df" + reading + "w"
        }
        return possible.filter(access.filePermissions.contains)
    }

    func keyPermissions(_ name: String) -> String { name == account.name ? "rw" : "r" }

    func sharingPermissions(_ location: SharingLocation) -> String {
        // An issuance is stored once and stays.
        if case .issuance = location { return "r" }
        return [(Permission.delete, "d"), (.read, "r"), (.write, "w")].reduce(into: "") { text, right in
            if (try? tree.authorize(right.0, location)) != nil { text += right.1 }
        }
    }
}
