// Certificates of accounts: found by their exact bytes, for the account they are registered for, and for no other.
import Authentication
import GRDB
import Testing

@Suite struct CertificateTests {
    let fixture: AuthenticationFixture
    var accounts: AccountStore { fixture.accounts }
    let mark = CertificateMark(.subject, "CN=lab,O=St Mary")

    init() throws {
        fixture = try AuthenticationFixture()
        for name in ["alice", "bob"] { try accounts.add(name: name, role: .patient, password: Password("correct horse")) }
    }

    @Test func standForTheirAccountAlone() throws {
        try accounts.addCertificate(mark, to: "alice")
        try accounts.addCertificate(mark, to: "alice")
        #expect(try accounts.certificates(of: "alice") == [mark])
        #expect(try accounts.isRegistered([CertificateMark(.fingerprint, "00"), mark], for: "alice"))
        #expect(try !accounts.isRegistered([mark], for: "bob"))
        #expect(try !accounts.isRegistered([], for: "alice"))
        #expect(try !accounts.isRegistered([mark], for: "alice\0"))
        // One kind is not another, and bytes are compared: "é" in two spellings is two subjects.
        #expect(try !accounts.isRegistered([CertificateMark(.name, mark.value)], for: "alice"))
        try accounts.addCertificate(CertificateMark(.subject, "CN=caf\u{E9}"), to: "alice")
        #expect(try !accounts.isRegistered([CertificateMark(.subject, "CN=cafe\u{301}")], for: "alice"))
        #expect(try !accounts.isRegistered([CertificateMark(.subject, "cn=LAB,o=St Mary")], for: "alice"))
        #expect(try !accounts.isRegistered([CertificateMark(.subject, "' OR 1=1 --")], for: "alice"))
    }

    @Test func areTakenBack() throws {
        try accounts.addCertificate(mark, to: "alice")
        #expect(try accounts.removeCertificates([mark], of: "bob") == 0)
        #expect(try accounts.removeCertificates([mark, mark], of: "alice") == 1)
        #expect(try !accounts.isRegistered([mark], for: "alice"))
    }

    @Test func needAnAccount() throws {
        #expect(throws: AuthenticationError.accountNotFound("carol")) { try accounts.addCertificate(mark, to: "carol") }
        #expect(throws: AuthenticationError.accountNotFound("carol")) { try accounts.certificates(of: "carol") }
        #expect(throws: AuthenticationError.accountNotFound("carol")) { try accounts.setCertificateUse(.withPassword, of: "carol") }
        #expect(try !accounts.isRegistered([mark], for: "carol"))
    }

    @Test func whatCannotBeReadIsTheStricterUse() throws {
        #expect(try accounts.certificateUse(of: "alice") == .alone)
        for use in CertificateUse.allCases {
            try accounts.setCertificateUse(use, of: "alice")
            #expect(try accounts.certificateUse(of: "alice") == use)
        }
        try fixture.database.write { try $0.execute(sql: "UPDATE account_certificate_use SET use = 'whatever'") }
        #expect(try accounts.certificateUse(of: "alice") == .withPassword)
        #expect(try accounts.certificateUse(of: "bob") == .alone)
    }
}
