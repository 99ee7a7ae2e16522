// A site database of its own for each test, and a derivation that is quick and counted.
import Authentication
import Foundation
import GRDB
import Synchronization

final class AuthenticationFixture: Sendable {
    let path: String
    let database: DatabaseQueue
    let accounts: AccountStore
    let derivations = Counter()
    let clock = TestClock()
    let authenticator: AccountAuthenticator
    let cache: VerifiedCredentialCache

    init(cacheCapacity: Int = 4096) throws {
        let folder = NSTemporaryDirectory() + "/authentication-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/site.sqlite"
        database = try SiteDatabase.open(path: path)
        let derivations = derivations
        let hasher = PasswordHasher { password, salt, _ in
            derivations.increment()
            return quickDigest(password, salt)
        }
        let clock = clock
        accounts = try AccountStore(database, hasher: hasher)
        cache = VerifiedCredentialCache(capacity: cacheCapacity)
        authenticator = AccountAuthenticator(accounts: accounts, cache: cache, now: { clock.now })
    }

    deinit {
        try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent)
    }

    /// Decides, and says how many derivations that took.
    func login(_ name: String, _ password: String, from peer: String = "192.0.2.1") throws -> (decision: AccountAuthenticator.Decision, derivations: Int) {
        let before = derivations.value
        let decision = try authenticator.authenticate(name: name, password: Password(password), peer: NetworkKey(peer)!)
        return (decision, derivations.value - before)
    }
}

/// Stands for scrypt where only the number of runs matters.
private func quickDigest(_ password: Password, _ salt: [UInt8]) -> [UInt8] {
    var state: UInt64 = 0xCBF2_9CE4_8422_2325
    let bytes = unsafe password.withBytes { unsafe [UInt8]($0) }
    for byte in salt + bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return (0..<32).map { place in
        state = (state ^ UInt64(place)) &* 0x100_0000_01B3
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}

final class Counter: Sendable {
    private let count = Atomic(0)
    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func increment() { count.add(1, ordering: .sequentiallyConsistent) }
}

/// A clock that moves when it is told to.
final class TestClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(_ duration: Duration) { instant.withLock { $0 += duration } }
}

extension AccountAuthenticator.Outcome {
    var account: Account? {
        if case .accepted(let account, _) = self { return account }
        return nil
    }

    var refusal: AccountAuthenticator.Refusal? {
        if case .refused(let refusal) = self { return refusal }
        return nil
    }
}
