// SHA-256 over memory: this module depends on nothing, and expand_message_xmd needs a hash.
//
// Source: FIPS 180-4 §6.2. Time depends on the length alone.

enum SHA256 {
    static let digestByteCount = 32
    static let blockByteCount = 64

    /// The first 32 bits of the fractional parts of the square roots of the first eight primes.
    private static let start: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let roundConstants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]

    /// Writes the 32-byte digest of `count` bytes. `digest` may lie inside the message.
    static func hash(_ digest: Pointer<UInt8>, _ message: Input<UInt8>, _ count: Int, _ s: Scratch) {
        var s = s
        let state = unsafe s.take(UInt32.self, count: 8), schedule = unsafe s.take(UInt32.self, count: 64)
        let tail = unsafe s.take(UInt8.self, count: 2 * blockByteCount)
        for i in 0..<8 { unsafe state[i] = start[i] }
        let wholeByteCount = count & ~(blockByteCount - 1)
        for offset in stride(from: 0, to: wholeByteCount, by: blockByteCount) {
            unsafe compress(state, message + offset, schedule)
        }
        // The rest, a bit 1, zeros, and the number of bits in the last eight bytes.
        let rest = count - wholeByteCount, tailByteCount = rest < 56 ? blockByteCount : 2 * blockByteCount
        unsafe tail.update(repeating: 0, count: tailByteCount)
        unsafe tail.update(from: message + wholeByteCount, count: rest)
        unsafe tail[rest] = 0x80
        unsafe storeLimb(UInt64(count) << 3, tail, tailByteCount - 8)
        for offset in stride(from: 0, to: tailByteCount, by: blockByteCount) { unsafe compress(state, tail + offset, schedule) }
        for i in 0..<8 { unsafe UnsafeMutableRawPointer(digest + 4 * i).storeBytes(of: state[i].bigEndian, as: UInt32.self) }
    }

    /// One block into the state.
    private static func compress(_ state: Pointer<UInt32>, _ block: Input<UInt8>, _ w: Pointer<UInt32>) {
        for i in 0..<16 {
            unsafe w[i] = UInt32(bigEndian: UnsafeRawPointer(block + 4 * i).loadUnaligned(as: UInt32.self))
        }
        for i in 16..<64 {
            let (a, b) = unsafe (w[i - 15], w[i - 2])
            let sigma0 = rotated(a, 7) ^ rotated(a, 18) ^ a &>> 3
            let sigma1 = rotated(b, 17) ^ rotated(b, 19) ^ b &>> 10
            unsafe w[i] = w[i - 16] &+ sigma0 &+ w[i - 7] &+ sigma1
        }
        var v = unsafe Variables(state)
        unsafe roundConstants.withUnsafeBufferPointer { k in
            for i in stride(from: 0, to: 64, by: 8) {
                for j in i..<i + 8 { unsafe v.round(k[j] &+ w[j]) }
            }
        }
        unsafe v.add(to: state)
    }

    @inline(__always)
    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word &>> count | word &<< (32 &- count) }

    /// The working variables a to h of one block.
    private struct Variables {
        var a, b, c, d, e, f, g, h: UInt32

        @inline(__always)
        init(_ state: Pointer<UInt32>) {
            unsafe (a, b, c, d) = (state[0], state[1], state[2], state[3])
            unsafe (e, f, g, h) = (state[4], state[5], state[6], state[7])
        }

        @inline(__always)
        mutating func round(_ input: UInt32) {
            let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let t1 = h &+ sum1 &+ (g ^ (e & (f ^ g))) &+ input
            let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let t2 = sum0 &+ ((a & b) | (c & (a | b)))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ t1, c, b, a, t1 &+ t2)
        }

        @inline(__always)
        func add(to state: Pointer<UInt32>) {
            for (i, word) in [a, b, c, d, e, f, g, h].enumerated() { unsafe state[i] &+= word }
        }
    }
}
