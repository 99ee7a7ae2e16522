// `[proxy]`: load balancers that say for whom they connect.
import FTPProtocol
import FTPServer

extension Configuration {
    package struct Proxy: Codable, Sendable {
        /// Addresses and networks of the load balancers; only they are believed, and they must send a header.
        package var trusted: [String] = []
        /// They send the header on control connections.
        package var control = false
        /// They send the header on data connections.
        package var data = false
    }

    var proxyProblems: [String] {
        var problems = proxy.trusted.filter { NetworkPrefix($0) == nil }.map {
            "proxy.trusted must hold networks such as \"10.0.0.5\" or \"10.0.0.0/24\", not \"\($0)\""
        }
        if proxy.control || proxy.data, proxy.trusted.isEmpty { problems.append("proxy.trusted must name the load balancers") }
        return problems
    }

    var proxySettings: ProxySettings {
        var settings = ProxySettings()
        settings.trusted = proxy.trusted.compactMap { NetworkPrefix($0) }
        settings.onControl = proxy.control
        settings.onData = proxy.data
        return settings
    }
}
