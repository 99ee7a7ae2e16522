// What an account may use: space, speed, sessions, and from where and when it may log in. Nil and empty: no limit.
package import FTPProtocol

package struct AccountLimits: Hashable, Sendable {
    /// Of all files that the account has sent and that still have their names.
    package var quotaBytes: UInt64?
    package var quotaFiles: UInt64?
    /// Of the disk, by all that the account has ever sent and that is still kept. Nil: as follows from `quotaBytes`.
    package var quotaDisk: UInt64?
    /// Bytes a second, of all sessions together.
    package var uploadRate: UInt64?
    package var downloadRate: UInt64?
    package var sessions: Int?
    /// Empty: from everywhere.
    package var networks: [NetworkPrefix] = []
    package var hours: LoginHours?

    package init() {}

    package static var none: AccountLimits { AccountLimits() }

    package var isEmpty: Bool { self == .none }

    /// - Parameter address: 4 or 16 bytes in network order.
    package func allows(network address: [UInt8]) -> Bool { networks.isEmpty || networks.contain(address) }

    /// - Parameter now: seconds since 1970, UTC.
    package func allows(atSeconds now: Int64) -> Bool { hours?.contains(secondsSince1970: now) ?? true }
}
