// The public side of the identity beside the keyring, for what needs no passphrase.

internal import CanonicalEncoding
internal import Envelope
internal import Foundation
package import Keyring
internal import Transport

/// What `phr init` made.
package struct IdentityReport: Encodable, Sendable {
    package let keyring: String
    package let signingKeyID: String
    package let keyIDs: [String]
}

package enum PublicIdentity {
    private static let fileName = "identity.pub"

    /// Makes an identity: the keyring, and its public side beside it.
    package static func create(in home: String, passphrase: Secret, withRSA: Bool) throws -> IdentityReport {
        let keyring = try Keyring.create(in: home, passphrase: passphrase, withRSA: withRSA)
        let bundle = try keyring.bundle()
        try PrivateFile.replace(home + "/" + fileName, with: bundle.encoded())
        return IdentityReport(
            keyring: keyring.path, signingKeyID: bundle.signingKeyID.hexadecimal, keyIDs: bundle.keyIDs.map(\.hexadecimal))
    }

    /// The identifiers of the user's own keys; none when there is no identity here.
    package static func keyIDs(home: String) -> [[UInt8]] {
        guard let bytes = try? PrivateFile.read(home + "/" + fileName, isSecret: false), let bundle = try? KeyBundle(decoding: bytes) else {
            return []
        }
        return bundle.keyIDs
    }
}

extension Profile.Trust {
    /// What `phr login` was told to trust: a file of certificate authorities, which is kept in the profile, or a pin.
    /// - Parameters:
    ///   - certificateFile: a certificate to show the server; stays where it is, so that it can be renewed.
    ///   - keyFile: its key; nil if it is in the same file.
    package static func make(
        authoritiesFile: String?, pin: String?, certificateFile: String? = nil, keyFile: String? = nil
    ) throws(ClientError) -> Profile.Trust {
        var trust = Profile.Trust()
        trust.certificate = certificateFile.map { URL(fileURLWithPath: $0).path }
        trust.certificateKey = (keyFile ?? certificateFile).map { URL(fileURLWithPath: $0).path }
        if let pin {
            let digits = pin.filter { $0 != ":" }.lowercased()
            guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else {
                throw ClientError(.usage, "a pin is the SHA-256 of the certificate: 64 hexadecimal digits")
            }
            trust.pin = digits
        }
        if let authoritiesFile {
            let bytes: [UInt8]
            do { bytes = try PrivateFile.read(authoritiesFile, limit: 4 << 20, isSecret: false) } catch {
                throw ClientError(.configuration, "cannot read the certificate authorities: \(error)")
            }
            guard let text = String(validating: bytes, as: UTF8.self), text.contains("-----BEGIN CERTIFICATE-----") else {
                throw ClientError(.configuration, "\(authoritiesFile) holds no certificate in PEM form")
            }
            guard !text.contains("PRIVATE KEY-----") else {
                throw ClientError(.configuration, "\(authoritiesFile) holds a private key", hint: "give the certificate alone")
            }
            trust.authorities = text
        }
        return trust
    }

    /// What the server is shown when it asks for a certificate.
    var identity: TLSIdentity? {
        guard let certificate, let certificateKey else { return nil }
        return TLSIdentity(certificateChain: certificate, privateKey: certificateKey)
    }
}
