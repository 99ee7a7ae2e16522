// The operations of EIP-2537 on byte strings, written with this library: what its vectors are run against.

@testable import BLS12381

/// Why an operation refused its input.
enum PrecompileError: Error, Equatable {
    case inputLength
    /// One of the 16 bytes above a field element is not zero.
    case topBytes
    case element(BLS12381Error)

    /// The published text that belongs to the reason.
    var text: String {
        switch self {
        case .inputLength: "invalid input length"
        case .topBytes: "invalid field element top bytes"
        case .element(.notCanonical): "invalid fp.Element encoding"
        case .element(.notOnCurve): "invalid point: not on curve"
        case .element(.notInSubgroup): "point is not in the correct subgroup"
        case .element: "another reason"
        }
    }
}

/// A group as EIP-2537 encodes it: 64 bytes a coordinate in the base field, infinity all zero, c0 before c1.
protocol PrecompileGroup: Equatable {
    associatedtype Field: SubgroupField
    static var coordinateCount: Int { get }
    init(unchecked point: Projective<Field>)
    init(uncompressed: [UInt8]) throws(BLS12381Error)
    var uncompressed: [UInt8] { get }
    static var identity: Self { get }
    static func + (a: Self, b: Self) -> Self
    static func * (a: Self, b: Scalar) -> Self
    static func sum(_ points: [Self], times scalars: [Scalar]) -> Self
    static func sumVartime(_ points: [Self], times scalars: [Scalar]) -> Self
    var isIdentity: Bool { get }
}

extension G1: PrecompileGroup {
    typealias Field = Fp
    static var coordinateCount: Int { 2 }
}

extension G2: PrecompileGroup {
    typealias Field = Fp2
    static var coordinateCount: Int { 4 }
}

enum Precompiles {
    /// 64 bytes without the 16 on top.
    static func fieldElement(_ bytes: [UInt8]) throws(PrecompileError) -> [UInt8] {
        guard bytes.count == 64 else { throw .inputLength }
        guard bytes.prefix(16).allSatisfy({ $0 == 0 }) else { throw .topBytes }
        return Array(bytes.dropFirst(16))
    }

    /// The coordinates in the order of point encodings: c1 before c0.
    private static func coordinates<G: PrecompileGroup>(_ bytes: [UInt8], _ group: G.Type) throws(PrecompileError) -> [UInt8]? {
        guard bytes.count == 64 * G.coordinateCount else { throw .inputLength }
        guard bytes.contains(where: { $0 != 0 }) else { return nil }
        var elements: [[UInt8]] = []
        for piece in bytes.pieces(of: 64) { elements.append(try fieldElement(piece)) }
        // The three upper bits are flags in point encodings; with one of them set the number is above p.
        guard elements.allSatisfy({ $0[0] < 0x20 }) else { throw .element(.notCanonical) }
        return (G.coordinateCount == 2 ? elements : [elements[1], elements[0], elements[3], elements[2]]).flatMap { $0 }
    }

    static func point<G: PrecompileGroup>(_ bytes: [UInt8], _ group: G.Type = G.self) throws(PrecompileError) -> G {
        guard let encoding = try coordinates(bytes, group) else { return .identity }
        do { return try G(uncompressed: encoding) } catch { throw .element(error) }
    }

    /// A point that need not be in the subgroup.
    static func curvePoint<G: PrecompileGroup>(_ bytes: [UInt8], _ group: G.Type = G.self) throws(PrecompileError) -> G {
        guard let encoding = try coordinates(bytes, group) else { return .identity }
        return try withScratch { s throws(PrecompileError) in
            var s = s
            let affine = unsafe s.copy(Affine<G.Field>(x: G.Field(), y: G.Field())), size = G.Field.byteCount
            let isCanonical = unsafe encoding.withUnsafeBufferPointer { buffer in
                unsafe G.Field.fromBytes(affine.x, buffer.baseAddress!) & G.Field.fromBytes(affine.y, buffer.baseAddress! + size)
            }
            guard isCanonical != 0 else { throw .element(.notCanonical) }
            guard unsafe pointIsOnCurve(affine, s) != 0 else { throw .element(.notOnCurve) }
            return G(unchecked: Projective(unsafe affine.pointee))
        }
    }

