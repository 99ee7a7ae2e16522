// Points of E and E' in affine and homogeneous projective coordinates, with complete formulas.

/// A point that is not infinity.
struct Affine<F: CurveField>: BitwiseCopyable, Sendable {
    var x, y: F
}

/// (X : Y : Z) for x = X/Z, y = Y/Z; infinity is (0 : 1 : 0).
///
/// The formulas are complete: no pair of points needs a case of its own, inside the subgroup or outside.
struct Projective<F: CurveField>: BitwiseCopyable, Sendable {
    var x, y, z: F

    init(x: F, y: F, z: F) { (self.x, self.y, self.z) = (x, y, z) }

    init(_ affine: Affine<F>) { self.init(x: affine.x, y: affine.y, z: F.one) }

    static var identity: Projective { Projective(x: F(), y: F.one, z: F()) }
}

typealias G1Affine = Affine<Fp>
typealias G1Projective = Projective<Fp>
typealias G2Affine = Affine<Fp2>
typealias G2Projective = Projective<Fp2>

/// The coordinates of a point behind a pointer.
protocol PointLayout {
    associatedtype Coordinate
}
extension Affine: PointLayout { typealias Coordinate = F }
extension Projective: PointLayout { typealias Coordinate = F }

extension UnsafeMutablePointer where Pointee: PointLayout {
    @inline(__always) var x: Pointer<Pointee.Coordinate> { unsafe part(0, of: Pointee.Coordinate.self) }
    @inline(__always) var y: Pointer<Pointee.Coordinate> { unsafe part(1, of: Pointee.Coordinate.self) }
    /// Of projective points only.
    @inline(__always) var z: Pointer<Pointee.Coordinate> { unsafe part(2, of: Pointee.Coordinate.self) }
}

extension UnsafePointer where Pointee: PointLayout {
    @inline(__always) var x: Input<Pointee.Coordinate> { unsafe part(0, of: Pointee.Coordinate.self) }
    @inline(__always) var y: Input<Pointee.Coordinate> { unsafe part(1, of: Pointee.Coordinate.self) }
    /// Of projective points only.
    @inline(__always) var z: Input<Pointee.Coordinate> { unsafe part(2, of: Pointee.Coordinate.self) }
}
