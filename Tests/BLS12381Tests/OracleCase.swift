// One case of Tests/Scripts/bls12381_oracle.py, and what this library makes of it.

import BLS12381

enum OracleError: Error {
    case unknownOperation(String)
    case missingInput(String)
    /// Two ways to compute one thing, or an encoding and what is read from it.
    case contradiction(OracleCase)
}

/// The inputs of an operation in hexadecimal, and its result: none for inputs that must be refused, for a reason.
struct OracleCase: Codable, Equatable, Sendable {
    var op: String
    var group: String?
    var points, others, scalars: [String]?
    var bytes, message, domain: String?
    var count: Int?
    var result, reason: String?

    init(_ op: String, _ group: String? = nil) { (self.op, self.group) = (op, group) }

    /// The same case with the result of this library; all its ways to compute it must agree.
    func solved() throws -> OracleCase {
        var solved = self
        (solved.result, solved.reason) = (nil, nil)
        do {
            let results = try self.results()
            guard let first = results.first, results.allSatisfy({ $0 == first }) else { throw OracleError.contradiction(self) }
            solved.result = first.hexadecimal
        } catch let error as BLS12381Error {
            solved.reason =
                switch error {
                case .wrongLength, .malformedFlags, .notCanonical: "encoding"
                case .notOnCurve: "curve"
                case .notInSubgroup: "group"
                }
        }
        return solved
    }

    /// The result in every way that the library knows.
    private func results() throws -> [[UInt8]] {
        switch (op, group) {
        case ("add", "g1"): try sums(of: G1.self)
        case ("add", "g2"): try sums(of: G2.self)
        case ("sum", "g1"): try multiples(of: G1.self)
        case ("sum", "g2"): try multiples(of: G2.self)
        case ("decode", "g1"): try decoded(as: G1.self)
        case ("decode", "g2"): try decoded(as: G2.self)
        case ("decodeLong", "g1"): try decodedFromLong(as: G1.self)
        case ("decodeLong", "g2"): try decodedFromLong(as: G2.self)
        case ("hash", "g1"): [G1(hashing: try value(message), domain: try value(domain)).compressed]
        case ("hash", "g2"): [G2(hashing: try value(message), domain: try value(domain)).compressed]
        case ("encode", "g1"): [G1(encoding: try value(message), domain: try value(domain)).compressed]
        case ("encode", "g2"): [G2(encoding: try value(message), domain: try value(domain)).compressed]
        case ("map", "g1"): [try G1(mapping: value(bytes)).compressed]
        case ("map", "g2"): [try G2(mapping: Array(value(bytes).prefix(48)), Array(value(bytes).dropFirst(48))).compressed]
        case ("expand", _): try expansions()
        case ("scalar", _): try scalarResults()
        case ("reduce", _): [Scalar(reducing: try value(bytes)).bytes]
        case ("pairing", _): try pairings()
        case ("power", _): try powers()
        case ("gt", _): [try GT(bytes: value(bytes)).bytes]
        default: throw OracleError.unknownOperation(op)
        }
    }

    private func value(_ text: String?) throws -> [UInt8] {
        guard let text else { throw OracleError.missingInput(op) }
        return try [UInt8](hexadecimal: text)
    }

    private func values<T>(_ texts: [String]?, _ decode: ([UInt8]) throws -> T) throws -> [T] {
        guard let texts else { throw OracleError.missingInput(op) }
        return try texts.map { try decode([UInt8](hexadecimal: $0)) }
    }

    private func sums<G: OracleGroup>(of group: G.Type) throws -> [[UInt8]] {
        let points = try values(points) { try G(compressed: $0) }
        let (a, b) = (points[0], points[1])
        return [a + b, b + a, a - -b].map(\.compressed)
    }

    private func multiples<G: OracleGroup>(of group: G.Type) throws -> [[UInt8]] {
        let points = try values(points) { try G(compressed: $0) }, scalars = try values(scalars) { try Scalar(bytes: $0) }
        var sums = [G.sum(points, times: scalars), G.sumVartime(points, times: scalars)]
        sums.append(zip(points, scalars).map { $0 * $1 }.reduce(.identity, +))
        if points.count == 1 { sums += [points[0].multipliedByTable(scalars[0])] }
        return sums.map(\.compressed)
    }

    private func decoded<G: OracleGroup>(as group: G.Type) throws -> [[UInt8]] {
        let encoding = try value(bytes), point = try G(compressed: encoding)
        guard point.compressed == encoding else { throw OracleError.contradiction(self) }
        return [point.uncompressed]
    }

    private func decodedFromLong<G: OracleGroup>(as group: G.Type) throws -> [[UInt8]] {
        let encoding = try value(bytes), point = try G(uncompressed: encoding)
        guard point.uncompressed == encoding else { throw OracleError.contradiction(self) }
        return [point.compressed]
    }

    private func expansions() throws -> [[UInt8]] {
        guard let count else { throw OracleError.missingInput(op) }
        return [expandMessage(try value(message), domain: try value(domain), byteCount: count)]
    }

    private func scalarResults() throws -> [[UInt8]] {
        let scalars = try values(scalars) { try Scalar(bytes: $0) }
        let (a, b) = (scalars[0], scalars[1])
        return [[a + b, a - b, a * b, a.inverse()].flatMap(\.bytes)]
    }

    private func pairs() throws -> [(G1, G2)] {
        let points = try values(points) { try G1(compressed: $0) }, others = try values(others) { try G2(compressed: $0) }
        return Array(zip(points, others))
    }

    private func pairings() throws -> [[UInt8]] {
        let pairs = try pairs()
        let plain = pairs.map { PairingTerm.plain($0, $1) }, prepared = pairs.map { PairingTerm.prepared($0, G2.Prepared($1)) }
        let products = [pairingProduct(plain), pairingProduct(prepared), pairs.map { pairing($0, $1) }.reduce(.one, *)]
        let encodings = products.map(\.bytes)
        return try encodings + [GT(bytes: encodings[0]).bytes]
    }

    private func powers() throws -> [[UInt8]] {
        let (p, q) = try pairs()[0], scalar = try values(scalars) { try Scalar(bytes: $0) }[0]
        let base = pairing(p, q)
        return [base.power(scalar), GT.Table(base).power(scalar), pairing(p, q * scalar)].map(\.bytes)
    }
}

/// What both groups have and the oracle's cases need.
protocol OracleGroup: PrecompileGroup {
    init(compressed: [UInt8]) throws(BLS12381Error)
    var compressed: [UInt8] { get }
    static func - (a: Self, b: Self) -> Self
    static prefix func - (a: Self) -> Self
    func multipliedByTable(_ scalar: Scalar) -> Self
}

extension G1: OracleGroup {
    func multipliedByTable(_ scalar: Scalar) -> G1 { Table(self).multiply(scalar) }
}

extension G2: OracleGroup {
    func multipliedByTable(_ scalar: Scalar) -> G2 { Table(self).multiply(scalar) }
}
