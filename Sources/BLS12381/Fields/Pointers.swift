// Names for the two kinds of pointer the kernels take.

/// Where a kernel writes.
typealias Pointer<T> = UnsafeMutablePointer<T>

/// What a kernel only reads. It may alias the result.
typealias Input<T> = UnsafePointer<T>

extension UnsafeMutablePointer {
    /// The `index`-th part of type `Part` of the pointee, which must be laid out as an array of them.
    @inline(__always)
    func part<Part>(_ index: Int, of type: Part.Type) -> Pointer<Part> {
        unsafe UnsafeMutableRawPointer(self).assumingMemoryBound(to: Part.self) + index
    }
}

extension UnsafePointer {
    /// The `index`-th part of type `Part` of the pointee, which must be laid out as an array of them.
    @inline(__always)
    func part<Part>(_ index: Int, of type: Part.Type) -> Input<Part> {
        unsafe UnsafeRawPointer(self).assumingMemoryBound(to: Part.self) + index
    }
}
