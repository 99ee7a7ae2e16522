// What is timed: the operations of the façade, on random operands.

import BLS12381

struct Operation {
    let name: String
    let run: () -> Void
}

func operations() -> [Operation] {
    let scalar = Scalar.random(), other = Scalar.random()
    let p = G1.generator * scalar, q = G2.generator * scalar, e = GT.generator.power(scalar)
    let pairs = (0..<7).map { _ in (G1.generator * .random(), G2.generator * .random()) }
    let prepared = pairs.map { ($0.0, G2.Prepared($0.1)) }
    let pBytes = p.compressed, qBytes = q.compressed, eBytes = e.bytes
    let g1Table = G1.generatorTable, g2Table = G2.generatorTable, gtTable = GT.generatorTable
    let message = [UInt8]("abc".utf8), domain = [UInt8]("BLS12381-BENCHMARK".utf8)
    var operations = [
        Operation(name: "scalar-multiply") { consume(scalar * other) },
        Operation(name: "scalar-inverse") { consume(scalar.inverse()) },
        Operation(name: "pairing") { consume(pairing(p, q)) },
        Operation(name: "pairing-prepared") { consume(pairingProduct([.prepared(prepared[0].0, prepared[0].1)])) },
        Operation(name: "g2-prepare") { consume(G2.Prepared(q)) },
        Operation(name: "g1-add") { consume(p + pairs[0].0) },
        Operation(name: "g2-add") { consume(q + pairs[0].1) },
        Operation(name: "g1-multiply") { consume(p * scalar) },
        Operation(name: "g2-multiply") { consume(q * scalar) },
        Operation(name: "g1-table") { consume(g1Table.multiply(scalar)) },
        Operation(name: "g2-table") { consume(g2Table.multiply(scalar)) },
        Operation(name: "g1-table-make") { consume(G1.Table(p)) },
        Operation(name: "g2-table-make") { consume(G2.Table(q)) },
        Operation(name: "gt-multiply") { consume(e * e) },
        Operation(name: "gt-power") { consume(e.power(scalar)) },
        Operation(name: "gt-table") { consume(gtTable.power(scalar)) },
        Operation(name: "g1-hash") { consume(G1(hashing: message, domain: domain)) },
        Operation(name: "g2-hash") { consume(G2(hashing: message, domain: domain)) },
        Operation(name: "g1-compress") { consume(p.compressed) },
        Operation(name: "g2-compress") { consume(q.compressed) },
        Operation(name: "g1-decompress") { consume(try? G1(compressed: pBytes)) },
        Operation(name: "g2-decompress") { consume(try? G2(compressed: qBytes)) },
        Operation(name: "gt-decode") { consume(try? GT(bytes: eBytes)) },
    ]
    for count in [3, 7] {
        let plain = pairs.prefix(count).map { PairingTerm.plain($0.0, $0.1) }
        let ready = prepared.prefix(count).map { PairingTerm.prepared($0.0, $0.1) }
        operations.append(Operation(name: "product-\(count)") { consume(pairingProduct(plain)) })
        operations.append(Operation(name: "product-\(count)-prepared") { consume(pairingProduct(ready)) })
    }
    for count in [2, 10, 50, 100] {
        let points = (0..<count).map { _ in g1Table.multiply(.random()) }, points2 = (0..<count).map { _ in g2Table.multiply(.random()) }
        let scalars = (0..<count).map { _ in Scalar.random() }
        operations.append(Operation(name: "g1-sum-\(count)") { consume(G1.sum(points, times: scalars)) })
        operations.append(Operation(name: "g2-sum-\(count)") { consume(G2.sum(points2, times: scalars)) })
        operations.append(Operation(name: "g1-sum-vartime-\(count)") { consume(G1.sumVartime(points, times: scalars)) })
        operations.append(Operation(name: "g2-sum-vartime-\(count)") { consume(G2.sumVartime(points2, times: scalars)) })
    }
    return operations
}
