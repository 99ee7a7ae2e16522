// Passwords that do not show, and hashes that are read strictly.
import Authentication
import Testing

@Suite struct PasswordTests {
    @Test func doesNotShow() {
        let password = Password("correct horse")
        var dumped = ""
        dump(password, to: &dumped)
        for text in ["\(password)", String(reflecting: password), String(describing: password as Password?), dumped] {
            #expect(!text.contains("correct") && text.contains("redacted"))
        }
        #expect(password.byteCount == 13 && !password.isEmpty)
        #expect(Password("").isEmpty)
        #expect(Password("äöü").characterCount == 3)
        #expect(Password([0xFF, 0xFE]).characterCount == 2)
    }

    @Test func derivesAsRFC7914Says() throws {
        // RFC 7914 §12: scrypt("pleaseletmein", "SodiumChloride", N = 16384, r = 8, p = 1), first 32 of 64 bytes.
        let hash = try ScryptHash("$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf04/2o0+6qQb87+O3U4lD2lRek")
        let hasher = PasswordHasher()
        #expect(hash.text == "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf04/2o0+6qQb87+O3U4lD2lRek")
        #expect(try !hasher.matches(Password("pleaseletmeim"), hash))
        #expect(hash.salt == Array("SodiumChloride".utf8))
        #expect(try PasswordHasher.scrypt(Password("pleaseletmein"), hash.salt, hash.cost).prefix(4) == [0x70, 0x23, 0xBD, 0xCB])
    }

    @Test func hashesUnderAFreshSalt() throws {
        let hasher = PasswordHasher()
        let password = Password("correct horse")
        let first = try hasher.hash(password)
        let second = try hasher.hash(password)
        #expect(first.salt != second.salt && first.digest != second.digest)
        #expect(first.text.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(try ScryptHash(first.text) == first)
        #expect(try hasher.matches(password, first))
        #expect(try !hasher.matches(Password("correct horsf"), first))
    }

    @Test(arguments: [
        "", "x", "$scrypt$", "$bcrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=9,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=40,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=20,r=16,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=-1,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=15,r=0,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=15,r=8,p=9$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$r=8,ln=15,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$", "$scrypt$ln=15,r=8,p=1$$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ=$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB",
        "$scrypt$ln=15,r=8,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$",
        "$scrypt$ln=15,r=8,p=1$c2Fsd HNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func refusesOtherHashes(text: String) {
        #expect { _ = try ScryptHash(text) } throws: { error in
            guard case AuthenticationError.invalidHash = error else { return false }
            return true
        }
    }
}
