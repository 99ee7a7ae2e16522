// Padmé: lengths that tell little.

/// How far content is padded with zeros before the last segment is sealed.
package enum EnvelopePadding: Sendable, Equatable {
    case none
    /// At most 12 % more, with a floor of 4 KiB. Source: Nikitin et al., "Reducing Metadata Leakage from Encrypted Files
    /// and Communication with PURBs", PETS 2019, §4.
    case padme

    private static let floor: UInt64 = 4096

    /// The length that content of `byteCount` bytes is padded to.
    func paddedByteCount(_ byteCount: UInt64) -> UInt64 {
        switch self {
        case .none: return byteCount
        case .padme:
            guard byteCount > Self.floor else { return Self.floor }
            let exponent = 63 - byteCount.leadingZeroBitCount
            let exponentBits = 64 - exponent.leadingZeroBitCount
            let mask = UInt64(1) << UInt64(exponent - exponentBits) - 1
            let (sum, overflow) = byteCount.addingReportingOverflow(mask)
            return overflow ? byteCount : sum & ~mask
        }
    }
}
