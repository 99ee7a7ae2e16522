// Envelopes on this machine: what they say, and whether a proof on this machine holds for them. Needs no network.

internal import CanonicalEncoding
internal import Envelope
internal import Keyring
internal import Ledger

package enum LocalEnvelope {
    /// What an envelope says, without opening it.
    package static func facts(of path: String, ownKeyIDs: [[UInt8]]) throws -> EnvelopeFacts {
        let source = try source(path)
        do {
            return EnvelopeFacts(layout: try EnvelopeLayout(scanning: source, allowingInterrupted: true), ownKeyIDs: ownKeyIDs)
        } catch {
            throw ClientError(error).during(path)
        }
    }

    /// Checks every byte of an envelope against a proof under the ledger's key and the newest checkpoint that was seen.
    ///
    /// - Parameter proofPath: `nil` for `PATH.proof`.
    package static func verify(_ path: String, proofPath: String?, profile: Profile) throws -> VerifyReport {
        guard let key = profile.ledgerKey else { throw ClientError(.configuration, "the profile has no ledger key", hint: "log in again") }
        let log = try LogMemory(key: key, checkpoint: profile.checkpoint)
        let source = try source(path)
        let layout: EnvelopeLayout
        do {
            layout = try EnvelopeLayout(scanning: source)
            try EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: nil)
        } catch {
            throw ClientError(error).during(path)
        }
        let text = try proofText(path, proofPath: proofPath)
        let proof = try log.proveOffline(text)
        guard let opening = proof.opening, opening.envelopeRoot == layout.footerHash, opening.objectID == layout.objectID,
            opening.headersDigest == layout.headersDigest, opening.headerRevision == layout.headerRevision
        else { throw ClientError(.notOnLedger, "the proof is for another record, or for another header of it") }
        return VerifyReport(
            name: path, checkedByteCount: layout.byteCount, envelopeRoot: layout.footerHash.hexadecimal, version: proof.version,
            headerRevision: layout.headerRevision, ledgerIndex: proof.index, ledgerSize: proof.size, ledgerOrigin: log.origin)
    }

    private static func proofText(_ path: String, proofPath: String?) throws(ClientError) -> String {
        let file = proofPath ?? path + ".proof"
        let bytes: [UInt8]
        do {
            bytes = try PrivateFile.read(file, isSecret: false)
        } catch {
            guard proofPath == nil, case .missing = error else { throw ClientError(error) }
            throw ClientError(.notOnLedger, "\(path) is whole, but there is no proof for it", hint: "get one with: phr export-proof REMOTE \(file)")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ClientError(.notOnLedger, "\(file) is not text") }
        return text
    }

    private static func source(_ path: String) throws -> FileByteSource {
        do {
            return try FileByteSource(path: path)
        } catch {
            throw ClientError(.notFound, "cannot read \(path)")
        }
    }
}
