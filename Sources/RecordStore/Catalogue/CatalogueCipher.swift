// Names and documents at rest: a keyed digest to find them by, and the sealed text to show.
import CanonicalEncoding
import Crypto
import Foundation

/// Turns names into row keys and names and documents into sealed bytes, and back.
struct CatalogueCipher: Sendable {
    private let lookupKey: SymmetricKey
    private let sealingKey: SymmetricKey
    private let documentKey: SymmetricKey

    static let keyByteCount = 16
    /// Names are filled up to a multiple of this, so that the length of a sealed name says little.
    private static let block = 16
    private static let nonceByteCount = 12
    private static let tagByteCount = 16

    init(key: SymmetricKey) throws(CatalogueError) {
        guard key.bitCount == 256 else { throw .invalidValue(what: "a catalogue key of \(key.bitCount) bits") }
        lookupKey = Self.derive(key, "phr/catalogue/v1/lookup")
        sealingKey = Self.derive(key, "phr/catalogue/v1/name")
        documentKey = Self.derive(key, "phr/catalogue/v1/document")
    }

    private static func derive(_ key: SymmetricKey, _ label: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(label.utf8), outputByteCount: 32)
    }

    /// HMAC-SHA-256 over parent and normal form, 16 bytes of it.
    func lookupKey(parent: Int64, normalized name: [UInt8]) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(8 + name.count)
        message.appendBigEndian(parent)
        message += name
        return truncatedCode(message)
    }

    /// The key of an interrupted upload: by its space and path, which need not exist yet.
    func pathKey(space: String, path: [EntryName]) -> [UInt8] {
        // Entry keys start with a row number, which is never negative.
        var message: [UInt8] = []
        message.appendBigEndian(Int64(-1))
        message += EntryName.normalize(space)
        for name in path {
            message.append(0)
            message += name.normalized
        }
        return truncatedCode(message)
    }

    /// The key of a folder's policies: by owner and path.
    func folderKey(owner: [UInt8], folder: String) -> [UInt8] {
        var message: [UInt8] = []
        message.appendBigEndian(Int64(-2))
        message += owner
        message += EntryName.normalize(folder)
        return truncatedCode(message)
    }

    /// Under which the use of a folder is counted.
    func usageKey(folder: String) -> [UInt8] {
        var message: [UInt8] = []
        message.appendBigEndian(Int64(-3))
        message += EntryName.normalize(folder)
        return truncatedCode(message)
    }

    private func truncatedCode(_ message: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: message, using: lookupKey).prefix(Self.keyByteCount))
    }

    /// Seals a name for the row with this key: length, text and zeros under AES-256-GCM.
    func seal(_ text: String, rowKey: [UInt8]) throws -> [UInt8] {
        var plain: [UInt8] = []
        plain.appendBigEndian(UInt16(text.utf8.count))
        plain += text.utf8
        plain += [UInt8](repeating: 0, count: (Self.block - plain.count % Self.block) % Self.block)
        let box = try AES.GCM.seal(plain, using: sealingKey, authenticating: rowKey)
        return Array(box.nonce) + box.ciphertext + box.tag
    }

    /// The name of a row; fails for a sealed name that was changed or belongs to another row.
    func open(_ sealed: [UInt8], rowKey: [UInt8]) throws(CatalogueError) -> String {
        guard sealed.count >= Self.nonceByteCount + Self.block + Self.tagByteCount,
            let box = try? AES.GCM.SealedBox(combined: sealed),
            let plain = try? AES.GCM.open(box, using: sealingKey, authenticating: rowKey)
        else { throw .damaged(what: "a sealed name does not open") }
        let bytes = Array(plain)
        let count = Int(bytes[0]) << 8 | Int(bytes[1])
        guard count <= bytes.count - 2, let text = String(validating: bytes[2..<2 + count], as: UTF8.self) else {
            throw .damaged(what: "a sealed name is not text")
        }
        return text
    }

    /// Seals a document for the one row that `place` names.
    func seal(document: [UInt8], place: [UInt8]) throws -> [UInt8] {
        let box = try AES.GCM.seal(document, using: documentKey, authenticating: place)
        return Array(box.nonce) + box.ciphertext + box.tag
    }

    /// The document of a row; fails for one that was changed or belongs to another row.
    func open(document sealed: [UInt8], place: [UInt8]) throws(CatalogueError) -> [UInt8] {
        guard let box = try? AES.GCM.SealedBox(combined: sealed), let plain = try? AES.GCM.open(box, using: documentKey, authenticating: place) else {
            throw .damaged(what: "a sealed document does not open")
        }
        return Array(plain)
    }
}

extension UInt64 {
    var bigEndianBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(self)
        return bytes
    }
}
