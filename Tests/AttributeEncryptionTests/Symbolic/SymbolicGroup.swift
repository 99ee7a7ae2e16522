// The schemes' groups with formal exponents: the code of the schemes runs unchanged over them.

import AttributeEncryption

enum SymbolicGroup: PairingGroup {
    struct Scalar: PairingScalar, Hashable {
        let value: Polynomial

        init(_ value: Polynomial) { self.value = value }
        init(_ value: UInt64) { self.value = Polynomial(constant: value) }

        static func + (first: Self, second: Self) -> Self { Self(first.value + second.value) }
        static func - (first: Self, second: Self) -> Self { Self(first.value + -second.value) }
        static func * (first: Self, second: Self) -> Self { Self(first.value * second.value) }
        static prefix func - (value: Self) -> Self { Self(-value.value) }
        func inverse() -> Self { Self(value.inverse) }
        mutating func wipe() {}
    }

    /// An element of a source group: the exponent of its generator.
    struct Element: SourceGroup, Hashable {
        let exponent: Polynomial

        init(_ exponent: Polynomial) { self.exponent = exponent }

        static var identity: Self { Self(Polynomial()) }
        static var generator: Self { Self(Polynomial(constant: 1)) }
        static func + (first: Self, second: Self) -> Self { Self(first.exponent + second.exponent) }
        static prefix func - (element: Self) -> Self { Self(-element.exponent) }
        static func * (element: Self, scalar: Scalar) -> Self { Self(element.exponent * scalar.value) }
        static func generator(times scalar: Scalar) -> Self { Self(scalar.value) }
        static func sumVartime(_ elements: [Self], times scalars: [Scalar]) -> Self { zip(elements, scalars).reduce(.identity) { $0 + $1.0 * $1.1 } }
        mutating func wipe() {}
    }

    struct Target: TargetGroup, Hashable {
        let exponent: Polynomial

        init(_ exponent: Polynomial) { self.exponent = exponent }

        static func * (first: Self, second: Self) -> Self { Self(first.exponent + second.exponent) }
        func power(_ scalar: Scalar) -> Self { Self(exponent * scalar.value) }
        static func generator(power scalar: Scalar) -> Self { Self(scalar.value) }
    }

    struct Fixed: FixedPoint {
        let point: Element

        init(_ point: Element) { self.point = point }
        func times(_ scalar: Scalar) -> Element { point * scalar }
    }

    typealias G1 = Element
    typealias G2 = Element
    typealias GT = Target
    typealias FixedG1 = Fixed

    static func hashToG1(_ message: [UInt8], _ domain: HashDomain) -> Element { Element(.variable(named: name(message, domain))) }
    static func hashToG2(_ message: [UInt8], _ domain: HashDomain) -> Element { Element(.variable(named: name(message, domain))) }
    static var fabeoBase: Fixed { Fixed(hashToG1([], .fabeoBase)) }

    static func pairingProduct(_ terms: [PairingGroupTerm<Self>]) -> Target {
        terms.reduce(Target(Polynomial())) { product, term in
            switch term {
            case .points(let p, let q): product * Target(p.exponent * q.exponent)
            case .generator(let p): product * Target(p.exponent)
            }
        }
    }

    /// What the variable of a hash is called.
    static func name(_ message: [UInt8], _ domain: HashDomain) -> String { "\(domain):\(message)" }
}

/// A new variable each time: a value that no one but its maker knows.
struct FormalScalars: ScalarSource {
    mutating func next() -> SymbolicGroup.Scalar { .init(.variable()) }
}

/// A group to play games in: formal exponents, or the real curve.
protocol GameGroup: PairingGroup where GT: Equatable {
    associatedtype Scalars: ScalarSource<Scalar>
    static func scalars() -> Scalars
}

extension SymbolicGroup: GameGroup {
    static func scalars() -> FormalScalars { FormalScalars() }
}

extension BLSGroup: GameGroup {
    static func scalars() -> SystemScalars { SystemScalars() }
}
