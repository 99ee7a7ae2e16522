// The secrets of one epoch of an authority: whoever has them can issue any of its attributes to anyone.

internal import BLS12381
internal import CanonicalEncoding
internal import Crypto
internal import Synchronization

/// The secret scalars for both schemes. Overwritten when the last owner goes.
package final class AuthoritySecretKey: Sendable {
    package let publicKey: AuthorityPublicKey
    private let scalars: Mutex<[Scalar]>

    private static let version: UInt8 = 1
    private static let scalarCount = 3
    /// Bytes of the encoding: version, epoch, owner, three scalars.
    package static let byteCount = 1 + 8 + AuthorityPublicKey.ownerByteCount + scalarCount * Scalar.byteCount

    /// A new key pair for an epoch of the authority that this Ed25519 signing key runs.
    package static func generate(epoch: UInt64, owner: [UInt8]) -> AuthoritySecretKey {
        AuthoritySecretKey(epoch: epoch, owner: owner, scalars: (0..<scalarCount).map { _ in Scalar.random() })
    }

    /// Reads what `withEncoded` lent.
    ///
    /// - Throws: `malformed`, `unsupportedSuite` for another version.
    package convenience init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard let version = bytes.first else { throw AttributeError(.malformed, "authority secret: empty") }
        guard version == Self.version else { throw AttributeError(.unsupportedSuite, "authority secret: version \(version) is not known") }
        guard bytes.count == Self.byteCount else { throw AttributeError(.malformed, "authority secret: must have \(Self.byteCount) bytes") }
        var scalars: [Scalar] = []
        do {
            var reader = ByteReader(Array(bytes.dropFirst()))
            let epoch = try reader.readUInt64()
            let owner = try reader.read(count: AuthorityPublicKey.ownerByteCount)
            while !reader.isAtEnd {
                var field = try reader.read(count: Scalar.byteCount)
                defer { field.wipe() }
                scalars.append(try Scalar(bytes: field))
            }
            guard scalars.allSatisfy({ !$0.isZero }) else { throw AttributeError(.malformed, "authority secret: a scalar is zero") }
            self.init(epoch: epoch, owner: owner, scalars: scalars)
        } catch {
            throw AttributeError(.malformed, "authority secret: not three scalars")
        }
    }

    private init(epoch: UInt64, owner: [UInt8], scalars: [Scalar]) {
        precondition(owner.count == AuthorityPublicKey.ownerByteCount, "an Ed25519 public key has 32 bytes")
        publicKey = AuthorityPublicKey(epoch: epoch, owner: owner, secrets: scalars)
        self.scalars = Mutex(scalars)
    }

    deinit {
        scalars.withLock { scalars in
            for index in scalars.indices { scalars[index].wipe() }
        }
    }

    /// Lends the encoding for the time of one call; it is overwritten afterwards.
    package func withEncoded<R>(_ body: ([UInt8]) throws -> R) rethrows -> R {
        var bytes: [UInt8] = [Self.version]
        bytes.reserveCapacity(Self.byteCount)
        bytes.appendBigEndian(publicKey.epoch)
        bytes += publicKey.owner
        withScalars { scalars in
            for scalar in scalars { bytes += scalar.bytes }
        }
        defer { bytes.wipe() }
        return try body(bytes)
    }

    func withScalars<R>(_ body: ([Scalar]) throws -> R) rethrows -> R { try scalars.withLock { try body($0) } }
}

extension AuthoritySecretKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "AuthoritySecretKey(redacted, epoch \(publicKey.epoch))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
