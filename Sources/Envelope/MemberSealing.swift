// What a sealer is told, and what it reports.

/// How a member is sealed.
package struct SealingOptions: Sendable, Equatable {
    /// Where the SHA-256 of the plaintext in the sealed metadata comes from.
    package enum PlaintextDigest: Sendable, Equatable {
        /// Computed by the sealer as bytes arrive.
        case computed
        /// Computed by the caller, on another thread for example, and given to `finish`.
        case supplied
    }

    package var slot: HeaderSlot
    package var padding: EnvelopePadding
    package var leafList: Bool
    /// True on a server that saw the plaintext arrive.
    package var sealedOnIngest: Bool
    /// Seconds since 1970 after which the record is not to be served.
    package var notAfter: UInt64?
    package var plaintextDigest: PlaintextDigest

    package init(
        slot: HeaderSlot = .lean, padding: EnvelopePadding = .none, leafList: Bool = false, sealedOnIngest: Bool = false, notAfter: UInt64? = nil,
        plaintextDigest: PlaintextDigest = .computed
    ) {
        self.slot = slot
        self.padding = padding
        self.leafList = leafList
        self.sealedOnIngest = sealedOnIngest
        self.notAfter = notAfter
        self.plaintextDigest = plaintextDigest
    }

    var prefixFlags: EnvelopePrefix.Flags {
        var flags: EnvelopePrefix.Flags = []
        if sealedOnIngest { flags.insert(.sealedOnIngest) }
        if padding != .none { flags.insert(.padded) }
        if leafList { flags.insert(.leafList) }
        return flags
    }
}

/// Where a member stands in its file.
package struct MemberChain: Sendable, Equatable {
    package let objectID: [UInt8]
    package let memberNumber: UInt32
    /// SHA-256 of the footer before; nil for the first member.
    package let previousFooterHash: [UInt8]?

    package init(objectID: [UInt8], memberNumber: UInt32, previousFooterHash: [UInt8]?) {
        self.objectID = objectID
        self.memberNumber = memberNumber
        self.previousFooterHash = previousFooterHash
    }

    /// The first member of an object.
    package static func first(objectID: [UInt8]) -> MemberChain {
        MemberChain(objectID: objectID, memberNumber: 0, previousFooterHash: nil)
    }

    /// The member that continues the one summarised.
    package static func following(_ summary: MemberSummary) -> MemberChain {
        MemberChain(objectID: summary.objectID, memberNumber: summary.memberNumber + 1, previousFooterHash: summary.footerHash)
    }

    /// A random object identifier, of 16 bytes.
    package static func newObjectID() -> [UInt8] { SecureRandom.bytes(EnvelopeFormat.objectIDByteCount) }
}

/// What came of a member.
package struct MemberSummary: Sendable, Equatable {
    package let objectID: [UInt8]
    package let memberNumber: UInt32
    /// Prefix and header slot.
    package let headLength: Int
    /// Sealed segments.
    package let bodyLength: UInt64
    /// Head, segments, metadata, leaf list and footer.
    package let totalLength: UInt64
    package let merkleRoot: [UInt8]
    /// SHA-256 of the footer; of the last member, it is the envelope's root.
    package let footerHash: [UInt8]
    /// SHA-256 of prefix and header slot.
    package let headDigest: [UInt8]
    /// Without padding.
    package let plaintextByteCount: UInt64
    /// Without padding.
    package let plaintextSHA256: [UInt8]
    package let flags: EnvelopeFooter.Flags
}
