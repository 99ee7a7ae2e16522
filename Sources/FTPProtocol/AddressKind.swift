// Where an address can be reached from: what an operator would not tell clients outside.

package enum AddressKind: Sendable, Equatable {
    /// This machine only.
    case loopback
    /// A private network, a carrier's (RFC 1918, RFC 6598), link-local, or unique local (RFC 4193).
    case inner
    /// The Internet.
    case outer
    /// No host at all: unspecified, multicast, reserved, broadcast.
    case noHost

    private static let innerNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"]
        .compactMap { NetworkPrefix($0) }
    private static let loopbackNetworks = ["127.0.0.0/8", "::1/128"].compactMap { NetworkPrefix($0) }
    private static let unusable = ["0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8"].compactMap { NetworkPrefix($0) }

    /// - Parameter address: 4 or 16 bytes in network order.
    package init(_ address: [UInt8]) {
        if Self.loopbackNetworks.contain(address) {
            self = .loopback
        } else if Self.innerNetworks.contain(address) {
            self = .inner
        } else {
            self = Self.unusable.contain(address) ? .noHost : .outer
        }
    }
}
