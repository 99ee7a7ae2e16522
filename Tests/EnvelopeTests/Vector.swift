// The published vectors of format version 1: how they are described, found and read.

import AttributeEncryption
import CanonicalEncoding
import Crypto
import Envelope
import Foundation
import Testing

/// One file of `Tests/Vectors/phr/v1` and what must come of it.
struct Vector: Codable, CustomTestStringConvertible {
    struct Key: Codable {
        /// `x-wing`, `x25519`, `rsa`, `passphrase` or `attributes`.
        var kind: String
        /// Hexadecimal: seed, private key, DER, UTF-8, or an attribute key's encoding.
        var key: String
    }

    var name: String
    var comment: String
    /// Attribute keys together are one identity.
    var keys: [Key]
    /// The month in which attribute keys are used.
    var month: String?
    /// `success`, or the code of the error.
    var expect: String
    /// Ed25519 public key that signed the footers.
    var signer: String
    /// Ed25519 public key that signed the heads, where they are signed.
    var owner: String?
    var plaintextByteCount: Int?
    var plaintextSHA256: String?
    var originalName: String?
    var objectID: String?
    var memberCount: Int?
    var headerRevision: UInt64?
    var headersDigest: String?
    var envelopeRoot: String?

    var testDescription: String { name }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        "Vectors/phr/v1")

    static func all() throws -> [Vector] {
        try JSONDecoder().decode([Vector].self, from: Data(contentsOf: folder.appendingPathComponent("vectors.json")))
    }

    func file() throws -> [UInt8] { Array(try Data(contentsOf: Self.folder.appendingPathComponent("\(name).phr"))) }

    func identities() throws -> [Identity] {
        let attributeKeys = try keys.filter { $0.kind == "attributes" }.map { try AttributeKey(decoding: [UInt8](hexadecimal: $0.key) ?? []) }
        let attributes = month.flatMap { Month($0) }.map { [Identity.attributes(attributeKeys, at: $0)] } ?? []
        return try attributes
            + keys.filter { $0.kind != "attributes" }.map { key in
                let bytes = [UInt8](hexadecimal: key.key) ?? []
                return switch key.kind {
                case "x-wing": try .xWing(seed: bytes)
                case "x25519": try .x25519(privateKey: bytes)
                case "rsa": try .rsa(privateKeyDER: bytes)
                default: .passphrase(Passphrase(utf8: bytes))
                }
            }
    }
}

/// One entry of `key-bundles.json`.
struct BundleVector: Codable, CustomTestStringConvertible {
    var name: String
    /// Hexadecimal.
    var bundle: String
    /// The bundle that it must follow.
    var previous: String?
    /// `success`, or the code of the error.
    var expect: String

    var testDescription: String { name }

    static func all() throws -> [BundleVector] {
        try JSONDecoder().decode([BundleVector].self, from: Data(contentsOf: Vector.folder.appendingPathComponent("key-bundles.json")))
    }
}

extension Vector {
    /// Opens the file with every check, and returns the plaintext.
    func open() throws -> (layout: EnvelopeLayout, reader: EnvelopeReader, plaintext: [UInt8]) {
        let source = ArrayByteSource(try file())
        let layout = try EnvelopeLayout(scanning: source)
        if let owner { try HeaderRewriter.verifyOwnerSignature(heads: layout.heads, ownerPublicKey: [UInt8](hexadecimal: owner) ?? []) }
        let reader = try EnvelopeReader(layout: layout, source: source, identities: identities())
        let plaintext = try reader.readAll()
        try EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: [[UInt8](hexadecimal: signer) ?? []])
        return (layout, reader, plaintext)
    }
}
