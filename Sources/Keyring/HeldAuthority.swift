// An authority whose attribute keys this identity can issue: its own, or one that listed it as an issuer.
//
// 1. A leaf of the revocation tree belongs to one holder in one epoch, and is not given to another after a revocation.
// 2. The leaves that different issuers give out do not overlap: each listed issuer has a range, the authority itself the rest.
// 3. Secrets of old epochs stay: what was issued under them can be explained and checked, nothing new is issued.

internal import CanonicalEncoding

package struct HeldAuthority: Sendable {
    package enum Role: UInt64, Sendable {
        case owner = 0
        /// The secret came from the authority, which listed this identity in its record.
        case issuer = 1
    }

    /// A key pair of the authority.
    package struct Epoch: Sendable {
        package let number: UInt64
        /// `AuthoritySecretKey`, encoded.
        package let secret: Secret
        /// Seconds since 1970.
        package let created: UInt64
        /// Why it followed the one before.
        package let reason: String?

        package init(number: UInt64, secret: Secret, created: UInt64, reason: String? = nil) {
            self.number = number
            self.secret = secret
            self.created = created
            self.reason = reason
        }
    }

    /// What opens the emergency keys of somebody, in its two halves: new keys for the same holder are sealed under the same.
    package struct EmergencyHalves: Sendable {
        /// Global identifier of the holder, 32 bytes.
        package let identity: [UInt8]
        /// The half that the holder has, and the one that the site has. 32 bytes each.
        package let holders: Secret
        package let sites: Secret

        package init(identity: [UInt8], holders: Secret, sites: Secret) {
            self.identity = identity
            self.holders = holders
            self.sites = sites
        }
    }

    /// Somebody who may issue in the authority's name.
    package struct ListedIssuer: Sendable, Equatable {
        package let name: String
        /// Ed25519, 32 bytes.
        package let signingKey: [UInt8]
        /// The leaves he gives out.
        package let leaves: Range<UInt32>
        /// Seconds since 1970.
        package let added: UInt64
        package var removed: UInt64?

        package init(name: String, signingKey: [UInt8], leaves: Range<UInt32>, added: UInt64, removed: UInt64? = nil) {
            self.name = name
            self.signingKey = signingKey
            self.leaves = leaves
            self.added = added
            self.removed = removed
        }
    }

    /// Origin of the site's log.
    package let site: String
    /// Account name on that site.
    package let name: String
    package let role: Role
    /// Of the revocation tree, which has 2^depth leaves.
    package let depth: UInt8
    /// Maps attribute names to what policies show, when the authority hides them. 32 bytes.
    package var nameKey: Secret?
    /// Ascending; the last one is current. Never empty.
    package var epochs: [Epoch]
    /// The newest record, as signed.
    package var record: [UInt8]
    /// For an issuer: what was given to him. The owner's own leaves are all that nobody else has.
    package var leaves: Range<UInt32>
    package var issuers: [ListedIssuer]
    /// The register, oldest first.
    package var issuances: [Issuance]
    /// Of those for whom emergency access is prepared.
    package var emergencyHalves: [EmergencyHalves]

    package init(
        site: String, name: String, role: Role, depth: UInt8, nameKey: Secret?, epochs: [Epoch], record: [UInt8], leaves: Range<UInt32>? = nil,
        issuers: [ListedIssuer] = [], issuances: [Issuance] = [], emergencyHalves: [EmergencyHalves] = []
    ) {
        self.site = site
        self.name = name
        self.role = role
        self.depth = depth
        self.nameKey = nameKey
        self.epochs = epochs
        self.record = record
        self.leaves = leaves ?? 0..<(UInt32(1) << UInt32(depth))
        self.issuers = issuers
        self.issuances = issuances
        self.emergencyHalves = emergencyHalves
    }

    package var hidesNames: Bool { nameKey != nil }
    package var currentEpoch: Epoch { epochs[epochs.count - 1] }
    package var leafCount: UInt32 { UInt32(1) << UInt32(depth) }
}

