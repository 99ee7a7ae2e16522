// expand_message_xmd of RFC 9380 §5.3.1 with SHA-256: uniform bytes from a message, one stream a domain.

/// Uniform bytes from a message, by expand_message_xmd with SHA-256 (RFC 9380 §5.3.1).
///
/// Time depends on the lengths alone; copies of the message are wiped.
///
/// - Parameters:
///   - domain: The domain separation tag, not empty: one a purpose. One of more than 255 bytes is hashed first (§5.3.3).
///   - byteCount: At most 8160.
public func expandMessage(_ message: [UInt8], domain: [UInt8], byteCount: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
        if let start = buffer.baseAddress { unsafe expandMessage(start, byteCount, message, domain) }
        initialized = byteCount
    }
}

/// Writes `byteCount` uniform bytes.
func expandMessage(_ output: Pointer<UInt8>, _ byteCount: Int, _ message: [UInt8], _ domain: [UInt8]) {
    let digestByteCount = SHA256.digestByteCount, blockCount = (byteCount + digestByteCount - 1) / digestByteCount
    precondition((0...255).contains(blockCount), "at most 8160 bytes")
    precondition(!domain.isEmpty, "a domain separation tag is not empty")
    let arenaByteCount = message.count + 2 * domain.count + 4096
    withScratch(byteCount: arenaByteCount) { s in
        var s = s
        // DST' = DST ‖ its length.
        let suffix = unsafe s.take(UInt8.self, count: 256)
        let suffixByteCount = unsafe writeSuffix(suffix, domain, s)

        // b₀ = H(64 zeros ‖ message ‖ length in two bytes ‖ 0 ‖ DST').
        let head = SHA256.blockByteCount + message.count
        let b0 = unsafe s.take(UInt8.self, count: digestByteCount)
        let input = unsafe s.take(UInt8.self, count: (head + 3 + suffixByteCount + 15) & ~15)
        unsafe input.update(repeating: 0, count: SHA256.blockByteCount)
        for (i, byte) in message.enumerated() { unsafe input[SHA256.blockByteCount + i] = byte }
        unsafe input[head] = UInt8(byteCount >> 8)
        unsafe input[head + 1] = UInt8(byteCount & 0xff)
        unsafe input[head + 2] = 0
        unsafe (input + (head + 3)).update(from: suffix, count: suffixByteCount)
        unsafe SHA256.hash(b0, input, head + 3 + suffixByteCount, s)

        // b₁ = H(b₀ ‖ 1 ‖ DST'), bᵢ = H((b₀ ⊕ bᵢ₋₁) ‖ i ‖ DST'). The sum with 0 in place of a zeroth block gives b₁.
        let chained = unsafe s.take(UInt8.self, count: digestByteCount + 16 + 256)
        let block = unsafe s.take(UInt8.self, count: digestByteCount)
        unsafe block.update(repeating: 0, count: digestByteCount)
        unsafe (chained + (digestByteCount + 1)).update(from: suffix, count: suffixByteCount)
        for index in 0..<blockCount {
            for i in 0..<digestByteCount { unsafe chained[i] = b0[i] ^ block[i] }
            unsafe chained[digestByteCount] = UInt8(index + 1)
            unsafe SHA256.hash(block, chained, digestByteCount + 1 + suffixByteCount, s)
            let offset = index * digestByteCount
            unsafe (output + offset).update(from: block, count: min(digestByteCount, byteCount - offset))
        }
    }
}

/// Writes the domain, or H("H2C-OVERSIZE-DST-" ‖ domain) for one beyond 255 bytes, and its length in a byte. Returns the number
/// of bytes, at most 256.
private func writeSuffix(_ suffix: Pointer<UInt8>, _ domain: [UInt8], _ s: Scratch) -> Int {
    var s = s
    var count = domain.count
    if count <= 255 {
        for (i, byte) in domain.enumerated() { unsafe suffix[i] = byte }
    } else {
        let text = Array("H2C-OVERSIZE-DST-".utf8) + domain
        let input = unsafe s.take(UInt8.self, count: (text.count + 15) & ~15)
        for (i, byte) in text.enumerated() { unsafe input[i] = byte }
        unsafe SHA256.hash(suffix, input, text.count, s)
        count = SHA256.digestByteCount
    }
    unsafe suffix[count] = UInt8(count)
    return count + 1
}
