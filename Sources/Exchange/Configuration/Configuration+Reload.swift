// What a running server takes from a configuration that was read again (SIGHUP), and what has to wait for its next start.

extension Configuration {
    /// This configuration with what `new` changes while the server runs. The rest was opened, started or handed out at the start.
    func taking(over new: Configuration) -> Configuration {
        var result = self
        result.storage.reserve_mib = new.storage.reserve_mib
        result.storage.partial_hours = new.storage.partial_hours
        result.listen.passive_ports = new.listen.passive_ports
        result.listen.public_addresses = new.listen.public_addresses
        result.listen.active_networks = new.listen.active_networks
        for (index, entry) in listener.enumerated() {
            guard let same = new.listener.first(where: { $0.address == entry.address && $0.implicit == entry.implicit }) else { continue }
            result.listener[index].data_binding = same.data_binding
        }
        result.tls = new.tls
        result.host = new.host
        result.proxy = new.proxy
        result.roles = new.roles
        result.limits = new.limits
        result.bans = new.bans
        result.compatibility = new.compatibility
        return result
    }

    /// The keys, such as "log.level", in which this configuration is not yet what `new` asks for; sorted. A repeated section is named as a whole.
    func keysThatDiffer(from new: Configuration) -> [String] {
        zip(Self.values(of: self), Self.values(of: new)).filter { $0.text != $1.text }.map(\.0.key).sorted()
    }

    /// Every key with its value as text, in the order of the properties, which bear the names of sections and keys.
    private static func values(of configuration: Configuration) -> [(key: String, text: String)] {
        Mirror(reflecting: configuration).children.flatMap { section -> [(key: String, text: String)] in
            let (name, keys) = (section.label ?? "", Mirror(reflecting: section.value))
            guard keys.displayStyle == .struct else { return [(name, String(reflecting: section.value))] }
            return keys.children.map { ("\(name).\($0.label ?? "")", String(reflecting: $0.value)) }
        }
    }
}