// MARK: - The register

extension HeldAuthority {
    /// The keys that each holder has out: of the newest epoch in which there is one, for each leaf the newest, unless it was revoked.
    ///
    /// In the order of holders' names.
    package var holders: [Issuance] {
        struct Holder: Hashable { let identity: [UInt8], purpose: Issuance.Purpose }
        struct Place: Hashable { let holder: Holder, leaf: UInt32 }
        let made = issuances.filter { $0.state != .reserved }
        var newestEpoch: [Holder: UInt64] = [:]
        for issuance in made {
            let holder = Holder(identity: issuance.identity, purpose: issuance.purpose)
            newestEpoch[holder] = max(newestEpoch[holder] ?? 0, issuance.epoch)
        }
        var newest: [Place: Issuance] = [:]
        for issuance in made {
            let holder = Holder(identity: issuance.identity, purpose: issuance.purpose)
            if issuance.epoch == newestEpoch[holder] { newest[Place(holder: holder, leaf: issuance.leaf)] = issuance }
        }
        return newest.values.filter { $0.revoked == nil }.sorted { ($0.holder, $0.purpose.rawValue, $0.leaf) < ($1.holder, $1.purpose.rawValue, $1.leaf) }
    }

    /// The keys of the current epoch that somebody has out.
    package func current(of identity: [UInt8], purpose: Issuance.Purpose = .ordinary) -> [Issuance] {
        holders.filter { $0.identity == identity && $0.purpose == purpose && $0.epoch == currentEpoch.number }
    }

    /// All attributes that somebody was ever given in the current epoch, revoked or not.
    package func attributesOfEpoch(of identity: [UInt8]) -> Set<String> {
        let own = issuances.filter { $0.identity == identity && $0.epoch == currentEpoch.number && $0.state != .reserved && $0.purpose == .ordinary }
        return Set(own.flatMap(\.attributes))
    }

    /// Whether a request was granted before.
    package func hasGranted(requestNonce: [UInt8]) -> Bool { issuances.contains { $0.requestNonce == requestNonce && $0.state != .reserved } }

    /// The leaf for a holder in the current epoch: the one that the holder has, or the first that nobody ever had.
    ///
    /// - Throws: `KeyringError.noLeafLeft`.
    package func leaf(for identity: [UInt8], purpose: Issuance.Purpose) throws(KeyringError) -> UInt32 {
        let present = issuances.last {
            $0.epoch == currentEpoch.number && $0.identity == identity && $0.purpose == purpose && $0.revoked == nil && $0.issuer == nil
        }
        if let present { return present.leaf }
        return try freshLeaf()
    }

    /// The first leaf of ours that nobody has had in the current epoch.
    ///
    /// - Throws: `KeyringError.noLeafLeft`.
    package func freshLeaf() throws(KeyringError) -> UInt32 {
        let used = Set(issuances.filter { $0.epoch == currentEpoch.number }.map(\.leaf))
        let foreign = role == .owner ? issuers.filter { $0.removed == nil }.map(\.leaves) : []
        var leaf = leaves.lowerBound
        while leaf < leaves.upperBound {
            if let range = foreign.first(where: { $0.contains(leaf) }) {
                leaf = range.upperBound
            } else if used.contains(leaf) {
                leaf += 1
            } else {
                return leaf
            }
        }
        throw .noLeafLeft(authority: name)
    }

    /// A range of leaves for a new issuer, taken from the upper end, of which nobody has one.
    ///
    /// - Parameter count: a power of two.
    package func freeRange(of count: UInt32) throws(KeyringError) -> Range<UInt32> {
        precondition(count > 0 && count & (count - 1) == 0, "ranges are subtrees")
        let used = issuances.filter { $0.epoch == currentEpoch.number }.map(\.leaf)
        let taken = issuers.filter { $0.removed == nil }.map(\.leaves)
        var upper = leafCount
        // The lowest subtree stays with the authority itself.
        while upper >= 2 * count {
            let range = (upper - count)..<upper
            if !taken.contains(where: { $0.overlaps(range) }), !used.contains(where: { range.contains($0) }) { return range }
            upper -= count
        }
        throw .noLeafLeft(authority: name)
    }
}

