// What the schemes need of a pairing, so that the same code runs over BLS12-381 and over formal variables in a test.

/// Three groups of one prime order with e: G1 × G2 → GT. Source groups are written additively, GT multiplicatively.
package protocol PairingGroup: Sendable {
    associatedtype Scalar: PairingScalar
    associatedtype G1: SourceGroup where G1.Scalar == Scalar
    associatedtype G2: SourceGroup where G2.Scalar == Scalar
    associatedtype GT: TargetGroup where GT.Scalar == Scalar
    associatedtype FixedG1: FixedPoint where FixedG1.Point == G1

    /// A point whose logarithm no one knows.
    static func hashToG1(_ message: [UInt8], _ domain: HashDomain) -> G1
    static func hashToG2(_ message: [UInt8], _ domain: HashDomain) -> G2

    /// The second base of FABEO: a hash of nothing under a domain of its own.
    static var fabeoBase: FixedG1 { get }

    /// Π e(pᵢ, qᵢ), with one final exponentiation.
    static func pairingProduct(_ terms: [PairingGroupTerm<Self>]) -> GT
}

/// One factor of a product of pairings.
package enum PairingGroupTerm<Group: PairingGroup>: Sendable {
    case points(Group.G1, Group.G2)
    /// With the generator of G2.
    case generator(Group.G1)
}

/// Integers modulo the group order.
package protocol PairingScalar: Sendable {
    init(_ value: UInt64)
    static func + (first: Self, second: Self) -> Self
    static func - (first: Self, second: Self) -> Self
    static func * (first: Self, second: Self) -> Self
    static prefix func - (value: Self) -> Self
    func inverse() -> Self
    mutating func wipe()
}

package protocol SourceGroup: Sendable {
    associatedtype Scalar
    static var identity: Self { get }
    static func + (first: Self, second: Self) -> Self
    static prefix func - (point: Self) -> Self
    /// Constant time.
    static func * (point: Self, scalar: Scalar) -> Self
    /// The generator times a scalar, in constant time.
    static func generator(times scalar: Scalar) -> Self
    /// Σ scalarᵢ·pointᵢ in time that depends on the scalars.
    static func sumVartime(_ points: [Self], times scalars: [Scalar]) -> Self
    mutating func wipe()
}

/// A point of G1 that is multiplied often, perhaps with a table.
package protocol FixedPoint: Sendable {
    associatedtype Point: SourceGroup
    init(_ point: Point)
    var point: Point { get }
    /// Constant time.
    func times(_ scalar: Point.Scalar) -> Point
}

package protocol TargetGroup: Sendable {
    associatedtype Scalar
    static func * (first: Self, second: Self) -> Self
    /// Constant time.
    func power(_ scalar: Scalar) -> Self
    /// e(g1, g2) to a power, in constant time.
    static func generator(power scalar: Scalar) -> Self
}

/// Where scalars come from: the system's generator, coins that can be drawn again, or new formal variables.
package protocol ScalarSource<Scalar> {
    associatedtype Scalar
    mutating func next() -> Scalar
}

/// One domain a purpose, so that no hash of one kind can be taken for another (RFC 9380 §3.1).
package enum HashDomain: String, Sendable, CaseIterable {
    case fabeoAttribute = "PHR-V1-FABEO-ATTRIBUTE-BLS12381G1_XMD:SHA-256_SSWU_RO_"
    case fabeoBase = "PHR-V1-FABEO-BASE-BLS12381G1_XMD:SHA-256_SSWU_RO_"
    case keyPolicyAttribute = "PHR-V1-FABEO-KP-ATTRIBUTE-BLS12381G1_XMD:SHA-256_SSWU_RO_"
    case decentralizedAttribute = "PHR-V1-MA-ATTRIBUTE-BLS12381G2_XMD:SHA-256_SSWU_RO_"
    case decentralizedIdentity = "PHR-V1-MA-IDENTITY-BLS12381G2_XMD:SHA-256_SSWU_RO_"

    package var bytes: [UInt8] { Array(rawValue.utf8) }
}
