/// Accounts whose password is PAM's, over FTPS with curl, beside virtual ones.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite struct PAMTests {
        /// A site with one PAM account, who may push to bob.
        private func withSite(
            _ stack: PAMStack, user: String = "dora", factor: String = "none", settings: [String] = [], _ body: (TestSite, TestServer) async throws -> Void
        ) async throws {
            let site = try TestSite(
                settings: ["auth.methods=virtual,pam", "auth.pam_socket=\(stack.socket)", "auth.pam_second_factor=\(factor)", "auth.pam_session=true"]
                    + settings)
            try await site.prepare()
            try await site.administer(["user", "add", user, "--role", "clinic", "--pam"])
            try await site.administer(["folder", "add", "/inbox/bob", "--owner", "bob", "--profile", "sealed", "--writer", user])
            let server = try await site.start()
            try await site.enroll("bob", at: server)
            try await body(site, server)
            #expect(await server.stop() == 0, "\(server.log.suffix(3000))")
        }

        /// Stores a record as the user, and lets bob read it.
        private func upload(_ site: TestSite, _ server: TestServer, _ login: String) async throws {
            let content = sampleBytes(20_000)
            let source = try site.folder.write("visit", content)
            let output = try await curl(site, login, ["-T", source, "ftp://\(server.explicit)/inbox/bob/visit"])
            #expect(output.code == 0, "\(output.report)\n\(server.log.suffix(2000))")
            #expect(try await site.phr("bob", ["get", "--quiet", "bob/visit", site.folder.path("got")]).code == 0)
            #expect(try site.folder.read("got") == content)
        }

        /// The reply to a login that is refused.
        private func refusal(_ site: TestSite, _ server: TestServer, _ login: String) async throws -> String? {
            replies(try await curl(site, login, ["ftp://\(server.explicit)/"]), "530").first.map { String($0.dropFirst("< 530 ".count)) }
        }

        private func curl(_ site: TestSite, _ login: String, _ arguments: [String]) async throws -> ProgramOutput {
            try await Program("curl").run(
                ["--silent", "--show-error", "--verbose", "--max-time", "50", "--ssl-reqd", "--cacert", site.authority, "--user", login] + arguments,
                limit: .seconds(60))
        }

        private func replies(_ output: ProgramOutput, _ code: String) -> [String] {
            output.report.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("< \(code) ") }.map { $0.trimmingCharacters(in: .whitespaces) }
        }

        @Test func aPAMUserUploadsAndGuessersLearnNothing() async throws {
            let stack = try await PAMStack(passwords: ["dora": "secret of dora", "alice": "system password", "ghost": "boo"])
            try await withSite(stack) { site, server in
                try await upload(site, server, "dora:secret of dora")
                // A virtual account keeps its own password, and PAM's does not open it; a system user without an account is nobody.
                #expect(try await curl(site, "alice:password-of-alice", ["ftp://\(server.explicit)/"]).code == 0)
                for login in ["dora:wrong", "alice:system password", "ghost:boo", "nobody:wrong"] {
                    let start = ContinuousClock.now
                    let output = try await curl(site, login, ["ftp://\(server.explicit)/"])
                    #expect(output.code == 67, "\(login)")
                    #expect(replies(output, "530") == ["< 530 Login incorrect"], "\(login): \(output.report)")
                    #expect(ContinuousClock.now - start >= .seconds(2), "\(login)")
                }
                #expect(!server.log.contains("secret of dora") && !server.log.contains("PAM does not work"))
            }
        }

        @Test func aOneTimeCodeStandsBehindThePassword() async throws {
            let stack = try await PAMStack(passwords: ["dora": "secret of dora"], codes: ["dora": "123456"])
            try await withSite(stack, factor: "append") { site, server in
                let right = try await curl(site, "dora:secret of dora+123456", ["ftp://\(server.explicit)/"])
                #expect(right.code == 0, "\(right.report)\n\(server.log.suffix(2000))")
                let half = try await curl(site, "dora:secret of dora", ["ftp://\(server.explicit)/"])
                #expect(half.code == 67)
            }
        }

        @Test(arguments: [
            ("acct_expired", "Account expired"), ("perm_denied", "Account locked"), ("new_authtok_reqd", "it cannot be changed over FTP"),
        ])
        func anAccountCheckIsToldToWhoKnowsThePassword(code: String, text: String) async throws {
            let stack = try await PAMStack(passwords: ["dora": "secret of dora"], account: ["MODULES/pam_debug.so acct=\(code)"])
            try await withSite(stack) { site, server in
                let told = try await refusal(site, server, "dora:secret of dora")
                #expect(told?.contains(text) == true, "\(told ?? "no reply")")
                #expect(try await refusal(site, server, "dora:wrong") == "Login incorrect")
            }
        }

        @Test func aUserOfTheSystemLogsInAndHisGroupIsARole() async throws {
            guard geteuid() == 0 else {
                // Only root may make users; the same server and helper, with passwords from files.
                let stack = try await PAMStack(passwords: ["dora": "secret of dora"])
                return try await withSite(stack) { site, server in try await upload(site, server, "dora:secret of dora") }
            }
            let user = try await SystemUser("phrtest\(UInt16.random(in: .min ... .max))", password: "secret of a system user")
            let login = "\(user.name):secret of a system user"
            let stack = try await PAMStack(lines: [
                "auth required MODULES/pam_unix.so", "account required MODULES/pam_unix.so", "session required MODULES/pam_permit.so",
            ])
            try await withSite(stack, user: user.name, settings: ["roles.grants=\(user.group) write /exchange/lab"]) { site, server in
                try await upload(site, server, login)
                #expect(try await refusal(site, server, "\(user.name):wrong") == "Login incorrect")
                // The folder is open to the group alone: the account has no part in it, and other users of PAM would not see it.
                let listing = try await curl(site, login, ["--list-only", "ftp://\(server.explicit)/exchange/"])
                #expect(listing.lines.map { $0.trimmingCharacters(in: .whitespaces) } == ["lab"], "\(listing.report)")
                try await user.change("/usr/sbin/usermod", ["--groups", ""])
                let without = try await curl(site, login, ["--list-only", "ftp://\(server.explicit)/exchange/"])
                #expect(without.code == 0 && without.lines.isEmpty, "\(without.report)")
                // Locked: the hash is none any more. Expired and to be changed: told to who knows the password.
                try await user.change("/usr/sbin/usermod", ["--lock"])
                #expect(try await refusal(site, server, login) == "Login incorrect")
                try await user.change("/usr/sbin/usermod", ["--unlock", "--expiredate", "1"])
                #expect(try await refusal(site, server, login)?.hasPrefix("Account expired") == true)
                try await user.change("/usr/sbin/usermod", ["--expiredate", ""])
                try await user.change("/usr/bin/chage", ["--lastday", "0"])
                #expect(try await refusal(site, server, login)?.hasPrefix("Password expired") == true)
                #expect(try await refusal(site, server, "\(user.name):wrong") == "Login incorrect")
                #expect(!server.log.contains("secret of a system user"))
            }
        }

        @Test func aKerberosPrincipalLogsIn() async throws {
            let realm = try await KerberosRealm(principals: [
                "dora": "-pw secret-of-dora", "erin": "-pw secret-of-erin +needchange", "frank": "-pw secret-of-frank -allow_tix",
                "grace": "-pw secret-of-grace -expire yesterday",
            ])
            let options = "no_ccache defer_pwchange keytab=\(realm.keytab)"
            let stack = try await PAMStack(
                lines: [
                    "auth required MODULES/pam_krb5.so \(options)", "account required MODULES/pam_krb5.so \(options)", "session required MODULES/pam_permit.so",
                ],
                environment: realm.environment)
            try await withSite(stack) { site, server in
                for name in ["erin", "frank", "grace"] { try await site.administer(["user", "add", name, "--role", "clinic", "--pam"]) }
                try await upload(site, server, "dora:secret-of-dora")
                let erin = try await refusal(site, server, "erin:secret-of-erin")
                #expect(erin?.hasPrefix("Password expired") == true, "\(server.log.suffix(2000))\n\(stack.log)")
                for login in ["dora:wrong", "frank:secret-of-frank", "grace:secret-of-grace", "nobody:secret-of-dora"] {
                    #expect(try await refusal(site, server, login) == "Login incorrect", "\(login)")
                }
            }
        }

        @Test func guessingIsSlowedDown() async throws {
            let stack = try await PAMStack(passwords: ["dora": "secret of dora"])
            try await withSite(stack) { site, server in
                var times: [Duration] = []
                for _ in 0..<5 {
                    let start = ContinuousClock.now
                    _ = try await refusal(site, server, "dora:wrong")
                    times.append(ContinuousClock.now - start)
                }
                #expect(times[4] > times[0] + .seconds(1), "\(times)")
            }
        }

        @Test func aHelperThatHangsDoesNotHoldUpTheEnd() async throws {
            let folder = try TemporaryFolder("hanging-pam")
            try await TestSite.handOver([folder.path])
            let script = """
                import os, socket, sys, time
                point = socket.socket(socket.AF_UNIX)
                point.bind(sys.argv[1])
                os.chmod(sys.argv[1], 0o666)
                point.listen(8)
                taken = point.accept()
                open(sys.argv[2], "w").close()
                time.sleep(60)
                """
            let helper = try Program("python3").start(["-c", script, folder.path("socket"), folder.path("taken")])
            defer { helper.signal(SIGKILL) }
            let site = try TestSite(settings: ["auth.methods=virtual,pam", "auth.pam_socket=\(folder.path("socket"))", "limits.shutdown_seconds=2"])
            try await site.prepare()
            try await site.administer(["user", "add", "dora", "--role", "clinic", "--pam"])
            let server = try await site.start()
            let client = try Program("curl").start([
                "-sS", "--max-time", "50", "--ssl-reqd", "--cacert", site.authority, "-u", "dora:x", "ftp://\(server.explicit)/",
            ])
            let limit = ContinuousClock.now + .seconds(20)
            while !folder.exists("taken"), .now < limit { try await Task.sleep(for: .milliseconds(20)) }
            #expect(folder.exists("taken") && client.isRunning)
            let start = ContinuousClock.now
            let code = await server.stop()
            #expect(code == 0 && ContinuousClock.now - start < .seconds(5), "\(ContinuousClock.now - start)\n\(server.log.suffix(2000))")
            #expect(try await client.finish(limit: .seconds(10)).code != 0)
        }

        @Test func aPromptIsAnsweredByASecondPassword() async throws {
            let stack = try await PAMStack(passwords: ["dora": "secret of dora"], codes: ["dora": "123456"])
            try await withSite(stack, factor: "prompt") { site, server in
                let script = """
                    import ftplib, ssl, sys
                    context = ssl.create_default_context(cafile=sys.argv[3])
                    client = ftplib.FTP_TLS(context=context, timeout=50)
                    client.connect(sys.argv[1], int(sys.argv[2]))
                    client.auth()
                    print(client.sendcmd("USER dora"))
                    for word in sys.argv[4:]:
                        try:
                            print(client.sendcmd("PASS " + word))
                        except ftplib.Error as error:
                            print(error)
                    """
                let host = server.explicit.split(separator: ":").map(String.init)
                func session(_ words: [String]) async throws -> [String] {
                    try await Program("python3").succeed(["-c", script, host[0], host[1], site.authority] + words).lines.map { String($0.prefix(3)) }
                }
                let right = try await session(["secret of dora", "123456"])
                #expect(right == ["331", "331", "230"], "\(server.log.suffix(2000))")
                #expect(try await session(["secret of dora", "000000"]) == ["331", "331", "530"])
                #expect(try await session(["wrong", "123456"]) == ["331", "331", "530"])
                // Whoever leaves at the prompt has guessed in vain; and the prompt comes as late for a name that nobody has.
                let start = ContinuousClock.now
                #expect(try await session(["wrong"]) == ["331", "331"])
                #expect(ContinuousClock.now - start >= .seconds(1))
                try await Task.sleep(for: .seconds(2))
                let log = String(decoding: try site.folder.read("data/audit.jsonl"), as: UTF8.self)
                #expect(log.contains("no answer to a prompt"))
            }
        }
    }
}
