// Networks as bans and limits keep them: made of what the login throttle counts, and written as operators write them.
package import FTPProtocol
import Glibc

extension NetworkPrefix {
    /// What the login throttle counts as one network.
    package init(_ key: NetworkKey) {
        switch key {
        case .ipv4(let address): self.init(bytes: (0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * $0)) }, bitCount: 32)
        case .ipv6(let prefix): self.init(bytes: (0..<16).map { $0 < 8 ? UInt8(truncatingIfNeeded: prefix >> (56 - 8 * UInt64($0))) : 0 }, bitCount: 64)
        }
    }

    /// As operators write it; a single address without its length.
    package var text: String {
        let isIPv4 = bytes.count == 4
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        unsafe inet_ntop(isIPv4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return bitCount == bytes.count * 8 ? address : "\(address)/\(bitCount)"
    }
}
