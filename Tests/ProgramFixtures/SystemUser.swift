/// A real user of the system with a group, for tests that root runs: gone with the object.
import Foundation

package final class SystemUser: Sendable {
    package let name: String
    /// A supplementary group of the user.
    package let group: String

    /// - Parameter name: a name that the system may have for the time of the test.
    package init(_ name: String, password: String) async throws {
        self.name = name
        group = "\(name)-role"
        // Not by chpasswd, which asks PAM's password modules: the system may have none that work.
        let hash = try await Program("openssl").succeed(["passwd", "-6", "-stdin"], input: Array("\(password)\n".utf8)).text.trimmingCharacters(
            in: .whitespacesAndNewlines)
        try await Program("/usr/sbin/groupadd").succeed([group])
        try await Program("/usr/sbin/useradd").succeed([
            "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "--groups", group, "--password", hash, name,
        ])
    }

    /// Runs one of the system's programs on the user, such as `usermod` or `chage`.
    package func change(_ program: String, _ arguments: [String]) async throws {
        try await Program(program).succeed(arguments + [name])
    }

    deinit {
        for (program, name) in [("/usr/sbin/userdel", name), ("/usr/sbin/groupdel", group)] {
            if let process = try? Process.run(URL(fileURLWithPath: program), arguments: [name]) { process.waitUntilExit() }
        }
    }
}
