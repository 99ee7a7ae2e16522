// What the point formulas need of a coordinate field, so that they are written once for G1 and G2.

/// The field of the coordinates of E (Fp) or of its twist E' (Fp2), with the curve's constant in reach.
///
/// Everything is constant time. Results may alias operands unless said otherwise.
protocol CurveField: BitwiseCopyable, Equatable, Sendable {
    init()
    static var one: Self { get }
    /// b of y² = x³ + b.
    static var curveConstant: Self { get }

    static func add(_ r: Pointer<Self>, _ a: Input<Self>, _ b: Input<Self>)
    static func sub(_ r: Pointer<Self>, _ a: Input<Self>, _ b: Input<Self>)
    static func neg(_ r: Pointer<Self>, _ a: Input<Self>)
    static func mul(_ r: Pointer<Self>, _ a: Input<Self>, _ b: Input<Self>, _ s: Scratch)
    static func sqr(_ r: Pointer<Self>, _ a: Input<Self>, _ s: Scratch)
    /// r = a·b + c·d with one reduction.
    static func mulAdd(_ r: Pointer<Self>, _ a: Input<Self>, _ b: Input<Self>, _ c: Input<Self>, _ d: Input<Self>, _ s: Scratch)
    /// r = a·b - c·d with one reduction.
    static func mulSub(_ r: Pointer<Self>, _ a: Input<Self>, _ b: Input<Self>, _ c: Input<Self>, _ d: Input<Self>, _ s: Scratch)
    /// r = 3b·a.
    static func mulThreeB(_ r: Pointer<Self>, _ a: Input<Self>)
    static func inv(_ r: Pointer<Self>, _ a: Input<Self>, _ s: Scratch)
    static func sqrt(_ r: Pointer<Self>, _ a: Input<Self>, _ s: Scratch) -> Mask
    static func cmov(_ r: Pointer<Self>, _ a: Input<Self>, _ mask: Mask)
    /// r = mask ? -r : r.
    static func cneg(_ r: Pointer<Self>, _ mask: Mask)
    static func isZero(_ a: Input<Self>) -> Mask
    static func isEqual(_ a: Input<Self>, _ b: Input<Self>) -> Mask
    /// The sign bit of encodings.
    static func isLarger(_ a: Input<Self>) -> Mask

    /// Bytes of an encoded element.
    static var byteCount: Int { get }
    /// Reads an element; the mask says whether all its parts are canonical.
    static func fromBytes(_ r: Pointer<Self>, _ bytes: Input<UInt8>) -> Mask
    static func toBytes(_ bytes: Pointer<UInt8>, _ a: Input<Self>)
}
