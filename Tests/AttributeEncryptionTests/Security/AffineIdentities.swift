// A mistake to play against: the curve with identities whose logarithms are known.

import AttributeEncryption
import BLS12381

/// H(gid) = u·g2 with a number u that anyone can compute.
enum AffineIdentities: GameGroup {
    typealias Scalar = BLSGroup.Scalar
    typealias G1 = BLSGroup.G1
    typealias G2 = BLSGroup.G2
    typealias GT = BLSGroup.GT
    typealias FixedG1 = BLSGroup.FixedG1

    static func logarithm(_ message: [UInt8]) -> Scalar { Scalar.hash(message, domain: Array("affine".utf8)) }

    static func hashToG2(_ message: [UInt8], _ domain: HashDomain) -> G2 {
        domain == .decentralizedIdentity ? G2.generator(times: logarithm(message)) : BLSGroup.hashToG2(message, domain)
    }

    static func hashToG1(_ message: [UInt8], _ domain: HashDomain) -> G1 { BLSGroup.hashToG1(message, domain) }
    static var fabeoBase: FixedG1 { BLSGroup.fabeoBase }
    static func scalars() -> SystemScalars { SystemScalars() }

    static func pairingProduct(_ terms: [PairingGroupTerm<AffineIdentities>]) -> GT {
        BLSGroup.pairingProduct(
            terms.map { term in
                switch term {
                case .points(let p, let q): .points(p, q)
                case .generator(let p): .generator(p)
                }
            })
    }
}
