// The helper against the system's PAM: real library, real modules.
import Authentication
import Foundation
import ProgramFixtures
import Testing

@Suite(.serialized) struct PAMHelperTests {
    private static let passwords = ["alice": "secret of alice", "bob": "secret+123456"]

    private func ask(
        _ stack: PAMStack, _ user: String, _ password: String, factor: PAMHelper.SecondFactor = .none, session: Bool = false, isDecoy: Bool = false,
        service: String = PAMStack.service
    ) -> PAMAnswer {
        PAMHelper(path: stack.socket, service: service, secondFactor: factor, opensSession: session, limit: .seconds(20))
            .begin(user: user, password: Password(password), remote: "192.0.2.1", isDecoy: isDecoy)
    }

    @Test func acceptsTheRightPasswordAlone() async throws {
        let stack = try await PAMStack(passwords: Self.passwords)
        #expect(ask(stack, "alice", "secret of alice").isAccepted)
        for (user, password) in [
            ("alice", "wrong"), ("alice", ""), ("nobody", "secret of alice"), ("alice", "secret of alice\0"), ("../alice", "secret of alice"),
            ("ALICE", "secret of alice"),
        ] {
            #expect(ask(stack, user, password).refusal == .denied, "\(user)")
        }
        #expect(ask(stack, "alice", "secret of alice", isDecoy: true).refusal == .denied)
    }

    @Test(arguments: [
        ("acct_expired", PAMRefusal.expired), ("perm_denied", .locked), ("new_authtok_reqd", .mustChangePassword), ("maxtries", .locked),
        ("authtok_expired", .expired),
    ])
    func tellsWhyAnAccountIsRefused(code: String, expected: PAMRefusal) async throws {
        let stack = try await PAMStack(passwords: Self.passwords, account: ["MODULES/pam_debug.so acct=\(code)"])
        #expect(ask(stack, "alice", "secret of alice").refusal == expected)
        // Whoever does not know the password learns nothing of it.
        #expect(ask(stack, "alice", "wrong").refusal == .denied)
    }

    @Test func takesTheCodeBehindThePassword() async throws {
        let stack = try await PAMStack(passwords: Self.passwords, codes: ["alice": "123456", "bob": "654321"])
        #expect(ask(stack, "alice", "secret of alice+123456", factor: .append).isAccepted)
        #expect(ask(stack, "bob", "secret+123456+654321", factor: .append).isAccepted)
        for password in ["secret of alice+123457", "secret of alice", "secret of alice+", "wrong+123456", "secret of alice+12345", "+123456"] {
            #expect(ask(stack, "alice", password, factor: .append).refusal == .denied, "\(password)")
        }
        #expect(ask(stack, "alice", "secret of alice+123456", factor: .none).refusal == .denied)
    }

    @Test func leavesAPlusInThePasswordAlone() async throws {
        let stack = try await PAMStack(passwords: Self.passwords)
        #expect(ask(stack, "bob", "secret+123456").isAccepted)
    }

    @Test(arguments: [
        ("alice", "secret of alice", "123456", true), ("alice", "secret of alice", "000000", false), ("alice", "wrong", "123456", false),
        ("nobody", "x", "123456", false),
    ])
    func handsThePromptOn(user: String, password: String, code: String, isRight: Bool) async throws {
        let stack = try await PAMStack(passwords: Self.passwords, codes: ["alice": "123456"])
        let helper = PAMHelper(path: stack.socket, service: PAMStack.service, secondFactor: .prompt, limit: .seconds(20))
        guard case .prompt(let text, let connection) = helper.begin(user: user, password: Password(password), remote: "192.0.2.1", isDecoy: false) else {
            Issue.record("no prompt")
            return
        }
        #expect(text == "Password: ")
        #expect(helper.answer(Password(code), to: connection).isAccepted == isRight)
    }

    @Test func keepsTheSessionOpen() async throws {
        let stack = try await PAMStack(passwords: Self.passwords)
        guard case .accepted(let session, _) = ask(stack, "alice", "secret of alice", session: true) else {
            Issue.record("not accepted")
            return
        }
        #expect(session != nil)
    }

    @Test func refusalsComeAtOnceAndTheServerWaits() async throws {
        let stack = try await PAMStack(passwords: Self.passwords, account: ["MODULES/pam_debug.so acct=acct_expired"])
        for (user, password) in [("alice", "wrong"), ("nobody", "wrong"), ("alice", "secret of alice")] {
            let time = ContinuousClock().measure { _ = ask(stack, user, password) }
            #expect(time < .milliseconds(900), "\(user): \(time)")
        }
    }

