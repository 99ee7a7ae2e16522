import FTPProtocol
import Testing

@Suite struct NetworkTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("192.0.2.128/25", "192.0.2.127", false), ("192.0.2.128/25", "192.0.2.200", true),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false), ("::/0", "::1", true), ("192.0.2.0/31", "192.0.2.1", true),
    ])
    func holdsTheAddressesOfItsPrefix(_ network: String, _ address: String, _ expected: Bool) throws {
        let bytes = try #require(InternetAddress.parseIPv4(address) ?? InternetAddress.parseIPv6(address))
        #expect(try #require(NetworkPrefix(network)).contains(bytes) == expected)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.1.0.0/8", "10.0.0/8", "::/129", "10.0.0.0/+8",
        "10.0.0.0/08x", "a/8", "10.0.0.0/8/8", "2001:db8::1/64",
    ])
    func refuses(_ text: String) { #expect(NetworkPrefix(text) == nil) }

    @Test func coversNarrowerNetworks() throws {
        let wide = try #require(NetworkPrefix("10.0.0.0/8")), narrow = try #require(NetworkPrefix("10.1.0.0/16"))
        #expect(wide.covers(narrow) && wide.covers(wide) && !narrow.covers(wide))
    }

    @Test(arguments: [
        ("127.0.0.1", AddressKind.loopback), ("::1", .loopback), ("10.0.0.1", .inner), ("172.31.0.1", .inner), ("172.32.0.1", .outer), ("192.168.1.1", .inner),
        ("100.64.0.1", .inner), ("169.254.1.1", .inner), ("fd00::1", .inner), ("fe80::1", .inner), ("203.0.113.7", .outer), ("2001:db8::1", .outer),
        ("0.0.0.0", .noHost), ("224.0.0.1", .noHost), ("255.255.255.255", .noHost), ("::", .noHost), ("ff02::1", .noHost),
    ])
    func knowsWhereAnAddressCanBeReachedFrom(_ address: String, _ expected: AddressKind) throws {
        #expect(AddressKind(try #require(InternetAddress.parseIPv4(address) ?? InternetAddress.parseIPv6(address))) == expected)
    }

    @Test(arguments: [
        ("ftp.example", "ftp.example"), ("FTP.Example.", "ftp.example"), ("192.0.2.7", "192.0.2.7"), ("[2001:DB8::1]", "2001:db8::1"), ("a-1.b", "a-1.b"),
        ("", nil), (".", nil), ("a..b", nil), ("-a", nil), ("a-", nil), ("a b", nil), ("a/b", nil), ("[1]", nil), ("2001:db8::1", nil), ("ä.example", nil),
        (String(repeating: "a", count: 64), nil), (Array(repeating: "abcdefgh", count: 29).joined(separator: "."), nil),
    ])
    func readsHostNames(_ text: String, _ expected: String?) { #expect(HostArgument(text)?.name == expected) }
}
