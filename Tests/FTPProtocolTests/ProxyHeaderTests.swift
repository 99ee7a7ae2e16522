import FTPProtocol
import Testing

@Suite struct ProxyHeaderTests {
    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    private func parse(_ command: UInt8, _ family: UInt8, _ body: [UInt8], count: Int? = nil) throws(ProxyHeaderError) -> ProxyHeader {
        let count = count ?? body.count
        return try ProxyHeader(prefix: Self.signature + [command, family, UInt8(count >> 8), UInt8(count & 0xFF)], body: body)
    }

    private let four: [UInt8] = [203, 0, 113, 9, 198, 51, 100, 1, 0x12, 0x67, 0, 21]

    @Test func readsAddressesOfBothFamilies() throws {
        let header = try parse(0x21, 0x11, four)
        #expect(header.addresses?.source == .init(bytes: [203, 0, 113, 9], port: 4711))
        #expect(header.addresses?.destination == .init(bytes: [198, 51, 100, 1], port: 21))
        let six = try parse(0x21, 0x21, [UInt8](repeating: 1, count: 16) + [UInt8](repeating: 2, count: 16) + [0, 1, 0, 2])
        #expect(six.addresses?.source == .init(bytes: [UInt8](repeating: 1, count: 16), port: 1))
    }

    @Test func aProxyMaySpeakForItself() throws {
        #expect(try parse(0x20, 0x00, []).addresses == nil)
        #expect(try parse(0x20, 0x11, four).addresses == nil)
    }

    @Test func furtherFieldsMustFillTheRest() throws {
        _ = try parse(0x21, 0x11, four + [0x04, 0, 2, 9, 9] + [0x05, 0, 0])
        for tail: [UInt8] in [[0x04], [0x04, 0], [0x04, 0, 1], [0x04, 0xFF, 0xFF, 1], [0x03, 0, 1, 7]] {
            #expect(throws: ProxyHeaderError.malformed) { try parse(0x21, 0x11, four + tail) }
        }
    }

    /// CRC-32C by its definition, bit by bit over the polynomial, in another form than the parser's.
    private func crc32c(_ bytes: [UInt8]) -> UInt32 {
        var register: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            for bit in 0..<8 {
                let input = UInt32(byte >> UInt8(bit)) & 1
                let top = register >> 31
                register <<= 1
                if top ^ input == 1 { register ^= 0x1EDC_6F41 }
            }
        }
        var reflected: UInt32 = 0
        for bit in 0..<32 where register >> UInt32(bit) & 1 == 1 { reflected |= 1 << UInt32(31 - bit) }
        return ~reflected
    }

    @Test func aChecksumMustBeRight() throws {
        #expect(crc32c(Array("123456789".utf8)) == 0xE306_9283)
        let empty = four + [0x03, 0, 4, 0, 0, 0, 0]
        let sum = crc32c(Self.signature + [0x21, 0x11, 0, UInt8(empty.count)] + empty)
        let right = four + [0x03, 0, 4] + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32($0))) }
        _ = try parse(0x21, 0x11, right)
        // Without its kind the field is no checksum any more.
        for index in right.indices where index != four.count {
            var wrong = right
            wrong[index] ^= 1
            #expect(throws: ProxyHeaderError.self, "byte \(index)") { try parse(0x21, 0x11, wrong) }
        }
    }

    @Test func refusesEverythingElse() {
        #expect(throws: ProxyHeaderError.unsupportedVersion) { try parse(0x11, 0x11, four) }
        #expect(throws: ProxyHeaderError.unsupportedCommand) { try parse(0x22, 0x11, four) }
        for family: UInt8 in [0x00, 0x12, 0x22, 0x31, 0x32, 0xFF] { #expect(throws: ProxyHeaderError.unsupportedFamily) { try parse(0x21, family, four) } }
        #expect(throws: ProxyHeaderError.malformed) { try parse(0x21, 0x11, Array(four.dropLast())) }
        #expect(throws: ProxyHeaderError.malformed) { try parse(0x21, 0x21, four) }
        #expect(throws: ProxyHeaderError.malformed) { try parse(0x21, 0x11, four, count: 13) }
        #expect(throws: ProxyHeaderError.tooLong(limit: 2048)) { try parse(0x21, 0x11, four, count: 2049) }
        #expect(throws: ProxyHeaderError.noSignature) { try ProxyHeader(prefix: Array("PROXY TCP4 1.2.3".utf8), body: []) }
        #expect(throws: ProxyHeaderError.noSignature) { try ProxyHeader(prefix: [], body: []) }
    }
}