// MARK: - Its form in the keyring

extension HeldAuthority {
    init(_ fields: inout KeyringFields) throws(UnreadableContents) {
        guard let role = Role(rawValue: try fields.unsigned(2)), let depth = UInt8(exactly: try fields.unsigned(3)), depth < 32 else {
            throw UnreadableContents()
        }
        let epochs = try fields.list(5) { (fields) throws(UnreadableContents) in
            Epoch(
                number: try fields.unsigned(0), secret: try fields.secret(1), created: try fields.unsigned(2), reason: try fields.optionalText(3))
        }
        guard !epochs.isEmpty, zip(epochs, epochs.dropFirst()).allSatisfy({ $0.number < $1.number }) else { throw UnreadableContents() }
        self.init(
            site: try fields.text(0), name: try fields.text(1), role: role, depth: depth, nameKey: try fields.optionalSecret(4, count: 32),
            epochs: epochs, record: try fields.bytes(6), leaves: try Self.range(&fields, 7, 8),
            issuers: try fields.list(9) { (fields) throws(UnreadableContents) in
                ListedIssuer(
                    name: try fields.text(0), signingKey: try fields.bytes(1, count: 32), leaves: try Self.range(&fields, 2, 3),
                    added: try fields.unsigned(4), removed: try fields.optionalUnsigned(5))
            },
            issuances: try fields.list(10) { (fields) throws(UnreadableContents) in try Issuance(&fields) },
            emergencyHalves: try fields.list(11) { (fields) throws(UnreadableContents) in
                EmergencyHalves(
                    identity: try fields.bytes(0, count: 32), holders: try fields.secret(1, count: 32), sites: try fields.secret(2, count: 32))
            })
    }

    private static func range(_ fields: inout KeyringFields, _ lower: UInt64, _ upper: UInt64) throws(UnreadableContents) -> Range<UInt32> {
        guard let lower = UInt32(exactly: try fields.unsigned(lower)), let upper = UInt32(exactly: try fields.unsigned(upper)), lower <= upper else {
            throw UnreadableContents()
        }
        return lower..<upper
    }

    var cbor: CBOR {
        var fields: [UInt64: CBOR] = [
            0: .text(site), 1: .text(name), 2: .unsigned(role.rawValue), 3: .unsigned(UInt64(depth)),
            6: .bytes(record), 7: .unsigned(UInt64(leaves.lowerBound)), 8: .unsigned(UInt64(leaves.upperBound)),
            10: .array(issuances.map(\.cbor)),
        ]
        if let nameKey { fields[4] = nameKey.cbor }
        fields[5] = .array(
            epochs.map { epoch in
                var fields: [UInt64: CBOR] = [0: .unsigned(epoch.number), 1: epoch.secret.cbor, 2: .unsigned(epoch.created)]
                if let reason = epoch.reason { fields[3] = .text(reason) }
                return .map(fields)
            })
        fields[11] = .array(
            emergencyHalves.map { .map([0: .bytes($0.identity), 1: $0.holders.cbor, 2: $0.sites.cbor]) })
        fields[9] = .array(
            issuers.map { issuer in
                var fields: [UInt64: CBOR] = [
                    0: .text(issuer.name), 1: .bytes(issuer.signingKey), 2: .unsigned(UInt64(issuer.leaves.lowerBound)),
                    3: .unsigned(UInt64(issuer.leaves.upperBound)), 4: .unsigned(issuer.added),
                ]
                if let removed = issuer.removed { fields[5] = .unsigned(removed) }
                return .map(fields)
            })
        return .map(fields)
    }
}