    @Test func saysWhatDoesNotWork() async throws {
        let stack = try await PAMStack(passwords: Self.passwords)
        func ask(_ path: String, service: String = "phrd", limit: Duration = .seconds(5)) -> PAMRefusal? {
            PAMHelper(path: path, service: service, limit: limit).begin(user: "alice", password: Password("x"), remote: "", isDecoy: false).refusal
        }
        guard case .helper(let missing)? = ask("/nonexistent/socket") else { throw PAMStack.Failure.missing("a refusal") }
        #expect(missing.hasPrefix("/nonexistent/socket: No such file or directory"))
        guard case .helper(let other)? = ask(stack.socket, service: "login") else { throw PAMStack.Failure.missing("a refusal") }
        #expect(other.contains("not a login for the service of this helper"))
        // A socket that takes connections and says nothing.
        let silent = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(silent) }
        let path = stack.folder.path("silent")
        #expect(bindLocal(silent, path) && listen(silent, 8) == 0)
        #expect(ask(path, limit: .milliseconds(300)) == .helper("the helper took too long"))
    }

    /// A module that hangs, and a helper whose queue is full: neither holds up a server that goes down.
    @Test(arguments: [8, 0]) func aServerThatGoesDownDoesNotWait(backlog: Int32) async throws {
        let folder = try TemporaryFolder("pam-silent")
        let silent = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(silent) }
        #expect(bindLocal(silent, folder.path("silent")) && listen(silent, backlog) == 0)
        let helper = PAMHelper(path: folder.path("silent"), service: "phrd", limit: .seconds(20))
        let start = ContinuousClock.now
        let answers = await withTaskGroup(of: PAMRefusal?.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            continuation.resume(returning: helper.begin(user: "alice", password: Password("x"), remote: "", isDecoy: false).refusal)
                        }
                    }
                }
            }
            try? await Task.sleep(for: .milliseconds(300))
            helper.interrupt()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: .helper("the server went down before the helper answered"), count: 2))
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test func saysNothingToHostileInput() async throws {
        let stack = try await PAMStack(passwords: Self.passwords)
        for bytes: [UInt8] in [
            [], [0], [0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 16, 0] + Array(repeating: 0, count: 4096), Array("GET / HTTP/1.0\r\n\r\n".utf8),
        ] {
            let answer = exchange(bytes, stack.socket)
            // Closed, or told that this is no login: never accepted.
            let kind = answer.count >= 6 ? answer[5] : 134
            #expect(kind == 134, "\(bytes.prefix(8)): \(answer)")
        }
        #expect(ask(stack, "alice", "secret of alice").isAccepted)
    }

    @Test func answersNobodyElse() async throws {
        let stack = try await PAMStack(passwords: Self.passwords)
        let script = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(5); s.connect(sys.argv[1]); sys.exit(0 if s.recv(1) == b'' else 3)"
        if geteuid() == 0 {
            // The mode of the socket keeps others out already; with a wide one the check of the peer does.
            let closed = try await Program("setpriv").run(["--reuid=daemon", "--regid=daemon", "--clear-groups", "python3", "-c", script, stack.socket])
            #expect(closed.complaint.contains("PermissionError"), "\(closed.report)")
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: stack.socket)
            let open = try await Program("setpriv").run(["--reuid=daemon", "--regid=daemon", "--clear-groups", "python3", "-c", script, stack.socket])
            #expect(open.code == 0, "\(open.report)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: stack.socket)[.posixPermissions] as? Int
        #expect(mode == (geteuid() == 0 ? 0o666 : 0o600))
    }

    @Test(arguments: [
        [], ["--service", "phrd"], ["--peer"], ["--peer", "no-such-user"], ["--peer", "root", "--service", "../login"], ["--peer", "root", "--peer", "root"],
    ])
    func asksForItsArguments(_ arguments: [String]) async throws {
        let output = try await Repository.program("phrd-pam").run(arguments)
        #expect(output.code == 64 && !output.complaint.isEmpty, "\(output.report)")
    }

    @Test func takesNoStandardInputButASocket() async throws {
        let output = try await Repository.program("phrd-pam").run(["--peer", NSUserName()])
        #expect(output.code == 77, "\(output.report)")
        #expect(try await Repository.program("phrd-pam").run(["--help"]).text.contains("Examples:"))
    }

    // MARK: - Raw connections

    private func address<Result>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8.prefix(107))) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
    }

    private func bindLocal(_ descriptor: Int32, _ path: String) -> Bool { unsafe address(path) { unsafe bind(descriptor, $0, $1) } == 0 }

    /// Sends bytes and an end; returns what comes back until the other side closes.
    private func exchange(_ bytes: [UInt8], _ path: String) -> [UInt8] {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        guard unsafe address(path, { unsafe connect(descriptor, $0, $1) }) == 0 else { return [1] }
        _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(descriptor, Int32(SHUT_WR))
        var answer = [UInt8](repeating: 0, count: 1024)
        let count = unsafe recv(descriptor, &answer, answer.count, 0)
        return Array(answer.prefix(max(0, count)))
    }
}

extension PAMAnswer {
    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    var refusal: PAMRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
