// The certificates of `[tls]` and `[[host]]`, and what is asked of clients.
package import Transport

extension Configuration {
    /// The values of `tls.client_certificates`.
    private enum ClientCertificates: String { case off, optional, required }

    var certificateProblems: [String] {
        guard let mode = ClientCertificates(rawValue: tls.client_certificates) else {
            return ["tls.client_certificates must be \"off\", \"optional\" or \"required\""]
        }
        if mode == .required, tls.client_ca.isEmpty { return ["tls.client_ca must name the authority of clients, when all must show a certificate"] }
        return tls.client_crl.isEmpty || !tls.client_ca.isEmpty ? [] : ["tls.client_ca must name the authority whose list tls.client_crl is"]
    }

    private var clientCertificates: TLSClientCertificates {
        let revocations = tls.client_crl.isEmpty ? nil : tls.client_crl
        return switch ClientCertificates(rawValue: tls.client_certificates) ?? .off {
        case .off: .off
        case .optional: .optional(authority: tls.client_ca.isEmpty ? nil : tls.client_ca, revocations: revocations)
        case .required: .required(authority: tls.client_ca, revocations: revocations)
        }
    }

    /// The TLS context of the server and its hosts; reads all certificates and keys.
    package func tlsContext() throws -> TLSContext {
        try .server(
            certificateChain: tls.certificate, privateKey: tls.key, hosts: tlsHosts, clients: clientCertificates,
            minimum: TLSVersion(rawValue: tls.minimum) ?? .tls12)
    }
}