    static func encode<G: PrecompileGroup>(_ point: G) -> [UInt8] {
        guard !point.isIdentity else { return [UInt8](repeating: 0, count: 64 * G.coordinateCount) }
        let elements = point.uncompressed.pieces(of: 48).map { [UInt8](repeating: 0, count: 16) + $0 }
        return (G.coordinateCount == 2 ? elements : [elements[1], elements[0], elements[3], elements[2]]).flatMap { $0 }
    }

    static func add<G: PrecompileGroup>(_ input: [UInt8], _ group: G.Type) throws(PrecompileError) -> [UInt8] {
        let size = 64 * G.coordinateCount
        guard input.count == 2 * size else { throw .inputLength }
        return encode(try curvePoint(Array(input.prefix(size)), group) + curvePoint(Array(input.dropFirst(size)), group))
    }

    /// Pairs of a point and a scalar of 32 bytes, which may be r or more.
    private static func terms<G: PrecompileGroup>(_ input: [UInt8], _ group: G.Type) throws(PrecompileError) -> ([G], [Scalar]) {
        let size = 64 * G.coordinateCount
        guard !input.isEmpty, input.count % (size + 32) == 0 else { throw .inputLength }
        var points: [G] = [], scalars: [Scalar] = []
        for term in input.pieces(of: size + 32) {
            points.append(try point(Array(term.prefix(size))))
            scalars.append(Scalar(reducing: Array(term.dropFirst(size))))
        }
        return (points, scalars)
    }

    /// All ways to multiply, which must agree.
    static func multiply<G: PrecompileGroup>(_ input: [UInt8], _ group: G.Type) throws(PrecompileError) -> [[UInt8]] {
        guard input.count == 64 * G.coordinateCount + 32 else { throw .inputLength }
        let (points, scalars) = try terms(input, group)
        return [encode(points[0] * scalars[0]), encode(G.sumVartime([points[0]], times: [scalars[0]]))]
    }

    /// All ways to sum multiples, which must agree.
    static func multiplySum<G: PrecompileGroup>(_ input: [UInt8], _ group: G.Type) throws(PrecompileError) -> [[UInt8]] {
        let (points, scalars) = try terms(input, group)
        return [
            encode(G.sum(points, times: scalars)), encode(G.sumVartime(points, times: scalars)),
            encode(zip(points, scalars).map { $0 * $1 }.reduce(.identity, +)),
        ]
    }

    static func mapToG1(_ input: [UInt8]) throws(PrecompileError) -> [UInt8] {
        let element = try fieldElement(input)
        do { return encode(try G1(mapping: element)) } catch { throw .element(error) }
    }

    static func mapToG2(_ input: [UInt8]) throws(PrecompileError) -> [UInt8] {
        guard input.count == 128 else { throw .inputLength }
        let c0 = try fieldElement(Array(input.prefix(64))), c1 = try fieldElement(Array(input.dropFirst(64)))
        do { return encode(try G2(mapping: c0, c1)) } catch { throw .element(error) }
    }

    /// Whether the product of the pairings is 1, with plain and with prepared points.
    static func pairingCheck(_ input: [UInt8]) throws(PrecompileError) -> [[UInt8]] {
        guard !input.isEmpty, input.count % 384 == 0 else { throw .inputLength }
        var pairs: [(G1, G2)] = []
        for pair in input.pieces(of: 384) {
            pairs.append((try point(Array(pair.prefix(128))), try point(Array(pair.dropFirst(128)))))
        }
        let plain = pairingProduct(pairs.map { .plain($0.0, $0.1) })
        let prepared = pairingProduct(pairs.map { .prepared($0.0, G2.Prepared($0.1)) })
        let single = pairs.map { pairing($0.0, $0.1) }.reduce(GT.one, *)
        return [plain, prepared, single].map { [UInt8](repeating: 0, count: 31) + [$0.isOne ? 1 : 0] }
    }
}
