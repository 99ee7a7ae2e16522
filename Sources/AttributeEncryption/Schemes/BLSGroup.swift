// The schemes' groups over BLS12-381.

package import BLS12381
internal import Synchronization

/// BLS12-381 with remembered hashes and tables for points that stay.
package enum BLSGroup: PairingGroup {
    package typealias Scalar = BLS12381.Scalar
    package typealias G1 = BLS12381.G1
    package typealias G2 = BLS12381.G2
    package typealias GT = BLS12381.GT

    package struct FixedG1: FixedPoint {
        package let point: G1
        private let table: G1.Table?

        package init(_ point: G1) {
            self.point = point
            table = nil
        }

        /// A table pays for itself after some thirty products.
        package init(_ point: G1, table: G1.Table) {
            self.point = point
            self.table = table
        }

        package func times(_ scalar: Scalar) -> G1 { table?.multiply(scalar) ?? point * scalar }
    }

    package static let fabeoBase: FixedG1 = {
        let point = G1(hashing: [], domain: HashDomain.fabeoBase.bytes)
        return FixedG1(point, table: G1.Table(point))
    }()

    package static func hashToG1(_ message: [UInt8], _ domain: HashDomain) -> G1 {
        hashesToG1.value(HashKey(message: message, domain: domain)) { G1(hashing: message, domain: domain.bytes) }
    }

    package static func hashToG2(_ message: [UInt8], _ domain: HashDomain) -> G2 {
        hashesToG2.value(HashKey(message: message, domain: domain)) { G2(hashing: message, domain: domain.bytes) }
    }

    package static func pairingProduct(_ terms: [PairingGroupTerm<BLSGroup>]) -> GT {
        BLS12381.pairingProduct(
            terms.map { term in
                switch term {
                case .points(let p, let q): .plain(p, q)
                case .generator(let p): .prepared(p, preparedGenerator)
                }
            })
    }

    private static let preparedGenerator = G2.Prepared(.generator)

    private struct HashKey: Hashable {
        let message: [UInt8]
        let domain: HashDomain
    }

    // Names of attributes and identities are public; their points are the same each time.
    private static let hashesToG1 = BoundedCache<HashKey, G1>(limit: 4096)
    private static let hashesToG2 = BoundedCache<HashKey, G2>(limit: 4096)

    /// Forgets remembered hashes and tables, so that a measurement shows the first use.
    package static func forgetCachedPoints() {
        hashesToG1.removeAll()
        hashesToG2.removeAll()
        AuthorityTables.shared.removeAll()
    }
}

extension BLS12381.Scalar: PairingScalar {}

extension BLS12381.G1: SourceGroup {
    package static func generator(times scalar: Scalar) -> G1 { generatorTable.multiply(scalar) }
}

extension BLS12381.G2: SourceGroup {
    package static func generator(times scalar: Scalar) -> G2 { generatorTable.multiply(scalar) }
}

extension BLS12381.GT: TargetGroup {
    package static func generator(power scalar: Scalar) -> GT { generatorTable.power(scalar) }
}

/// The system's generator.
package struct SystemScalars: ScalarSource {
    package init() {}
    package mutating func next() -> Scalar { Scalar.random() }
}
