// A user that root becomes for ever: with no file of root's made and no link of somebody else's followed as root from then on.
package import Glibc

package struct ProcessIdentity: Sendable, Equatable {
    package let user: uid_t
    package let group: gid_t

    /// A user of the system who is not root, nor in root's group.
    package init(named name: String) throws {
        guard let entry = unsafe getpwnam(name) else { throw ConfinementError.unknownUser(name) }
        (user, group) = unsafe (entry.pointee.pw_uid, entry.pointee.pw_gid)
        guard user != 0, group != 0 else { throw ConfinementError.rootUser(name) }
    }

    /// Who can change what a path names: the owner of its first part, from the root folder on, that is not root's. Nil if all of it is root's.
    ///
    /// Parts that do not exist yet end the search. Links of root's are followed; those of others belong to others, as what they name may.
    package init?(ofPath path: String) throws {
        var links = 0
        var rest = path.split(separator: "/").map(String.init)[...]
        var place = ""
        while let part = rest.popFirst() {
            if part == "." { continue }
            if part == ".." {
                place = place.split(separator: "/").dropLast().map { "/" + $0 }.joined()
                continue
            }
            let next = place + "/" + part
            var facts = stat()
            guard unsafe lstat(next, &facts) == 0 else { return nil }
            guard facts.st_uid == 0 else {
                user = facts.st_uid
                group = unsafe getpwuid(facts.st_uid).map { unsafe $0.pointee.pw_gid } ?? facts.st_gid
                guard group != 0 else { throw ConfinementError.rootUser("the owner of \(next)") }
                return
            }
            let kind = facts.st_mode & S_IFMT
            guard kind == S_IFLNK else {
                // In a sticky folder, such as /tmp, nobody moves what is another's.
                let isShared = facts.st_mode & S_IWOTH != 0 || (facts.st_mode & S_IWGRP != 0 && facts.st_gid != 0)
                guard kind != S_IFDIR || !isShared || facts.st_mode & S_ISVTX != 0 else { throw ConfinementError.sharedFolder(next) }
                place = next
                continue
            }
            links += 1
            var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
            let count = unsafe target.withUnsafeMutableBytes { unsafe readlink(next, $0.baseAddress!, $0.count) }
            guard count > 0, links <= 40 else { throw ConfinementError.system(next, count < 0 ? errno : ELOOP) }
            let text = String(decoding: target.prefix(count), as: UTF8.self)
            if text.hasPrefix("/") { place = "" }
            rest = (text.split(separator: "/").map(String.init) + rest)[...]
        }
        return nil
    }

    /// Becomes the user, with his own group alone; capabilities go with root unless they are kept. One thread: the C library tells all others.
    package func become() throws {
        guard Confinement.threadCount == 1 else { throw ConfinementError.threads }
        // One after the other, and none after a failure.
        guard setgroups(0, nil) == 0 else { throw ConfinementError.system("dropping groups", errno) }
        guard setgid(group) == 0 else { throw ConfinementError.system("changing the group", errno) }
        guard setuid(user) == 0 else { throw ConfinementError.system("changing the user", errno) }
    }
}
