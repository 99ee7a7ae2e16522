/// The command line of `phrd-pam`: the standard library alone, because all of it may run as root.
import CPAM
import Glibc
import PAMProtocol

struct Options {
    enum Problem: Error, Equatable {
        case help
        case usage
        case unknownUser(String)

        var text: String {
            switch self {
            case .help: Options.usage
            case .usage: "phrd-pam: wrong arguments\n\(Options.usage)"
            case .unknownUser(let name): "phrd-pam: there is no user \(name) for --peer\n"
            }
        }
    }

    /// PAM's service: the file in /etc/pam.d.
    var service = "phrd"
    /// The user who may ask.
    let peer: uid_t
    let peerName: String
    /// The socket to make; nil: the connection is the standard input already.
    var listen: String?

    static let usage = """
        usage: phrd-pam --peer USER [--service NAME] [--listen PATH]

        Asks PAM about the logins of phrd.
          --peer USER      who may ask: the user that phrd runs as
          --service NAME   the service, a file in /etc/pam.d (default: phrd)
          --listen PATH    make a Unix socket there, and serve each connection with a process of its own;
                           without it, the standard input is the connection, as systemd hands it over
        Examples:
          phrd-pam --peer phrd --listen /run/phrd-pam.socket
          ExecStart=/usr/local/bin/phrd-pam --peer phrd     (conf/phrd-pam@.service)
        Exit codes: 0 accepted or ended, 1 refused, 64 usage, 69 the socket cannot be made, 77 asked by another user.

        """

    static func parse(_ arguments: [String]) -> Result<Options, Problem> {
        if arguments == ["--help"] || arguments == ["-h"] { return .failure(.help) }
        guard arguments.count % 2 == 0 else { return .failure(.usage) }
        var values: [String: String] = [:]
        for place in stride(from: 0, to: arguments.count, by: 2) {
            guard ["--service", "--peer", "--listen"].contains(arguments[place]), values[arguments[place]] == nil else { return .failure(.usage) }
            values[arguments[place]] = arguments[place + 1]
        }
        guard let name = values["--peer"] else { return .failure(.usage) }
        guard let user = unsafe getpwnam(name) else { return .failure(.unknownUser(name)) }
        var options = Options(peer: unsafe user.pointee.pw_uid, peerName: name)
        if let service = values["--service"] {
            guard PAMRequest.isName(service.utf8) else { return .failure(.usage) }
            options.service = service
        }
        options.listen = values["--listen"]
        return .success(options)
    }
}
