// Attribute keys in the form that opens records.

package import AttributeEncryption
package import Crypto

extension Keyring {
    /// Received keys, newest first: of every authority and epoch of a site, because old epochs open old records. Those that this
    /// program cannot read are left out: one bad key must not keep the others from opening records.
    ///
    /// - Parameters:
    ///   - authorities: only keys of these; `nil` is all.
    ///   - now: seconds since 1970; emergency keys whose time is over are left out.
    package func attributeKeys(site: String, authorities: Set<String>? = nil, now: UInt64) -> [AttributeKey] {
        receivedKeys(site: site, now: now).filter { authorities?.contains($0.authority) ?? true }.compactMap(\.attributeKey)
    }

    /// The key that an authority hides attribute names with: of our own, of one we issue for, or of one that gave us a key.
    package func nameKey(ofAuthority name: String, site: String) -> SymmetricKey? {
        let secret =
            authority(name, site: site)?.nameKey ?? contents.receivedKeys.last { $0.site == site && $0.authority == name && $0.nameKey != nil }?.nameKey
        return secret?.withBytes { SymmetricKey(data: $0) }
    }
}

extension ReceivedKey {
    /// `nil` when it is damaged, or of a version that this program does not know.
    package var attributeKey: AttributeKey? { try? secret.withBytes { try AttributeKey(decoding: $0) } }
}
