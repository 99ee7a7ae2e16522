// The names that are hashed to the curve: what a granted attribute, a comparison, a month and a member become.

internal import CanonicalEncoding
package import Crypto

/// Names inside one authority. Those that begin with `~` are made by the rules below and cannot be granted by hand.
package enum AttributeName {
    /// `label` or `label=value`.
    package static func plain(_ label: String, _ value: String?) -> String {
        value.map { "\(label)=\($0)" } ?? label
    }

    /// The numbers of a label that share a prefix. The full prefix is the plain attribute itself.
    package static func prefix(_ label: String, _ prefix: DyadicPrefix, like value: NumericValue) -> String {
        guard prefix.length < NumericValue.bitCount else { return plain(label, NumericValue(prefix.bits, like: value).text) }
        return "~\(value.isDate ? "d" : "n")/\(label)/\(prefix.text)"
    }

    /// Months that share a prefix.
    package static func months(_ prefix: DyadicPrefix) -> String { "~v/\(prefix.text)" }

    /// A node of the tree of members: the leaves below it share its bits.
    package static func members(depth: Int, _ node: DyadicPrefix) -> String { "~m/\(depth)/\(node.text)" }

    /// A name that tells nothing to who lacks the key: the first 16 bytes of its HMAC-SHA-256.
    package static func hidden(_ name: String, _ nameKey: SymmetricKey) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array(name.utf8), using: nameKey)
        return "~h" + Array(code).prefix(16).hexadecimal
    }
}
