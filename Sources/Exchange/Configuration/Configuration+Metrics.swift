/// `[metrics]`: numbers for Prometheus.
import Transport

extension Configuration {
    package struct Metrics: Codable, Sendable {
        /// Loopback address for Prometheus; empty for none.
        package var listen = ""

        var problems: [String] {
            guard !listen.isEmpty, Configuration.address(listen)?.isLoopback != true else { return [] }
            return ["metrics.listen must be a loopback address such as \"127.0.0.1:9121\""]
        }
    }
}
