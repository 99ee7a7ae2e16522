/// Speaks with the service manager that started the process (systemd): sd_notify(3) and sd_listen_fds(3), by their protocols.
import CLinux
import Glibc

/// Tells the manager what becomes of the service. Does nothing where there is no manager.
package final class ServiceManager: Sendable {
    private let descriptor: Int32?

    /// - Parameter path: the value of NOTIFY_SOCKET: a path, or an abstract name with "@" in front.
    package init(notifySocket path: String?) throws {
        guard let path, !path.isEmpty else {
            descriptor = nil
            return
        }
        guard path.hasPrefix("/") || path.hasPrefix("@") else { throw TransportError.badAddress("NOTIFY_SOCKET=\(path) is no path") }
        // Connected now, so that nothing but sending is left when privileges are gone.
        descriptor = try UnixSocket.connect(to: path, type: SOCK_DGRAM)
    }

    deinit { if let descriptor { Glibc.close(descriptor) } }

    package enum State: Sendable {
        case ready
        /// With the time on the monotonic clock, which `Type=notify-reload` compares.
        case reloading
        case stopping
        case watchdog
    }

    /// - Parameter status: one line for `systemctl status`.
    package func tell(_ state: State, status: String? = nil) {
        guard let descriptor else { return }
        var text =
            switch state {
            case .ready: "READY=1"
            case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds() / 1000)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            }
        if let status { text += "\nSTATUS=\(status.replacing("\n", with: " "))" }
        _ = unsafe Array(text.utf8).withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) }
    }

    /// How often the manager wants to hear that the process is alive; nil if it does not ask.
    package static func watchdogInterval(_ environment: [String: String]) -> Duration? {
        if let process = environment["WATCHDOG_PID"], process != "\(getpid())" { return nil }
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else { return nil }
        return .microseconds(microseconds)
    }

    /// The listening sockets that the manager holds for the service, with their names (FileDescriptorName=).
    package static func inheritedSockets(_ environment: [String: String]) throws -> [InheritedSocket] {
        guard environment["LISTEN_PID"] == "\(getpid())", let count = environment["LISTEN_FDS"].flatMap({ Int32($0) }), count > 0 else { return [] }
        guard count <= 64 else { throw TransportError.badAddress("LISTEN_FDS=\(count) is more than anybody needs") }
        let names = environment["LISTEN_FDNAMES"].map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) } ?? []
        return (0..<count).map { InheritedSocket(name: names.indices.contains(Int($0)) ? names[Int($0)] : "", descriptor: 3 + $0) }
    }
}
