// Points of G2 with the lines of their Miller loop at hand.

extension G2 {
    /// A point with the lines of its Miller loop (19.6 KB), for points that stand in many pairings.
    ///
    /// Its memory is wiped when it goes.
    @safe
    public final class Prepared: @unchecked Sendable {
        // Sendable: written in init, only read afterwards.
        public let point: G2
        /// All ones for infinity, whose lines mean nothing.
        let isIdentity: Mask
        private let storage: Pointer<Line>

        /// Constant time.
        public init(_ point: G2) {
            self.point = point
            let storage = Pointer<Line>.allocate(capacity: millerLineCount)
            unsafe self.storage = storage
            isIdentity = withScratch { s in
                var s = s
                let projective = unsafe s.copy(point.point), affine = unsafe s.take(G2Affine.self)
                let isIdentity = unsafe replaceInfinity(projective)
                unsafe pointsToAffine(affine, projective, 1, s)
                unsafe millerLines(storage, affine, s)
                return isIdentity
            }
        }

        deinit {
            unsafe overwrite(storage, byteCount: millerLineCount * MemoryLayout<Line>.stride)
            unsafe storage.deallocate()
        }

        var lines: Input<Line> { unsafe Input(storage) }
    }
}
