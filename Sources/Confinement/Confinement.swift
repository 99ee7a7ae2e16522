// Takes from the process what a server of files does not need: root, groups, capabilities, dumps, dangerous system calls.
//
// 1. It happens while the process has one thread: capabilities and filters belong to threads, and later ones inherit them.
// 2. Nothing is given back, and nothing is done by halves: whatever fails throws, and the caller must end.
// 3. Afterwards no user or group of the process is root's, whatever started it.
private import CLinux
import Glibc

package struct Confinement: Sendable {
    /// The user to become when the process is root's; ignored otherwise.
    package let user: String
    /// Whether a port below 1024 will be listened on: the one thing that a server may need root for.
    package let bindsLowPorts: Bool

    package init(user: String, bindsLowPorts: Bool) {
        self.user = user
        self.bindsLowPorts = bindsLowPorts
    }

    private static let bindCapability = UInt64(1) << UInt64(CAP_NET_BIND_SERVICE)

    /// Confines the process for ever.
    package func enter() throws {
        guard Self.threadCount == 1 else { throw ConfinementError.threads }
        let wanted = bindsLowPorts ? Self.bindCapability : 0
        try dropBoundingSet(keeping: wanted)
        if geteuid() == 0 { try becomeUser(keepingCapabilities: wanted != 0) }
        guard getuid() != 0, geteuid() != 0, getgid() != 0, getegid() != 0, try !isInRootsGroup() else { throw ConfinementError.stillRoot }
        var permitted: UInt64 = 0
        try unsafe check(phr_get_capabilities(&permitted), "reading capabilities")
        try check(phr_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_CLEAR_ALL), 0), "ambient capabilities")
        // Also of what is inheritable; and what is kept becomes effective.
        try check(phr_set_capabilities(permitted & wanted), "dropping capabilities")
        try check(phr_prctl(PR_SET_NO_NEW_PRIVS, 1, 0), "no_new_privs")
        // A dump or a debugger would show keys and passwords.
        try check(phr_prctl(PR_SET_DUMPABLE, 0, 0), "forbidding dumps")
        try SystemCallFilter().install()
    }

    /// What no program that this one starts could ever get back. Without CAP_SETPCAP the set is not ours to change: a service manager has done it.
    private func dropBoundingSet(keeping wanted: UInt64) throws {
        for capability in 0..<UInt(64) where wanted >> UInt64(capability) & 1 == 0 {
            // The kernel knows fewer than 64; numbers behind its last are invalid.
            guard phr_prctl(PR_CAPBSET_READ, capability, 0) == 1 else { continue }
            guard phr_prctl(PR_CAPBSET_DROP, capability, 0) != 0 else { continue }
            guard errno == EPERM, geteuid() != 0 else { throw ConfinementError.system("dropping capabilities of the bounding set", errno) }
            return
        }
    }

    private func becomeUser(keepingCapabilities: Bool) throws {
        let identity = try ProcessIdentity(named: user)
        if keepingCapabilities { try check(phr_prctl(PR_SET_KEEPCAPS, 1, 0), "keeping a capability") }
        try identity.become()
        if keepingCapabilities { try check(phr_prctl(PR_SET_KEEPCAPS, 0, 0), "keeping a capability") }
    }

    /// Groups that another user than root came with stay: only root may drop them.
    private func isInRootsGroup() throws -> Bool {
        let count = getgroups(0, nil)
        try check(min(count, 0), "reading groups")
        var groups = [gid_t](repeating: 0, count: Int(count))
        try unsafe check(min(getgroups(count, &groups), 0), "reading groups")
        return groups.contains(0)
    }

    private func check(_ code: Int32, _ what: String) throws {
        guard code == 0 else { throw ConfinementError.system(what, errno) }
    }

    static var threadCount: Int {
        guard let folder = unsafe opendir("/proc/self/task") else { return 1 }
        defer { unsafe closedir(folder) }
        var count = 0
        while let entry = unsafe readdir(folder) {
            if unsafe entry.pointee.d_name.0 != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }
}

package enum ConfinementError: Error, Equatable, CustomStringConvertible {
    case unknownUser(String)
    case rootUser(String)
    case stillRoot
    case threads
    /// A folder of root's in which others may move what is root's.
    case sharedFolder(String)
    case system(String, Int32)

    package var description: String {
        switch self {
        case .unknownUser(let name):
            "process.user: phrd does not serve as root, and there is no user \(name) to become; make one (adduser --system --group \(name)), or start phrd as another user"
        case .rootUser(let name): "process.user: \(name) is root, or in root's group; phrd does not serve as root"
        case .stillRoot: "process.user: phrd does not serve as root, nor in root's group; start it as another user"
        case .sharedFolder(let path):
            "\(path) is root's, but others may write there: they could lead root astray; run chmod go-w or chmod +t, or name another place"
        case .threads: "privileges cannot be dropped, because there are several threads already"
        case .system(let what, let code): "\(what): \(unsafe String(cString: strerror(code)))"
        }
    }
}
