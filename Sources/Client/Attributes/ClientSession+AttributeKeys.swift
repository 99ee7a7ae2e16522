// The attribute keys that this session opens records with.

internal import AttributeEncryption
internal import Keyring

extension ClientSession {
    /// Every attribute key of this site, newest first, and those of emergencies that this session alone has. Decoded once.
    func attributeKeys() throws -> [AttributeKey] {
        if let decodedAttributeKeys { return emergencyKeys + decodedAttributeKeys }
        let keys = try keyring.attributeKeys(site: log.origin, now: UInt64(max(currentTime(), 0)))
        decodedAttributeKeys = keys
        return emergencyKeys + keys
    }
}
