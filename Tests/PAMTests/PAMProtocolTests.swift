// The language of the helper: what is taken, and that nothing else is.
@testable import PAMProtocol
import Testing

@Suite struct PAMProtocolTests {
    private func request(
        service: String = "phrd", user: String = "alice", remote: String = "192.0.2.1", password: [UInt8] = Array("secret".utf8), code: [UInt8]? = nil,
        options: PAMRequest.Options = []
    ) -> [UInt8]? {
        unsafe password.withUnsafeBytes { password in
            guard let code else {
                return unsafe PAMRequest.authenticate(service: service, user: user, remote: remote, password: password, code: nil, options: options)
            }
            return unsafe code.withUnsafeBytes {
                unsafe PAMRequest.authenticate(service: service, user: user, remote: remote, password: password, code: $0, options: options)
            }
        }
    }

    @Test func requestsComeBackAsTheyWent() throws {
        let frame = try #require(request(code: Array("123456".utf8), options: [.session, .prompts]))
        #expect(try PAMFrame.byteCount(head: Array(frame[..<4])) == frame.count - 4)
        let body = Array(frame[4...])
        guard case .authenticate(let login) = try PAMRequest(parsing: body) else {
            Issue.record("not a login")
            return
        }
        #expect(login.service == "phrd" && login.user == "alice" && login.remote == "192.0.2.1" && login.options == [.session, .prompts])
        #expect(Array(body[login.password]) == Array("secret".utf8))
        #expect(login.code.map { Array(body[$0]) } == Array("123456".utf8))
    }

    @Test(arguments: [
        PAMResponse.accepted([]), .accepted(["audit", "radiology"]), .denied, .expired, .locked, .mustChangePassword, .needsAnswer("Code:"), .needsAnswer(""),
        .failed("pam_start: error 4"),
    ])
    func responsesComeBackAsTheyWent(_ response: PAMResponse) throws {
        #expect(try PAMResponse(parsing: Array(response.encoded[4...])) == response)
    }

    @Test func rolesAreNamesAndBounded() throws {
        let many = Set((0..<100).map { "role\($0)" } + ["a b", "../x", "", String(repeating: "x", count: 65)])
        guard case .accepted(let roles) = try PAMResponse(parsing: Array(PAMResponse.accepted(Array(many)).encoded[4...])) else {
            Issue.record("not accepted")
            return
        }
        #expect(roles.count == PAMResponse.maximumRoles && roles.allSatisfy { $0.hasPrefix("role") })
        #expect(throws: PAMProtocolError.badValue(field: 0)) { try PAMResponse(parsing: Array(PAMFrame.encoded(kind: 128, [Array("a b".utf8)])[4...])) }
    }

    @Test func promptsAreOneLineOfText() throws {
        let response = PAMResponse.needsAnswer("Code\r\n230 Logged in\u{1B}[2J" + String(repeating: "x", count: 400))
        guard case .needsAnswer(let text) = try PAMResponse(parsing: Array(response.encoded[4...])) else {
            Issue.record("not a prompt")
            return
        }
        #expect(text.hasPrefix("Code??230 Logged in?[2J") && text.utf8.count == PAMResponse.maximumTextByteCount)
    }

    @Test func rejectsTruncationAndTrailingBytes() throws {
        let body = Array(try #require(request(code: [0x31]))[4...])
        for count in 0..<body.count {
            #expect(throws: PAMProtocolError.self, "\(count)") { try PAMRequest(parsing: Array(body[..<count])) }
        }
        #expect(throws: PAMProtocolError.truncated) { try PAMRequest(parsing: body + [0]) }
        #expect(throws: PAMProtocolError.badFields) { try PAMRequest(parsing: body + [0, 0]) }
        #expect(throws: PAMProtocolError.unknownVersion(2)) { try PAMRequest(parsing: [2] + body.dropFirst()) }
        #expect(throws: PAMProtocolError.unknownKind(128)) { try PAMRequest(parsing: Array(PAMResponse.accepted([]).encoded[4...])) }
        for head: [UInt8] in [[0, 0, 0, 0], [0, 0, 0x10, 1], [255, 255, 255, 255]] {
            #expect(throws: PAMProtocolError.self) { try PAMFrame.byteCount(head: head) }
        }
    }

    @Test func refusesWhatPAMWouldCutOrMistake() throws {
        for name in ["", "../passwd", ".hidden", "-x", "a b", "a\0", "a/b", "ä", String(repeating: "a", count: 65)] {
            #expect(request(service: name) == nil && request(user: name) == nil, "\(name)")
        }
        #expect(request(password: Array("secret\0anything".utf8)) == nil)
        #expect(request(password: [UInt8](repeating: 1, count: 1025)) == nil)
        // The same on the other side.
        for (field, bytes) in [(1, "../x"), (2, "a b"), (3, "1\n2"), (4, "a\0b"), (5, "1")] {
            var fields: [[UInt8]] = [[0], Array("phrd".utf8), Array("alice".utf8), [], Array("secret".utf8), []]
            fields[field] = Array(bytes.utf8)
            let body = Array(PAMFrame.encoded(kind: 1, fields)[4...])
            #expect(throws: PAMProtocolError.badValue(field: field)) { try PAMRequest(parsing: body) }
        }
    }

    @Test func noBytesAtAllCrashTheParsers() {
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<100_000 {
            var bytes: [UInt8] = [1, [1, 2, 128, 133, 134][Int(state % 5)]]
            for _ in 0..<Int(state >> 32 % 40) {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                bytes.append(state % 3 == 0 ? 0 : UInt8(truncatingIfNeeded: state >> 40))
                if bytes.count > 40 { break }
            }
            state &+= 0x9E37_79B9_7F4A_7C15
            _ = try? PAMRequest(parsing: bytes)
            _ = try? PAMResponse(parsing: bytes)
        }
    }
}
