/// What the site's certificates say, for `phrd cert` and the check-up.
package import Authentication
import CanonicalEncoding
import Foundation
import Transport

package struct CertificateReport: Codable, Sendable {
    /// The names of the host, or the server itself.
    package let use: String
    package let file: String
    package let subject: String
    package let issuer: String
    package let names: [String]
    /// ISO 8601, UTC.
    package let notBefore: String
    package let notAfter: String
    package let daysLeft: Int
    /// SHA-256 of the certificate in hexadecimal digits, as clients ask their users to compare.
    package let sha256: String
    /// The public key, as `curl --pinnedpubkey` and RFC 7469 write it.
    package let publicKeyPin: String
    package let isExpired: Bool
    /// What is wrong, or will be soon.
    package let warning: String?

    init(_ facts: CertificateFacts, use: String, file: String, now: Date = Date()) {
        self.use = use
        self.file = file
        subject = facts.subject
        issuer = facts.issuer
        names = facts.alternativeNames
        notBefore = Self.text(facts.notBefore)
        notAfter = Self.text(facts.notAfter)
        let left = facts.notAfter - Int(now.timeIntervalSince1970)
        daysLeft = left / 86_400
        sha256 = facts.sha256.hexadecimal
        publicKeyPin = "sha256//" + Data(facts.publicKeySHA256).base64EncodedString()
        let advice = "renew \(file) and send the server SIGHUP"
        isExpired = left <= 0
        warning =
            if isExpired {
                "it has expired: \(advice)"
            } else if daysLeft < 21 {
                "it expires in \(daysLeft) days: \(advice)"
            } else if facts.notBefore > Int(now.timeIntervalSince1970) {
                "it is not valid before \(notBefore): look at the clock"
            } else if names.isEmpty {
                "it has no subject alternative name, and clients look at nothing else"
            } else {
                nil
            }
    }

    /// Groups of two digits, as clients show them.
    package var fingerprint: String {
        let digits = Array(sha256.uppercased())
        return stride(from: 0, to: digits.count, by: 2).map { String(digits[$0..<($0 + 2)]) }.joined(separator: ":")
    }

    private static func text(_ seconds: Int) -> String { Date(timeIntervalSince1970: TimeInterval(seconds)).ISO8601Format() }
}

extension Configuration {
    /// The leaf certificates of the server and its hosts.
    package func certificateReports() throws -> [CertificateReport] {
        let files = [("server", tls.certificate)] + host.map { ($0.names.joined(separator: ", "), $0.certificate) }
        return try files.map { CertificateReport(try CertificateFacts.read(pemFile: $1)[0], use: $0, file: $1) }
    }
}

/// The certificate of a client, as it is registered for an account.
package enum ClientCertificateFile {
    /// By what an account may know the first certificate of a PEM file.
    package static func marks(_ path: String) throws -> [CertificateMark] { try CertificateFacts.read(pemFile: path)[0].marks(isVerified: true) }
}
