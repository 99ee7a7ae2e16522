// Memory for reading and writing that lives across suspensions, which an array's storage may not.

/// A fixed piece of memory, freed with its owner.
@safe final class IOBuffer {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) {
        unsafe bytes = .allocate(byteCount: byteCount, alignment: 16)
    }

    /// The first bytes, for reading.
    func prefix(_ count: Int) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }

    deinit { unsafe bytes.deallocate() }
}

extension String {
    /// The text with control characters as `\u{…}`, fit for a message.
    var escapingControls: String {
        unicodeScalars.reduce(into: "") { text, scalar in
            if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
                text += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
    }
}
