// The profiles on disk: JSON files of the user's own, replaced whole, merged when two programs run at once.

internal import Foundation
internal import Glibc
internal import Keyring

/// The folder `profiles` of PHR_HOME.
package struct ProfileStore: Sendable {
    package static let defaultName = "default"

    package let home: String
    private var folder: String { home + "/profiles" }

    package init(home: String) {
        self.home = home
    }

    /// PHR_HOME, or `.phr` in the user's home.
    package static func home(environment: [String: String]) throws(ClientError) -> String {
        if let home = environment["PHR_HOME"], !home.isEmpty { return home }
        guard let home = environment["HOME"], !home.isEmpty else {
            throw ClientError(.configuration, "neither PHR_HOME nor HOME is set")
        }
        return home + "/.phr"
    }

    package func exists(_ name: String) -> Bool { unsafe access(path(name), F_OK) == 0 }

    package func load(_ name: String) throws(ClientError) -> Profile {
        let bytes: [UInt8]
        do {
            bytes = try PrivateFile.read(path(name), limit: 64 << 20)
        } catch .missing {
            throw ClientError(.configuration, "there is no server profile \(name)", hint: "phr login ftps://USER@HOST:PORT --ca FILE")
        } catch {
            throw ClientError(error)
        }
        guard let profile = try? JSONDecoder().decode(Profile.self, from: Data(bytes)), profile.format == 1 else {
            throw ClientError(.configuration, "\(path(name)) cannot be read", hint: "restore it from a backup, or log in again")
        }
        return profile
    }

    /// Keeps a profile as it is, replacing what was there.
    package func create(_ profile: Profile, as name: String) throws(ClientError) {
        try check(name)
        try locked { () throws(ClientError) in try write(profile, as: name) }
    }

    /// Merges what this run has seen into what is on disk: the larger of two verified ledgers, the newer of two headers.
    ///
    /// - Parameter sizeOf: gives the size that a checkpoint states.
    package func merge(_ seen: Profile, as name: String, sizeOf: (String) -> UInt64) throws(ClientError) {
        try locked { () throws(ClientError) in
            var merged = seen
            if let stored = try? load(name), stored.server == seen.server {
                if let checkpoint = stored.checkpoint, sizeOf(checkpoint) > (seen.checkpoint.map(sizeOf) ?? 0) {
                    merged.checkpoint = checkpoint
                }
                merged.contacts.merge(stored.contacts) { $0.sequence >= $1.sequence ? $0 : $1 }
                merged.records.merge(stored.records) { a, b in
                    (a.version, a.headerRevision) >= (b.version, b.headerRevision) ? a : b
                }
                merged.authorities = Self.merged(seen.authorities, stored.authorities) { $0.sequence >= $1.sequence ? $0 : $1 }
                merged.folderPolicies = Self.merged(seen.folderPolicies, stored.folderPolicies) { $0.sequence >= $1.sequence ? $0 : $1 }
            }
            try write(merged, as: name)
        }
    }

    private static func merged<Value>(
        _ a: [String: Value]?, _ b: [String: Value]?, _ newer: (Value, Value) -> Value
    ) -> [String: Value]? {
        guard let a, let b else { return a ?? b }
        return a.merging(b, uniquingKeysWith: newer)
    }

    /// A PEM file with the profile's certificate authorities, for the TLS library; `nil` when it has none.
    package func authoritiesFile(_ profile: Profile, name: String) throws(ClientError) -> String? {
        guard let authorities = profile.trust.authorities else { return nil }
        let path = folder + "/\(name).ca.pem"
        if let present = try? PrivateFile.read(path, limit: 4 << 20), present == Array(authorities.utf8) { return path }
        do {
            try PrivateFile.makeFolder(folder)
            try PrivateFile.replace(path, with: Array(authorities.utf8))
        } catch {
            throw ClientError(error)
        }
        return path
    }

    private func path(_ name: String) -> String { folder + "/\(name).json" }

    private func check(_ name: String) throws(ClientError) {
        let isName =
            !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D || byte == 0x5F
            }
        guard isName else { throw ClientError(.usage, "a profile's name has letters, digits, - and _ only") }
    }

    private func write(_ profile: Profile, as name: String) throws(ClientError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(profile) else { throw ClientError(.internalFailure, "the profile cannot be encoded") }
        do {
            try PrivateFile.makeFolder(folder)
            try PrivateFile.replace(path(name), with: Array(data))
        } catch {
            throw ClientError(error)
        }
    }

    /// Holds the folder's lock, so that no other program's change is lost.
    private func locked(_ body: () throws(ClientError) -> Void) throws(ClientError) {
        do { try PrivateFile.makeFolder(folder) } catch { throw ClientError(error) }
        let descriptor = unsafe open(folder + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ClientError(.configuration, "cannot lock \(folder): \(systemMessage(errno))") }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX) == 0 else { throw ClientError(.configuration, "cannot lock \(folder): \(systemMessage(errno))") }
        try body()
    }
}
