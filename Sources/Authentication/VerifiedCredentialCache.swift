// Spares a client that logs in again and again the dear hash, for as long as nothing about its account changes.
//
// Invariants:
// 1. An entry exists only after a full check succeeded; failures always pay the hash.
// 2. Neither password nor hash is kept: only codes under a key that dies with the process.
// 3. An entry counts only for the stored hash it was made with.
import Crypto
import Foundation
import Synchronization

/// Remembers which name and password were right a short while ago.
package final class VerifiedCredentialCache: Sendable {
    private struct Entry {
        let accountID: Int64
        let hashFingerprint: Data
        let expires: ContinuousClock.Instant
    }

    private let key = SymmetricKey(size: .bits256)
    private let lifetime: Duration
    private let capacity: Int
    private let entries = Mutex<[Data: Entry]>([:])

    package init(lifetime: Duration = .seconds(300), capacity: Int = 4096) {
        self.lifetime = lifetime
        self.capacity = capacity
    }

    /// Whether this password was checked against this very hash within the lifetime.
    func contains(name: String, password: Password, accountID: Int64, storedHash: String, now: ContinuousClock.Instant) -> Bool {
        let fingerprint = self.fingerprint(of: storedHash)
        guard let entry = entries.withLock({ $0[code(name, password)] }) else { return false }
        return entry.accountID == accountID && entry.hashFingerprint == fingerprint && now < entry.expires
    }

    func insert(name: String, password: Password, accountID: Int64, storedHash: String, now: ContinuousClock.Instant) {
        let entry = Entry(accountID: accountID, hashFingerprint: fingerprint(of: storedHash), expires: now + lifetime)
        let code = code(name, password)
        entries.withLock { entries in
            if entries.count >= capacity { entries = entries.filter { now < $0.value.expires } }
            if entries.count >= capacity, let oldest = entries.min(by: { $0.value.expires < $1.value.expires }) {
                entries[oldest.key] = nil
            }
            entries[code] = entry
        }
    }

    private func code(_ name: String, _ password: Password) -> Data {
        var code = HMAC<SHA256>(key: key)
        code.update(data: Array(name.utf8))
        code.update(data: [0])
        unsafe password.withBytes { bytes in
            unsafe code.update(data: bytes)
        }
        return Data(code.finalize())
    }

    private func fingerprint(of storedHash: String) -> Data {
        // The leading byte keeps fingerprints apart from codes: no name starts with zero.
        Data(HMAC<SHA256>.authenticationCode(for: [0] + Array(storedHash.utf8), using: key))
    }
}
