/// The operator's check-ups: `phrd doctor` and `phrd ledger check`.
import FTPServer
import Foundation
private import GRDB
package import Ledger
private import RecordStore
import Transport

/// One line of a check-up.
package struct Finding: Sendable, Codable {
    package enum Level: String, Sendable, Codable { case ok, warning, error }

    package let level: Level
    package let what: String
    package let advice: String?

    init(_ level: Level, _ what: String, _ advice: String? = nil) {
        self.level = level
        self.what = what
        self.advice = advice
    }
}

package enum Doctor {
    /// Looks at everything that can be seen without opening the site, so that it works beside a running server.
    package static func examine(_ configuration: Configuration) async -> [Finding] {
        var findings: [Finding] = []
        findings += keyFindings(configuration)
        findings += certificateFindings(configuration)
        findings += folderFindings(configuration)
        findings += strayKeyFindings(configuration)
        findings += policyFindings(configuration)
        findings += configuration.warnings.map { Finding(.warning, $0) }
        findings += await portFindings(configuration)
        return findings
    }

    private static func keyFindings(_ configuration: Configuration) -> [Finding] {
        let problems = KeyFiles.problems(in: configuration.storage.keys)
        var findings = problems.map { Finding(.error, $0) }
        let (data, keys) = (configuration.storage.data + "/", configuration.storage.keys + "/")
        if keys.hasPrefix(data) || data.hasPrefix(keys) {
            findings.append(
                Finding(
                    .error, "storage.keys lies beside the data",
                    "move the keys to a folder of their own, outside \(configuration.storage.data), and out of its backups"))
        }
        return findings.isEmpty ? [Finding(.ok, "private keys: readable by the server's user alone, apart from the data")] : findings
    }

    private static func certificateFindings(_ configuration: Configuration) -> [Finding] {
        do {
            _ = try configuration.tlsContext()
            var findings = try configuration.certificateReports().map { report in
                let what = "certificate of \(report.use)"
                if let warning = report.warning { return Finding(report.isExpired ? .error : .warning, "\(what): \(warning)") }
                return Finding(.ok, "\(what): valid for \(report.daysLeft) days, SHA-256 \(report.sha256)")
            }
            for key in [configuration.tls.key] + configuration.host.map(\.key) where mode(of: key) & 0o077 != 0 {
                findings.append(Finding(.error, "\(key) can be read by others", "run: chmod 600 \(key)"))
            }
            return findings
        } catch {
            return [Finding(.error, "\(error)", "see certs/README.md")]
        }
    }

    private static func folderFindings(_ configuration: Configuration) -> [Finding] {
        let data = configuration.storage.data
        guard FileManager.default.fileExists(atPath: data + "/ledger.sqlite") else { return [Finding(.error, "there is no site in \(data)", "run: phrd init")] }
        var findings: [Finding] = []
        if mode(of: data) & 0o077 != 0 { findings.append(Finding(.warning, "\(data) can be read by others", "run: chmod 700 \(data)")) }
        let anchor = configuration.storage.anchor
        if !FileManager.default.fileExists(atPath: anchor) {
            findings.append(Finding(.error, "the anchor \(anchor) is missing", "restore it; without it a restored backup cannot be told from the newest state"))
        }
        if anchor.hasPrefix(data + "/") {
            findings.append(Finding(.warning, "storage.anchor lies inside the data folder", "keep it outside, so that a restored backup of the data shows"))
        }
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: data)[.systemFreeSize] as? Int) ?? 0
        if free >> 20 < configuration.storage.reserve_mib {
            findings.append(
                Finding(.error, "only \(free >> 20) MiB are free", "uploads are refused below storage.reserve_mib = \(configuration.storage.reserve_mib)"))
        }
        return findings.isEmpty ? [Finding(.ok, "data: \(data), \(free >> 30) GiB free")] : findings
    }

    /// Looks for private keys beside the data: the proof that whoever steals the data folder cannot read it.
    private static func strayKeyFindings(_ configuration: Configuration) -> [Finding] {
        let data = configuration.storage.data
        var findings: [Finding] = []
        let files = FileManager.default.enumerator(atPath: data)
        while let name = files?.nextObject() as? String {
            if name.hasPrefix("records/objects/") { continue }
            let path = data + "/" + name
            guard files?.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            let start = (try? FileHandle(forReadingAtPath: path)?.read(upToCount: 64 * 1024)) ?? Data()
            let isKey = name.hasSuffix(".key") || name.hasSuffix(".phrkey") || start.range(of: Data("PRIVATE KEY-----".utf8)) != nil
            if isKey { findings.append(Finding(.error, "\(path) looks like a private key beside the data", "move it to \(configuration.storage.keys)")) }
        }
        return findings.isEmpty ? [Finding(.ok, "no private key lies beside the data")] : findings
    }

    /// Folders whose policy refuses every upload, or does nothing.
    private static func policyFindings(_ configuration: Configuration) -> [Finding] {
        let facts: [FolderPolicyFacts]
        do {
            guard FileManager.default.fileExists(atPath: Site.databasePath(configuration)) else { return [] }
            facts = try Site.folderPolicies(configuration)
        } catch {
            return [Finding(.error, "the policies of folders cannot be read: \(error)", "run: phrd ledger check")]
        }
        var findings: [Finding] = []
        for fact in facts {
            let path = fact.folder.path.text
            if fact.folder.profile == .envelope {
                findings.append(Finding(.warning, "the policy of \(path) does nothing: its profile takes envelopes only", "tell \(fact.folder.owner)"))
            } else if !fact.missingAuthorities.isEmpty {
                findings.append(
                    Finding(
                        .error,
                        "uploads into \(path) are refused: its policy needs \(fact.missingAuthorities.joined(separator: ", ")), with no authority record here",
                        "let them run \"phr authority publish\", or \(fact.folder.owner) change the policy"))
            }
        }
        return findings.isEmpty && !facts.isEmpty ? [Finding(.ok, "folder policies: \(facts.count), all can be sealed under")] : findings
    }

    private static func portFindings(_ configuration: Configuration) async -> [Finding] {
        guard let loop = try? EventLoop.start(name: "doctor") else { return [Finding(.error, "cannot start a thread")] }
        defer { loop.stop() }
        let settings = configuration.serverSettings
        return await Task(executorPreference: loop) {
            settings.listeners.map(\.address).map { address in
                do {
                    let listener = try Listener(address, loop: loop)
                    listener.close()
                    return Finding(.ok, "\(address) is free; the server is not running there")
                } catch TransportError.system(_, let code) where code == EADDRINUSE {
                    return Finding(.ok, "\(address) is in use, by a running server it is hoped")
                } catch {
                    return Finding(.error, "cannot listen on \(address): \(error)", "see listen.explicit and listen.implicit")
                }
            }
        }.value
    }

    private static func mode(of path: String) -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? 0
    }
}

extension Site {
    /// Recomputes the ledger from its bytes, then compares every stored envelope and document with what the ledger says of it.
    /// - Parameter full: also reads every envelope body.
    package func check(full: Bool, progress: @escaping (String) -> Void) throws -> (ledger: CheckReport, records: [String], recordCount: Int) {
        let report = try ledger.check(full: full) { _, _ in }
        progress("ledger: \(report.entryCount) entries in \(report.blockCount) blocks")
        var check = RecordCheck(site: self)
        let (problems, count) = try check.run(readingBodies: full, progress: progress)
        return (report, try problems + database.read(catalogue.usageProblems), count)
    }
}
