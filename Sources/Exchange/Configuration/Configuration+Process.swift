// `[process]`: as whom the server runs.
package import Confinement
import FTPServer
import Foundation
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

    /// As root: becomes the one whose data it is, before anything there is opened. Whose data are root's, as at a development site, they stay root's.
    package func becomeOwner() throws {
        _ = Exchange.Site.operatorName
        guard geteuid() == 0 else { return }
        do {
            try ProcessIdentity(ofPath: storage.data)?.become()
        } catch let error as ConfinementError {
            throw ConfigurationError(problems: ["storage.data: \(error)"])
        }
    }

    /// As root: makes the folders of a new site, gives them to `process.user`, and becomes that user.
    package func becomeFounder() throws {
        _ = Exchange.Site.operatorName
        guard geteuid() == 0 else { return }
        do {
            let identity = try ProcessIdentity(named: process.user)
            for folder in storage.folders { try Self.make(folder, for: identity) }
            try identity.become()
        } catch let error as ConfinementError {
            throw ConfigurationError(problems: [error.description])
        }
        for folder in storage.folders where unsafe access(folder, R_OK | W_OK | X_OK) != 0 && errno != ENOENT {
            throw ConfigurationError(problems: [
                "\(folder) cannot be used by \(process.user), as whom phrd will serve: chown -R \(process.user): \(folder), and let him pass through the folders above"
            ])
        }
    }

    /// Makes the first missing part of a path that is all root's, and gives it away; the new user makes the rest. What is there keeps its owner.
    private static func make(_ folder: String, for identity: ProcessIdentity) throws {
        guard try ProcessIdentity(ofPath: folder) == nil else { return }
        var place = ""
        for part in folder.split(separator: "/") {
            place += "/" + part
            guard unsafe mkdir(place, 0o700) == 0 else { continue }
            guard unsafe lchown(place, identity.user, identity.group) == 0 else { throw ConfinementError.system(place, errno) }
            return
        }
    }
}

extension Configuration.Storage {
    /// What a new site needs: data, keys, and where the anchor stands.
    fileprivate var folders: [String] { [data, keys, URL(fileURLWithPath: anchor).deletingLastPathComponent().path] }
}
