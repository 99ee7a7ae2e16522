// `[process]`: as whom the server runs.
package import Confinement
import FTPServer
import Transport

extension Configuration {
    package struct Process: Codable, Sendable {
        /// The user to become when the server is started by root: it never serves as root.
        package var user = "phrd"

        package init() {}
    }

    var processProblems: [String] { process.user.isEmpty ? ["process.user must be the name of a user"] : [] }

    /// What `phrd serve` gives up before it serves.
    package var confinement: Confinement {
        Confinement(user: process.user, bindsLowPorts: listeners.contains { (1..<1024).contains($0.address.port) })
    }
}
