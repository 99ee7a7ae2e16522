/// Everything an operator can set, with its defaults; each comment is the documentation in `conf/phrd.toml`.
import AttributeEncryption
import FTPServer
import Foundation
import Transport

package struct Configuration: Codable, Sendable {
    package struct Site: Codable, Sendable {
        /// The name of the site's log (C2SP origin), such as "phr.example/st-mary". It can never be changed.
        package var name = "phr.example/site"
    }

    package struct Storage: Codable, Sendable {
        /// Folder for databases and sealed records.
        package var data = "data"
        /// Folder for private keys; keep it apart from the data and out of its backups.
        package var keys = "keys"
        /// File with the last signed checkpoint, outside the data folder; it shows when an old backup was restored.
        package var anchor = "anchor/checkpoint"
        /// Uploads are refused with 452 when less than this many MiB are free.
        package var reserve_mib = 64
        /// Hours for which a cut-off upload can be resumed.
        package var partial_hours = 168
    }

    package struct Listen: Codable, Sendable {
        /// Addresses for explicit FTPS (AUTH TLS).
        package var explicit = ["127.0.0.1:2121"]
        /// Addresses for implicit FTPS.
        package var implicit: [String] = []
        /// Ports for passive data connections, "from-to"; empty lets the system choose.
        package var passive_ports = ""
        /// IPv4 addresses in replies to PASV when the server stands behind NAT: "ADDRESS" for all, "NETWORK=ADDRESS" for clients of a network.
        package var public_addresses: [String] = []
        /// Networks of the clients to which the server connects back (PORT, EPRT).
        package var active_networks: [String] = []
    }

    package struct TLS: Codable, Sendable {
        /// Certificate chain, PEM, leaf first.
        package var certificate = "../certs/server.pem"
        /// Private key, PEM, readable by the server's user alone.
        package var key = "../certs/server.key"
        /// Lowest version: "1.2" or "1.3".
        package var minimum = "1.2"
        /// Whether clients show certificates: "off", "optional" or "required".
        package var client_certificates = "off"
        /// Authorities of client certificates, PEM; empty takes any certificate, and then only its fingerprint counts.
        package var client_ca = ""
        /// Revocation lists of those authorities, PEM; empty for none.
        package var client_crl = ""
        /// The attribute of a verified client certificate's subject whose values are roles.
        package var client_role_attribute = "OU"
    }

    package struct Limits: Codable, Sendable {
        package var sessions = 4096
        package var sessions_per_address = 256
        package var login_failures = 3
        package var handshake_seconds = 10
        package var login_seconds = 60
        package var idle_seconds = 300
        package var stall_seconds = 60
        package var data_connect_seconds = 20
        /// How long running transfers may go on when the server is told to stop.
        package var shutdown_seconds = 30
        /// Rows of a folder's policy: each attribute takes one, a comparison up to 30, a month 12. The first file of a session takes longer with each.
        package var policy_rows = 128
        /// How many times its quota of bytes an account or a folder may take of the disk, with older versions and deleted files; 0 for no such bound.
        package var disk_factor = 10
        /// How long a key half can be fetched after an emergency request.
        package var emergency_minutes = 60
    }

    package struct Compatibility: Codable, Sendable {
        /// Accepts uploads that end without a TLS close_notify. A cut-off upload then looks complete: only for senders that cannot do better.
        package var accept_unclean_upload_end = false
    }

    package struct Threads: Codable, Sendable {
        package var event_loops = 2
        package var blocking = 8
    }

    package struct Log: Codable, Sendable {
        /// trace, debug, info, notice, warning, error or critical.
        package var level = "notice"
        /// "text" or "json".
        package var format = "text"
    }

    package var site = Site()
    package var storage = Storage()
    package var listen = Listen()
    package var listener: [Listener] = []
    package var tls = TLS()
    package var host: [Host] = []
    package var proxy = Proxy()
    package var process = Process()
    package var auth = Auth()
    package var roles = Roles()
    package var limits = Limits()
    package var bans = Bans()
    package var compatibility = Compatibility()
    package var threads = Threads()
    package var log = Log()
    package var audit = Audit()
    package var hooks = Hooks()
    package var metrics = Metrics()

    package init() {}
}

