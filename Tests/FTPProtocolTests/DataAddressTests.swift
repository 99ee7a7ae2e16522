// Addresses of data connections, as peers and attackers write them.

import FTPProtocol
import Testing

@Suite struct DataAddressTests {
    @Test func readsPORT() throws {
        let address = try DataAddress.parsePORT("192,168,0,7,19,137")
        #expect(address.host == "192.168.0.7" && address.port == 5001 && address.family == .ipv4 && address.bytes == [192, 168, 0, 7])
    }

    @Test(arguments: [
        "", "1,2,3,4,5", "1,2,3,4,5,6,7", "256,2,3,4,5,6", "1,2,3,4,0,0", "-1,2,3,4,5,6", "1,2,3,4,5,", "1, 2,3,4,5,6", "a,2,3,4,5,6",
        "1,2,3,4,5,6 ", "0001,2,3,4,5,6", "1.2.3.4,5,6",
    ])
    func refusesPORT(text: String) {
        #expect(throws: DataAddressError.malformed) { try DataAddress.parsePORT(text) }
    }

    @Test func readsEPRT() throws {
        #expect(try DataAddress.parseEPRT("|1|132.235.1.2|6275|").port == 6275)
        let six = try DataAddress.parseEPRT("|2|1080::8:800:200C:417A|5282|")
        #expect(six.family == .ipv6 && six.port == 5282 && six.bytes.count == 16)
        #expect(try DataAddress.parseEPRT("@1@1.2.3.4@21@").host == "1.2.3.4")
    }

    @Test(arguments: [
        "", "|1|1.2.3.4|21", "1|1.2.3.4|21|", "|1|1.2.3.4|0|", "|1|1.2.3.4|65536|", "|1|1.2.3|21|", "|1|::1|21|", "|2|1.2.3.4|21|", "|2|::1%lo|21|",
        "|1|01.2.3.4|21|", "|x|1.2.3.4|21|", "|1|1.2.3.4|21|x|", " 1 1.2.3.4 21 ", "|2|[::1]|21|",
    ])
    func refusesEPRT(text: String) {
        #expect(throws: DataAddressError.malformed) { try DataAddress.parseEPRT(text) }
    }

    @Test func tellsUnknownProtocols() {
        #expect(throws: DataAddressError.unsupportedProtocol) { try DataAddress.parseEPRT("|3|x|21|") }
        #expect(throws: DataAddressError.unsupportedProtocol) { try ExtendedPassiveArgument("3") }
        #expect(throws: DataAddressError.malformed) { try ExtendedPassiveArgument("x") }
    }

    @Test func readsEPSVArguments() throws {
        #expect(try ExtendedPassiveArgument(nil) == .any)
        #expect(try ExtendedPassiveArgument("all") == .all)
        #expect(try ExtendedPassiveArgument("2") == .family(.ipv6))
    }

    @Test func writesAndReadsReplies() throws {
        let address = try #require(DataAddress(host: "10.0.0.1", port: 50_001))
        #expect(address.passiveText == "Entering Passive Mode (10,0,0,1,195,81).")
        #expect(try DataAddress.parse227(address.passiveText!) == address)
        #expect(try DataAddress.parse227("Entering Passive Mode 10,0,0,1,195,81") == address)
        #expect(DataAddress.extendedPassiveText(port: 6446) == "Entering Extended Passive Mode (|||6446|)")
        #expect(try DataAddress.parse229("Entering Extended Passive Mode (|||6446|)") == 6446)
        #expect(DataAddress(host: "::1", port: 1)?.passiveText == nil)
    }

    @Test(arguments: ["", "no numbers", "(1,2,3,4,5)", "(1,2,3,4,5,6,7)", "(300,2,3,4,5,6)", "(1,2,3,4,0,0)"])
    func refuses227(text: String) {
        #expect(throws: DataAddressError.malformed) { try DataAddress.parse227(text) }
    }

    @Test(arguments: ["", "(|||)", "(|||0|)", "(|||65536|)", "(|||1|", "|||1|", "(|||1|x)", "(||1|)", "(|||-1|)", "()"])
    func refuses229(text: String) {
        #expect(throws: DataAddressError.malformed) { try DataAddress.parse229(text) }
    }

    @Test(arguments: [
        ("::", "00000000000000000000000000000000"), ("::1", "00000000000000000000000000000001"), ("1::", "00010000000000000000000000000000"),
        ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008"), ("fe80::a:b", "fe80000000000000000000000000000a" + "000b"),
        ("::ffff:1.2.3.4", "00000000000000000000ffff01020304"), ("1:2:3:4:5:6:1.2.3.4", "00010002000300040005000601020304"),
    ])
    func readsIPv6(text: String, hex: String) {
        let bytes = InternetAddress.parseIPv6(text)
        #expect(bytes?.count == 16)
        if hex.count == 32 { #expect(bytes?.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() == hex) }
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::", "12345::", "g::", "::1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7::8",
        "1:", ":1", "+1::", "::1%eth0",
    ])
    func refusesIPv6(text: String) {
        #expect(InternetAddress.parseIPv6(text) == nil)
    }
}
