// `[auth]`: who decides on passwords.
import Authentication

extension Configuration {
    package struct Auth: Codable, Sendable {
        /// Who decides on passwords: "virtual" (hashes in the site's database), "pam" (for accounts added with --pam), or both.
        package var methods = ["virtual"]
        /// PAM's service: the file in /etc/pam.d.
        package var pam_service = "phrd"
        /// The socket of the helper, `phrd-pam`.
        package var pam_socket = "/run/phrd-pam.socket"
        /// A second prompt of PAM: "none", "append" (PASS is password+code) or "prompt" (asked for by a second PASS).
        package var pam_second_factor = "none"
        /// Whether PAM opens a session for each login (pam_open_session), and closes it.
        package var pam_session = false

        package init() {}

        var usesPAM: Bool { methods.contains("pam") }

        /// Nil when the site does not use PAM; the values must have been checked.
        var helper: PAMHelper? {
            guard usesPAM else { return nil }
            return PAMHelper(
                path: pam_socket, service: pam_service, secondFactor: PAMHelper.SecondFactor(rawValue: pam_second_factor) ?? .none, opensSession: pam_session)
        }
    }

    var authProblems: [String] {
        var problems: [String] = []
        if auth.methods.isEmpty || !auth.methods.allSatisfy({ ["virtual", "pam"].contains($0) }) {
            problems.append("auth.methods must hold \"virtual\", \"pam\" or both")
        }
        if !PAMHelper.isServiceName(auth.pam_service) { problems.append("auth.pam_service must be the name of a file in /etc/pam.d") }
        if auth.pam_socket.isEmpty { problems.append("auth.pam_socket must be the path of a socket") }
        if PAMHelper.SecondFactor(rawValue: auth.pam_second_factor) == nil {
            problems.append("auth.pam_second_factor must be \"none\", \"append\" or \"prompt\"")
        }
        return problems
    }
}
