/// The fact `perm` of listings (RFC 3659 §7.5.5): what the account's commands will be let do.
import Authentication
import FTPServer
import RecordStore

extension AccountFileSystem {
    /// Of an inbox, a partner's folder and the like, which itself stays where it is.
    static func rootPermissions(_ access: AccountTree.Access) -> String { access.mayWrite ? "celmp" : "el" }

    static func filePermissions(_ latest: VersionSummary, _ showsEnvelope: Bool, _ access: AccountTree.Access) -> String {
        guard !showsEnvelope else {
            // In an inbox NAME.phr is another view of NAME, and whoever stores under it makes a file of its own.
            let isOwnName = AccountTree.showsEnvelopes(access.folder.path)
            return access.mayWrite ? (isOwnName ? "dfrw" : "dr") : "r"
        }
        let reading = !latest.isSealedOnIngest || access.folder.profile == .gateway ? "r" : ""
        guard access.mayWrite else { return reading }
        return (latest.isSealedOnIngest ? "a" : "") + "df" + reading + "w"
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
