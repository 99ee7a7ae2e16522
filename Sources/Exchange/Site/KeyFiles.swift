/// The site's private keys: one small file each, in a folder of their own, readable by the server's user alone.
import CanonicalEncoding
import Crypto
import Envelope
import Foundation
import Ledger

/// The keys of a site. None of them opens what is stored in sealed folders.
package struct SiteKeyring: Sendable {
    /// Signs blocks and checkpoints.
    let ledger: SiteKeys
    /// Signs the footers of envelopes that the server seals.
    let ingest: Signer
    /// Opens what gateway folders hold, and nothing else.
    let gateway: Identity
    /// Seals the names in the catalogue.
    let catalogue: SymmetricKey
}

package enum KeyFiles {
    private enum Name: String, CaseIterable {
        case authority, log, ingest, gateway, catalogue
    }

    /// Makes the folder and fresh keys; refuses to overwrite any.
    static func create(in folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for name in Name.allCases {
            let path = self.path(name, in: folder)
            guard !FileManager.default.fileExists(atPath: path) else { throw SiteError("\(path) exists already; keys are never overwritten") }
        }
        for name in Name.allCases {
            let text = unsafe SymmetricKey(size: .bits256).withUnsafeBytes { unsafe Array($0) }.hexadecimal + "\n"
            guard FileManager.default.createFile(atPath: path(name, in: folder), contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]) else {
                throw SiteError("cannot write \(path(name, in: folder))")
            }
        }
    }

    static func load(from folder: String) throws -> SiteKeyring {
        SiteKeyring(
            ledger: try SiteKeys(authoritySeed: try seed(.authority, folder), logSeed: try seed(.log, folder)),
            ingest: try Signer(seed: try seed(.ingest, folder)), gateway: try Identity.xWing(seed: try seed(.gateway, folder)),
            catalogue: SymmetricKey(data: try seed(.catalogue, folder)))
    }

    /// What is wrong with the key files, for the operator's check-up.
    static func problems(in folder: String) -> [String] {
        Name.allCases.compactMap { name in
            do {
                _ = try seed(name, folder)
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    private static func path(_ name: Name, in folder: String) -> String { "\(folder)/\(name.rawValue).key" }

    private static func seed(_ name: Name, _ folder: String) throws -> [UInt8] {
        let path = path(name, in: folder)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path), let mode = attributes[.posixPermissions] as? Int else {
            throw SiteError("\(path) is missing; \"phrd init\" makes the keys of a new site, a backup has those of an old one")
        }
        guard mode & 0o077 == 0 else { throw SiteError("\(path) can be read by others; run: chmod 600 \(path)") }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let seed = [UInt8](hexadecimal: text.trimmingCharacters(in: .whitespacesAndNewlines)), seed.count == 32
        else { throw SiteError("\(path) is damaged: it must hold 64 hexadecimal digits; restore it from a backup") }
        return seed
    }
}

/// A reason why the site cannot be made or opened, for the operator.
package struct SiteError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
