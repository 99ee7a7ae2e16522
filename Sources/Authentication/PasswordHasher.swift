// Makes and checks password hashes; the derivation can be replaced, so that tests can count it.
import Crypto
import CryptoExtras
import Foundation

/// Derives a digest from a password: the dear step of every login.
package typealias PasswordDerivation = @Sendable (Password, _ salt: [UInt8], ScryptHash.Cost) throws -> [UInt8]

package struct PasswordHasher: Sendable {
    private let derive: PasswordDerivation
    private let cost: ScryptHash.Cost

    package static var minimumCharacterCount: Int { 8 }
    package static var maximumByteCount: Int { 1024 }

    package init(cost: ScryptHash.Cost = .standard, derive: @escaping PasswordDerivation = PasswordHasher.scrypt) {
        self.cost = cost
        self.derive = derive
    }

    /// Hashes a new password under a fresh salt; refuses what is too short to protect anything.
    package func hash(_ password: Password) throws -> ScryptHash {
        guard password.characterCount >= Self.minimumCharacterCount else {
            throw AuthenticationError.passwordTooShort(minimum: Self.minimumCharacterCount)
        }
        guard password.byteCount <= Self.maximumByteCount else { throw AuthenticationError.passwordTooLong(maximum: Self.maximumByteCount) }
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<ScryptHash.saltByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return ScryptHash(cost: cost, salt: salt, digest: try derive(password, salt, cost))
    }

    /// Whether the password has this hash. Always one derivation, then a comparison that takes the same time for any difference.
    package func matches(_ password: Password, _ hash: ScryptHash) throws -> Bool {
        let digest = try derive(password, hash.salt, hash.cost)
        guard digest.count == hash.digest.count else { return false }
        var difference: UInt8 = 0
        for index in digest.indices { difference |= digest[index] ^ hash.digest[index] }
        return difference == 0
    }

    /// Costs a login that cannot succeed the same work as one that could.
    func spendEqualWork(_ password: Password) {
        // A failure here is no answer either.
        _ = try? derive(password, [UInt8](repeating: 0, count: ScryptHash.saltByteCount), cost)
    }

    /// The real derivation. Source: RFC 7914.
    package static let scrypt: PasswordDerivation = { password, salt, cost in
        let key = unsafe try password.withBytes { bytes in
            let view = unsafe Data(
                bytesNoCopy: UnsafeMutableRawPointer(mutating: bytes.baseAddress!), count: bytes.count, deallocator: .none)
            return try KDF.Scrypt.deriveKey(
                from: view, salt: salt, outputByteCount: ScryptHash.digestByteCount,
                rounds: 1 << cost.logN, blockSize: cost.blockSize, parallelism: cost.parallelism)
        }
        return unsafe key.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
