/// Where no service manager does it: a Unix socket for one user, and a process of this program for each connection to it.
import CPAM
import Glibc

struct Listening {
    /// Logins and open sessions of PAM at once, as many as the server has sessions by default and some more; further ones wait in the socket's queue.
    private static let maximumChildren = 4160

    let options: Options

    /// Serves until the process is ended. Returns what went wrong.
    func serve(_ path: String) -> String {
        guard let descriptor = makeSocket(path) else { return "phrd-pam: \(path): \(unsafe String(cString: strerror(errno)))\n" }
        var children: Set<pid_t> = []
        while true {
            // No child is waited for while there is room; then the oldest problem is the right one to wait for.
            while children.count >= Self.maximumChildren, case let ended = waitpid(-1, nil, 0), ended > 0 { children.remove(ended) }
            while case let ended = waitpid(-1, nil, WNOHANG), ended > 0 { children.remove(ended) }
            let connection = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            guard connection >= 0 else {
                // A full table of descriptors or a lost connection: the next one may be luckier.
                if [EINTR, ECONNABORTED].contains(errno) { continue }
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
                    usleep(100_000)
                    continue
                }
                return "phrd-pam: \(path): \(unsafe String(cString: strerror(errno)))\n"
            }
            if Wire.isPeer(options.peer, connection), let child = start(connection) { children.insert(child) }
            close(connection)
        }
    }

    /// A listening socket that nobody but the peer and the owner of this process can connect to; nil with `errno` set.
    private func makeSocket(_ path: String) -> Int32? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard bytes.count < place.count else { return false }
            unsafe place.copyBytes(from: bytes)
            return true
        }
        guard fits else {
            errno = ENAMETOOLONG
            return nil
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        // One that an earlier run left; whatever else stands there stays, and stops us.
        var facts = Glibc.stat()
        if unsafe lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFSOCK { unsafe unlink(path) }
        let code = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard code == 0, unsafe chmod(path, 0o600) == 0 else { return nil }
        guard unsafe geteuid() == options.peer || chown(path, options.peer, gid_t.max) == 0 else { return nil }
        return Glibc.listen(descriptor, 128) == 0 ? descriptor : nil
    }

    /// Starts this program for one connection; nil if it cannot be.
    private func start(_ connection: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for stream in [STDIN_FILENO, STDOUT_FILENO] { unsafe posix_spawn_file_actions_adddup2(&actions, connection, stream) }
        var words =
            unsafe [CommandLine.arguments[0], "--service", options.service, "--peer", options.peerName].map { (word: String) in unsafe strdup(word) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var child: pid_t = 0
        guard unsafe posix_spawn(&child, "/proc/self/exe", &actions, nil, &words, environ) == 0 else { return nil }
        return child
    }
}
