// What the configuration names on disk, and whether the server finds it there: certificates and keys that fit, and a site.
import Foundation
import Transport

extension Configuration {
    /// What keeps `phrd serve` from starting although the values themselves are right, all at once; each begins with its key.
    package var fileProblems: [String] {
        var problems = Self.pairProblems("tls", certificate: tls.certificate, key: tls.key)
        for entry in host { problems += Self.pairProblems("host", certificate: entry.certificate, key: entry.key) }
        for (key, path) in [("tls.client_ca", tls.client_ca), ("tls.client_crl", tls.client_crl)] where !path.isEmpty {
            if let reason = Self.whyUnreadable(path) { problems.append("\(key) names \(path), \(reason)") }
        }
        if problems.isEmpty {
            // What only shows when all is taken together, such as an authority's file that holds none.
            do { _ = try tlsContext() } catch { problems.append("tls.client_ca: \(error)") }
        }
        return problems + siteProblems
    }

    private static func pairProblems(_ section: String, certificate: String, key: String) -> [String] {
        var problems: [String] = []
        if let reason = whyUnreadable(certificate) {
            problems.append("\(section).certificate names \(certificate), \(reason); certs/README.md says how to get one")
        } else {
            do { _ = try CertificateFacts.read(pemFile: certificate) } catch { problems.append("\(section).certificate: \(error)") }
        }
        if let reason = whyUnreadable(key) { problems.append("\(section).key names \(key), \(reason)") }
        guard problems.isEmpty else { return problems }
        do { _ = try TLSContext.server(certificateChain: certificate, privateKey: key) } catch { problems.append("\(section).key: \(error)") }
        return problems
    }

    private var siteProblems: [String] {
        let data = storage.data
        guard let reason = Self.whyUnreadable(Exchange.Site.databasePath(self)) else {
            var problems = KeyFiles.problems(in: storage.keys).map { "storage.keys: \($0)" }
            if unsafe access(data, W_OK | X_OK) != 0 {
                problems.append("storage.data names \(data), where this user may not write: run this as the server's user")
            }
            if let reason = Self.whyUnreadable(storage.anchor) {
                problems.append("storage.anchor names \(storage.anchor), \(reason): bring it back from its own copy")
            }
            return problems
        }
        return ["storage.data names \(data), which holds no site (\(Exchange.Site.databasePath(self)), \(reason)): run phrd init as the server's user, once"]
    }

    /// Why this process cannot read a file; nil if it can.
    private static func whyUnreadable(_ path: String) -> String? {
        guard unsafe access(path, R_OK) != 0 else { return nil }
        return errno == EACCES ? "which this user may not read" : "which is not there"
    }
}
