// The keyring's keys as the envelope format takes them.

package import Envelope

extension Keyring {
    /// The keys that open envelopes, the one to try first in front.
    package func identities() throws(KeyringError) -> [Identity] {
        do {
            var identities = [
                try contents.xWingSeed.withBytes { try Identity.xWing(seed: $0) },
                try contents.x25519.withBytes { try Identity.x25519(privateKey: $0) },
            ]
            if let rsa = contents.rsa { identities.append(try rsa.withBytes { try Identity.rsa(privateKeyDER: $0) }) }
            return identities
        } catch {
            throw .invalidKey("\(error)")
        }
    }

    /// The key that signs envelopes, headers and the bundle.
    package func signer() throws(KeyringError) -> Signer {
        do {
            return try contents.signing.withBytes { try Signer(seed: $0) }
        } catch {
            throw .invalidKey("\(error)")
        }
    }

    /// The public keys, signed; the same at every call.
    package func bundle() throws(KeyringError) -> KeyBundle {
        let identities = try identities()
        func key(_ kind: KeyKind) -> [UInt8]? { identities.first { $0.kind == kind }?.publicKey }
        do {
            return try KeyBundle(
                signer: try signer(), xWingKey: key(.xWing) ?? [], x25519Key: key(.x25519), rsaKeyDER: key(.rsa), created: created)
        } catch {
            throw .invalidKey("\(error)")
        }
    }
}
