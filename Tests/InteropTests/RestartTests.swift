/// Restarts: listening sockets that outlive the process, by a successor and by a service manager.
import Foundation
import ProgramFixtures
import Testing

extension InteropTests {
    @Suite struct RestartTests {
        @Test func nobodyIsRefusedWhileASuccessorTakesOver() async throws {
            let site = try TestSite()
            try await site.prepare()
            let old = try await site.start()
            try await site.enroll("alice", at: old)
            let (ready, done) = (site.folder.path("upload-runs"), site.folder.path("taken-over"))
            let password = TestSite.people.first { $0.name == "stmary" }!.password
            let clients = try Program("python3").start([Repository.path("Tests/Scripts/restart_check.py"), old.explicit, site.authority, password, ready, done])
            let limit = ContinuousClock.now + .seconds(30)
            while !site.folder.exists("upload-runs"), clients.isRunning, .now < limit { try await Task.sleep(for: .milliseconds(20)) }
            let new = try await site.start(arguments: ["--takeover"])
            try site.folder.write("taken-over", [])
            let output = try await clients.finish(limit: .seconds(90))
            #expect(output.code == 0, "\(output.report)\n\(new.log.suffix(3000))")
            print("takeover: \(output.text)", terminator: "")
            #expect(new.explicit == old.explicit && new.implicit == old.implicit)
            let codes = [await old.stop(), await new.stop()]
            #expect(codes == [0, 0], "\(new.log.suffix(3000))")
        }

        @Test func aSuccessorThatCannotServeChangesNothing() async throws {
            let site = try TestSite()
            try await site.prepare()
            let phrd = try Repository.program("phrd")
            let alone = try await phrd.run(["serve", "--takeover", "--config", site.configuration])
            #expect(alone.code == 69 && alone.complaint.contains("without --takeover"), "\(alone.report)")
            let server = try await site.start()
            let wrong = try await phrd.run(["serve", "--takeover", "--config", site.configuration, "--set", "tls.key=\(site.authority)"])
            #expect(wrong.code == 69, "\(wrong.report)")
            let login = "stmary:\(TestSite.people.first { $0.name == "stmary" }!.password)"
            let still = try await Program("curl").run(["-sS", "--ssl-reqd", "--cacert", site.authority, "-u", login, "ftp://\(server.explicit)/"])
            #expect(still.code == 0, "\(still.report)")
            let code = await server.stop()
            #expect(code == 0)
        }

        @Test func aSuccessorThatDiesWithTheSocketsChangesNothing() async throws {
            let site = try TestSite()
            try await site.prepare()
            let server = try await site.start()
            let login = "stmary:\(TestSite.people.first { $0.name == "stmary" }!.password)"
            let list = ["-sS", "--max-time", "20", "--ssl-reqd", "--cacert", site.authority, "-u", login, "ftp://\(server.explicit)/"]
            let script = """
                import os, signal, socket, sys
                point = socket.socket(socket.AF_UNIX)
                point.settimeout(10)
                point.connect(sys.argv[1])
                point.sendall(b"phrd takeover 1\\n")
                text, descriptors, _, _ = socket.recv_fds(point, 4096, 64)
                print(len(descriptors), flush=True)
                os.kill(os.getpid(), signal.SIGKILL)
                """
            // More than once: each failure leaves the way open for the next.
            for _ in 0..<2 {
                let dead = try await Program("python3").run(["-c", script, site.dataPath + "/takeover.socket"], limit: .seconds(20))
                #expect(dead.text == "2\n", "\(dead.report)")
                try await Task.sleep(for: .milliseconds(300))
                let still = try await Program("curl").run(list)
                #expect(still.code == 0, "\(still.report)\n\(server.log.suffix(2000))")
            }
            #expect(!server.log.contains("takes over"))
            let new = try await site.start(arguments: ["--takeover"])
            let served = try await Program("curl").run(list)
            #expect(served.code == 0, "\(served.report)")
            let codes = [await server.stop(), await new.stop()]
            #expect(codes == [0, 0], "\(new.log.suffix(3000))")
        }

        @Test func aServiceManagerHoldsTheSockets() async throws {
            let site = try TestSite()
            try await site.prepare()
            let phrd = try Repository.program("phrd")
            let output = try await Program("python3").run(
                [Repository.path("Tests/Scripts/service_manager_check.py"), phrd.path, site.configuration, site.authority], limit: .seconds(120))
            #expect(output.code == 0, "\(output.report)")
        }
    }
}
