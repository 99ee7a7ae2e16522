/// The token buckets of accounts with bandwidth limits, shared by all their sessions.
import Authentication
import FTPServer
import Synchronization

final class AccountRates: Sendable {
    private struct Direction: Hashable {
        let account: String
        let isUpload: Bool
    }

    private let buckets = Mutex<[Direction: TokenBucket]>([:])

    /// The buckets for a new session, with the rates as they are now.
    func buckets(of account: String, _ limits: AccountLimits) -> (uploads: TokenBucket?, downloads: TokenBucket?) {
        (
            bucket(Direction(account: account, isUpload: true), limits.uploadRate), bucket(Direction(account: account, isUpload: false), limits.downloadRate)
        )
    }

    private func bucket(_ direction: Direction, _ rate: UInt64?) -> TokenBucket? {
        guard let rate else { return nil }
        return buckets.withLock { buckets in
            if let bucket = buckets[direction] {
                bucket.setRate(rate)
                return bucket
            }
            let bucket = TokenBucket(rate: rate)
            buckets[direction] = bucket
            return bucket
        }
    }
}
