/// A Kerberos realm of a test's own: MIT's KDC on a free port of the loopback, with its database in a temporary folder.
import Foundation

package final class KerberosRealm: Sendable {
    package static let name = "TEST.EXAMPLE"

    package enum Failure: Error { case notReady(String) }

    package let folder: TemporaryFolder
    private let child: ChildProcess
    private let lifeline: FileHandle

    /// What PAM modules need to find the realm.
    package var environment: [String: String] { ["KRB5_CONFIG": folder.path("krb5.conf")] }
    package var keytab: String { folder.path("keytab") }

    /// - Parameter principals: name and arguments of `addprinc`, such as `-pw secret`.
    package init(principals: [String: String]) async throws {
        let folder = try TemporaryFolder("krb5")
        self.folder = folder
        let port = try Self.freePort()
        try folder.write(
            "krb5.conf",
            Array(
                """
                [libdefaults]
                default_realm = \(Self.name)
                dns_lookup_kdc = false
                dns_lookup_realm = false
                rdns = false
                verify_ap_req_nofail = true
                [realms]
                \(Self.name) = {
                    kdc = 127.0.0.1:\(port)
                }
                [logging]
                kdc = FILE:\(folder.path("kdc.log"))

                """.utf8))
        try folder.write(
            "kdc.conf",
            Array(
                """
                [kdcdefaults]
                kdc_listen = 127.0.0.1:\(port)
                kdc_tcp_listen = 127.0.0.1:\(port)
                [realms]
                \(Self.name) = {
                    database_name = \(folder.path("principal"))
                    key_stash_file = \(folder.path("stash"))
                    acl_file = \(folder.path("acl"))
                    default_principal_flags = +preauth
                }

                """.utf8))
        let environment = ["KRB5_CONFIG": folder.path("krb5.conf"), "KRB5_KDC_PROFILE": folder.path("kdc.conf"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        try await Program("/usr/sbin/kdb5_util", environment: environment).succeed(["create", "-s", "-P", "master password"])
        let administer = try Program("/usr/sbin/kadmin.local", environment: environment)
        var queries = principals.sorted { $0.key < $1.key }.map { "addprinc \($0.value) \($0.key)" }
        queries += ["addprinc -randkey host/server.test.example", "ktadd -k \(folder.path("keytab")) host/server.test.example"]
        for query in queries { try await administer.succeed(["-q", query]) }
        try folder.write("log", [])
        let log = try FileHandle(forWritingTo: folder.url("log"))
        let pipe = Pipe()
        for end in [pipe.fileHandleForReading, pipe.fileHandleForWriting] { _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC) }
        child = try ChildProcess(
            path: "/bin/bash", arguments: ["-c", "exec 3<&0; /usr/sbin/krb5kdc -n </dev/null 3<&- & kdc=$!; read -r _ <&3; kill -KILL $kdc"],
            environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, input: pipe.fileHandleForReading.fileDescriptor,
            output: log.fileDescriptor, error: log.fileDescriptor)
        lifeline = pipe.fileHandleForWriting
        for _ in 0..<500 {
            if folder.exists("kdc.log"), String(decoding: try folder.read("kdc.log"), as: UTF8.self).contains("commencing operation") { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Failure.notReady(String(decoding: try folder.read("log"), as: UTF8.self))
    }

    deinit { child.killGroup() }

    /// A port that nobody has now, for datagrams and streams.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard code else { throw POSIXError(.EADDRINUSE) }
        return UInt16(bigEndian: address.sin_port)
    }
}
