/// Groups of the system, as names. Users whom the system does not know, such as those of a directory alone, have none.
import CPAM
import Glibc

enum Groups {
    private static let maximum = 1024

    /// The groups of a user; the standard library asks files and directories as `/etc/nsswitch.conf` says.
    static func names(of user: String) -> Set<String> {
        guard let entry = unsafe getpwnam(user) else { return [] }
        var groups = [gid_t](repeating: 0, count: maximum)
        var count = Int32(maximum)
        guard unsafe getgrouplist(user, entry.pointee.pw_gid, &groups, &count) >= 0 else { return [] }
        return names(Set(groups.prefix(Int(count))))
    }

    static func names(_ groups: Set<gid_t>) -> Set<String> {
        Set(groups.compactMap { group in unsafe getgrgid(group).map { unsafe String(cString: $0.pointee.gr_name) } })
    }

    /// The supplementary groups of this process.
    static func ofProcess() -> Set<gid_t> {
        var groups = [gid_t](repeating: 0, count: maximum)
        let count = unsafe getgroups(Int32(maximum), &groups)
        return Set(groups.prefix(max(0, Int(count))))
    }
}
