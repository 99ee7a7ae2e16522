// Why bytes were refused.

/// The reasons for which an encoding is refused.
public enum BLS12381Error: Error, Equatable, Sendable {
    /// The encoding has a fixed length.
    case wrongLength(need: Int, have: Int)
    /// The three flag bits of a point encoding contradict each other or the length, or infinity has other bits set.
    case malformedFlags
    /// A coordinate or scalar is not below its modulus.
    case notCanonical
    /// The coordinates satisfy no curve equation.
    case notOnCurve
    /// The element is outside the subgroup of prime order r.
    case notInSubgroup
}