extension Configuration {
    /// What is wrong with the values, all at once; empty if nothing is.
    package var problems: [String] {
        var problems: [String] = []
        func check(_ holds: Bool, _ key: String, _ reason: String) {
            if !holds { problems.append("\(key) \(reason)") }
        }
        check(!site.name.isEmpty && !site.name.contains(where: { $0.isWhitespace || $0 == "+" }), "site.name", "must be a name without spaces and plus signs")
        for (key, list) in [("listen.explicit", listen.explicit), ("listen.implicit", listen.implicit)] {
            for text in list { check(Self.address(text) != nil, key, "must hold addresses such as \"127.0.0.1:2121\" or \"[::1]:2121\", not \"\(text)\"") }
        }
        check(!(listen.explicit + listen.implicit).isEmpty || !listener.isEmpty, "listen.explicit", "must hold an address")
        problems += hostProblems + proxyProblems + dataConnectionProblems + certificateProblems
        check(listen.passive_ports.isEmpty || Self.ports(listen.passive_ports) != nil, "listen.passive_ports", "must be a range such as \"50000-50999\"")
        check(TLSVersion(rawValue: tls.minimum) != nil, "tls.minimum", "must be \"1.2\" or \"1.3\"")
        check(["trace", "debug", "info", "notice", "warning", "error", "critical"].contains(log.level), "log.level", "must be a level such as \"notice\"")
        check(["text", "json"].contains(log.format), "log.format", "must be \"text\" or \"json\"")
        for (key, value) in [
            ("limits.sessions", limits.sessions), ("limits.sessions_per_address", limits.sessions_per_address),
            ("limits.login_failures", limits.login_failures), ("limits.handshake_seconds", limits.handshake_seconds),
            ("limits.login_seconds", limits.login_seconds), ("limits.idle_seconds", limits.idle_seconds),
            ("limits.stall_seconds", limits.stall_seconds), ("limits.data_connect_seconds", limits.data_connect_seconds),
            ("limits.shutdown_seconds", limits.shutdown_seconds), ("limits.emergency_minutes", limits.emergency_minutes),
            ("storage.partial_hours", storage.partial_hours),
        ] { check((1...1_000_000).contains(value), key, "must be from 1 to 1000000") }
        check((1...Policy.Limits.rowCount).contains(limits.policy_rows), "limits.policy_rows", "must be from 1 to \(Policy.Limits.rowCount)")
        check((0...1_000_000).contains(limits.disk_factor), "limits.disk_factor", "must be from 0 to 1000000")
        for problem in bans.problems { check(false, problem.key, problem.reason) }
        check((0...1_000_000_000).contains(storage.reserve_mib), "storage.reserve_mib", "must not be negative")
        check((1...64).contains(threads.event_loops), "threads.event_loops", "must be from 1 to 64")
        check((2...256).contains(threads.blocking), "threads.blocking", "must be from 2 to 256")
        return problems + processProblems + authProblems + roleProblems + audit.problems + hooks.problems(auditIsEnabled: audit.enabled) + metrics.problems
    }

    static func address(_ text: String) -> SocketAddress? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() } else if host.contains(":") { return nil }
        return SocketAddress(numeric: String(host), port: port)
    }

    private static func ports(_ text: String) -> ClosedRange<UInt16>? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let low = UInt16(parts[0]), let high = UInt16(parts[1]), low >= 1024, low <= high else { return nil }
        return low...high
    }

    /// The part that the FTP service needs; the values must have been checked.
    var serverSettings: ServerSettings {
        var settings = ServerSettings()
        settings.listeners = listeners
        settings.hosts = virtualHosts
        settings.proxies = proxySettings
        settings.passivePorts = Self.ports(listen.passive_ports)
        settings.publicAddresses = publicAddresses
        settings.activeNetworks = activeNetworks
        settings.maximumSessions = limits.sessions
        settings.maximumSessionsPerAddress = limits.sessions_per_address
        settings.maximumLoginFailures = limits.login_failures
        settings.handshakeTimeout = .seconds(limits.handshake_seconds)
        settings.loginTimeout = .seconds(limits.login_seconds)
        settings.idleTimeout = .seconds(limits.idle_seconds)
        settings.stallTimeout = .seconds(limits.stall_seconds)
        settings.dataConnectTimeout = .seconds(limits.data_connect_seconds)
        settings.acceptsUncleanUploadEnd = compatibility.accept_unclean_upload_end
        return settings
    }
}
