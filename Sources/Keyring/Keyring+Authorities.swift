// Authorities, received attribute keys and emergency holdings in the keyring. Nothing is kept before `save` or `update`.

internal import CanonicalEncoding

extension Keyring {
    // MARK: Authorities

    /// Authorities of a site whose keys can be issued with this keyring: the own one and those that listed us as an issuer.
    package func authorities(site: String) -> [HeldAuthority] { contents.authorities.filter { $0.site == site } }

    package func authority(_ name: String, site: String) -> HeldAuthority? {
        contents.authorities.first { $0.site == site && $0.name == name }
    }

    /// Keeps an authority, in place of what was known of it.
    package mutating func setAuthority(_ authority: HeldAuthority) {
        if let index = contents.authorities.firstIndex(where: { $0.site == authority.site && $0.name == authority.name }) {
            contents.authorities[index] = authority
        } else {
            contents.authorities.append(authority)
        }
    }

    /// Changes what is known of an authority.
    ///
    /// - Throws: `KeyringError.noSuchAuthority`, or what `change` throws.
    package mutating func withAuthority<R>(_ name: String, site: String, _ change: (inout HeldAuthority) throws -> R) throws -> R {
        guard let index = contents.authorities.firstIndex(where: { $0.site == site && $0.name == name }) else {
            throw KeyringError.noSuchAuthority(name: name)
        }
        return try change(&contents.authorities[index])
    }

    // MARK: Received keys

    /// Keys that others issued to us, newest first, without those of emergency access whose time is over.
    ///
    /// - Parameter now: seconds since 1970.
    package func receivedKeys(site: String, now: UInt64) -> [ReceivedKey] {
        contents.receivedKeys.reversed().filter { $0.site == site && $0.isKept(at: now) }
    }

    /// Keeps a received key. Gives false when it was there already.
    @discardableResult
    package mutating func add(_ key: ReceivedKey) -> Bool {
        contents.receivedKeys.removeAll { !$0.isKept(at: key.received) }
        guard !contents.receivedKeys.contains(where: { $0.site == key.site && $0.keyID == key.keyID }) else { return false }
        contents.receivedKeys.append(key)
        return true
    }

    // MARK: Emergency holdings

    /// In the order in which they came.
    package func emergencyHoldings(site: String) -> [EmergencyHolding] { contents.emergencyHoldings.filter { $0.site == site } }

    /// Keeps a holding beside older ones of the same patient, which open older records; those with another half are of no use any more.
    ///
    /// Gives false when it was there already.
    @discardableResult
    package mutating func add(_ holding: EmergencyHolding) -> Bool {
        let half = holding.half.withBytes { $0 }
        contents.emergencyHoldings.removeAll { known in
            known.site == holding.site && known.owner == holding.owner && !known.half.withBytes { constantTimeEqual($0, half) }
        }
        guard !contents.emergencyHoldings.contains(where: { $0.site == holding.site && $0.document == holding.document }) else { return false }
        contents.emergencyHoldings.append(holding)
        return true
    }
}

extension ReceivedKey {
    func isKept(at time: UInt64) -> Bool { keepUntil.map { $0 > time } ?? true }
}
