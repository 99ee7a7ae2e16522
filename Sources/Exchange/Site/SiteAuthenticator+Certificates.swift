// Logins with client certificates: alone, or beside the password.
package import Authentication
import CanonicalEncoding
import FTPServer
import Foundation
import Logging
package import Transport

extension CertificateFacts {
    /// By what accounts may know the certificate; what an unverified one says of itself does not count.
    package func marks(isVerified: Bool) -> [CertificateMark] {
        [CertificateMark(.fingerprint, sha256.hexadecimal)]
            + (isVerified ? [CertificateMark(.subject, subject)] + alternativeNames.map { CertificateMark(.name, $0) } : [])
    }

    func isValid(at time: Date) -> Bool { notBefore <= Int(time.timeIntervalSince1970) && Int(time.timeIntervalSince1970) < notAfter }
}

extension SiteAuthenticator {
    func authenticateByCertificate(user: String, origin: LoginOrigin) async -> Login? {
        // A banned network, or one that is not the account's, learns no more than that a password is wanted.
        guard let certificate = origin.certificate, site.loginGuard.ban(of: origin.peer, account: user) == nil else { return nil }
        let account: Account?
        do {
            account = try await site.loginPool.run { [site] in
                try? site.refreshFolders()
                guard try Self.isRegistered(certificate, for: user, in: site.accounts), try site.accounts.certificateUse(of: user) == .alone else { return nil }
                // PAM alone knows whether its accounts are locked: it is asked, by the password.
                return try site.accounts.find(user).flatMap { $0.isDisabled || $0.usesPAM ? nil : $0 }
            }
        } catch {
            logger.error("accounts cannot be read", metadata: ["error": "\(error)"])
            return nil
        }
        guard let account else { return nil }
        guard case .accepted(let login) = await admit(account, origin: origin, certificate: certificate) else { return nil }
        return login
    }

    /// What a right password is worth. Blocks.
    func standing(of account: Account, certificate: ClientCertificate?) throws -> (isEnough: Bool, certificate: ClientCertificate?) {
        let own = try certificate.flatMap { try Self.isRegistered($0, for: account.name, in: site.accounts) ? $0 : nil }
        return (try own != nil || site.accounts.certificateUse(of: account.name) == .alone, own)
    }

    private static func isRegistered(_ certificate: ClientCertificate, for user: String, in accounts: AccountStore) throws -> Bool {
        // A resumed TLS session may outlive the certificate that it began with.
        guard certificate.facts.isValid(at: Date()) else { return false }
        return try accounts.isRegistered(certificate.facts.marks(isVerified: certificate.isVerified), for: user)
    }

    /// The roles that a certificate of the account gives: none unless an authority vouches for it.
    func roles(of certificate: ClientCertificate?) -> [String] {
        guard let certificate, certificate.isVerified else { return [] }
        return certificate.facts.subjectAttributes[site.configuration.tls.client_role_attribute] ?? []
    }
}
