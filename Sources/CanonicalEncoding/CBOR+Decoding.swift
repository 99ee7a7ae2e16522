// Strict reading of the deterministic CBOR profile: whatever decodes would encode to the same bytes again.

extension CBOR {
    /// What a decoder accepts at most.
    package struct Limits: Sendable {
        /// Arrays and maps inside each other.
        package var depth: Int
        /// Bytes of the whole encoding.
        package var byteCount: Int
        /// Values in all, map keys not counted.
        package var itemCount: Int

        package init(depth: Int = 8, byteCount: Int = 1 << 24, itemCount: Int = 1 << 16) {
            self.depth = depth
            self.byteCount = byteCount
            self.itemCount = itemCount
        }
    }

    /// Decodes exactly one value that fills `bytes`.
    ///
    /// - Throws: `CBORError` for anything that is not the one form of a value of the profile, with the offset where it went wrong.
    package init(decoding bytes: [UInt8], limit: Limits = .init()) throws(CBORError) {
        guard bytes.count <= limit.byteCount else { throw .tooLarge(byteCount: bytes.count, limit: limit.byteCount) }
        var decoder = Decoder(bytes: bytes, limit: limit)
        let value = try decoder.value(depth: 0)
        guard decoder.offset == bytes.count else { throw .trailingBytes(count: bytes.count - decoder.offset) }
        self = value
    }

    private struct Decoder {
        let bytes: [UInt8]
        let limit: Limits
        var offset = 0
        var itemCount = 0

        mutating func value(depth: Int) throws(CBORError) -> CBOR {
            itemCount += 1
            guard itemCount <= limit.itemCount else { throw .tooManyItems(limit: limit.itemCount) }
            let start = offset
            let (type, argument) = try head()
            switch type {
            case .unsigned:
                return .unsigned(argument)
            case .bytes:
                return .bytes(Array(try take(argument)))
            case .text:
                guard let text = String(validating: try take(argument), as: UTF8.self) else { throw .invalidText(offset: start) }
                return .text(text)
            case .array:
                try enter(depth, count: argument, minimumByteCount: 1)
                var elements: [CBOR] = []
                elements.reserveCapacity(Int(argument))
                for _ in 0..<argument { elements.append(try value(depth: depth + 1)) }
                return .array(elements)
            case .map:
                try enter(depth, count: argument, minimumByteCount: 2)
                return .map(try entries(count: argument, depth: depth))
            }
        }

        private mutating func entries(count: UInt64, depth: Int) throws(CBORError) -> [UInt64: CBOR] {
            var entries: [UInt64: CBOR] = [:]
            var previous: UInt64?
            for _ in 0..<count {
                let start = offset
                let key = UInt64(try byte())
                guard key <= CBOR.largestMapKey else { throw .invalidMapKey(offset: start) }
                if let previous, key <= previous { throw .unorderedMapKey(offset: start) }
                previous = key
                entries[key] = try value(depth: depth + 1)
            }
            return entries
        }

        /// Checks the nesting, and that as many elements can be there at all, before memory is reserved for them.
        private func enter(_ depth: Int, count: UInt64, minimumByteCount: UInt64) throws(CBORError) {
            guard depth < limit.depth else { throw .tooDeep(limit: limit.depth) }
            let remaining = UInt64(bytes.count - offset)
            guard count <= remaining / minimumByteCount else { throw .truncated(need: Int(clamping: count), have: Int(remaining)) }
        }

        private mutating func head() throws(CBORError) -> (MajorType, UInt64) {
            let start = offset
            let initial = try byte()
            guard let type = MajorType(rawValue: initial >> 5) else { throw .unsupportedType(initial, offset: start) }
            let short = initial & 0x1f
            if short < 24 { return (type, UInt64(short)) }
            guard short <= 27 else { throw .unsupportedType(initial, offset: start) }
            let width = 1 << Int(short - 24)
            let argument = try take(UInt64(width)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let smallest: UInt64 = width == 1 ? 24 : 1 << UInt64(width * 4)
            guard argument >= smallest else { throw .notShortest(offset: start) }
            return (type, argument)
        }

        private mutating func byte() throws(CBORError) -> UInt8 {
            guard offset < bytes.count else { throw .truncated(need: 1, have: 0) }
            defer { offset += 1 }
            return bytes[offset]
        }

        private mutating func take(_ count: UInt64) throws(CBORError) -> ArraySlice<UInt8> {
            let remaining = bytes.count - offset
            guard count <= UInt64(remaining) else { throw .truncated(need: Int(clamping: count), have: remaining) }
            defer { offset += Int(count) }
            return bytes[offset..<offset + Int(count)]
        }
    }
}
