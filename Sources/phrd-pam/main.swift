/// `phrd-pam`: asks PAM about one login, for `phrd`, over a Unix socket. The only part that may run as root.
///
/// 1. One login a process; what it knew is gone with it. A hard limit of time ends it, whatever a module does.
/// 2. It takes no path, no configuration and no environment from the other side: a service name, and only the one that its
///    own command line allows.
/// 3. It answers one user of the system, as the kernel names the other side.
/// 4. A refusal takes the same time whatever the reason, unless PAM itself needs longer.
/// 5. It writes no log and no secret; PAM's modules log to syslog, as everywhere.
import CPAM
import Glibc
import PAMProtocol

let options: Options
switch Options.parse(Array(CommandLine.arguments.dropFirst())) {
case .success(let parsed): options = parsed
case .failure(let problem):
    let isHelp = problem == .help
    _ = unsafe write(isHelp ? STDOUT_FILENO : STDERR_FILENO, problem.text, problem.text.utf8.count)
    exit(isHelp ? 0 : 64)
}
// A dump or a debugger would show passwords.
_ = phr_forbid_dumps()
var limit = rlimit(rlim_cur: 0, rlim_max: 0)
_ = unsafe setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &limit)
umask(0o077)
signal(SIGPIPE, SIG_IGN)
if let path = options.listen {
    let problem = Listening(options: options).serve(path)
    _ = unsafe write(STDERR_FILENO, problem, problem.utf8.count)
    exit(69)
}
guard Wire.isPeer(options.peer, STDIN_FILENO) else {
    let text = "phrd-pam: the standard input is not a socket from the user of --peer\n"
    _ = unsafe write(STDERR_FILENO, text, text.utf8.count)
    exit(77)
}
signal(SIGALRM, SIG_DFL)
alarm(120)
exit(OneLogin.serve(service: options.service))
