/// What a path below `/.authorities`, `/.issued`, `/.policies` or `/.emergency` names (docs/architecture.md, "The tree").
import CanonicalEncoding
import RecordStore

enum SharingLocation: Equatable {
    /// `/.authorities`
    case authorities
    /// `/.authorities/stmary`, or the folder `/.authorities/stmary.history`: which of them shows when the name is looked up.
    case authority(String)
    /// `/.authorities/stmary.history/3`
    case authorityVersion(String, UInt64)
    /// `/.issued`
    case issued
    /// `/.issued/stmary`
    case issuances(String)
    /// `/.issued/stmary/0123…`: by commitment.
    case issuance(String, [UInt8])
    /// `/.policies`, `/.policies/alice`, `/.policies/alice/inbox`
    case policies
    case policiesOf(String)
    case policySection(String, FolderPath.Section)
    /// `/.policies/alice/inbox/alice`
    case policy(String, FolderPath)
    /// `/.emergency`, `/.emergency/alice`
    case emergencies
    case grants(String)
    /// `/.emergency/alice/stmary`
    case grant(EmergencyParties)
    /// `/.emergency/alice/stmary/request` and `release`
    case request(EmergencyParties)
    case release(EmergencyParties)
    /// `/.emergency/alice/stmary/requests`, `/.emergency/alice/stmary/requests/0`
    case pastRequests(EmergencyParties)
    case pastRequest(EmergencyParties, UInt64)

    static let roots: Set<String> = [".authorities", ".issued", ".policies", ".emergency"]
    private static let historySuffix = ".history"

    /// Nil: a path that can never exist.
    init?(_ components: [String]) {
        let rest = Array(components.dropFirst())
        let found: SharingLocation? =
            switch components.first {
            case ".authorities": Self.authority(rest)
            case ".issued": Self.issuance(rest)
            case ".policies": Self.policy(rest)
            case ".emergency": Self.emergency(rest)
            default: nil
            }
        guard let found else { return nil }
        self = found
    }

    private static func authority(_ rest: [String]) -> SharingLocation? {
        switch rest.count {
        case 0: return .authorities
        case 1: return .authority(rest[0])
        case 2:
            guard let name = withoutHistorySuffix(rest[0]), let sequence = number(rest[1]) else { return nil }
            return .authorityVersion(name, sequence)
        default: return nil
        }
    }

    /// The authority whose history a name stands for.
    static func withoutHistorySuffix(_ name: String) -> String? {
        name.hasSuffix(historySuffix) && name.utf8.count > historySuffix.utf8.count ? String(name.dropLast(historySuffix.count)) : nil
    }

    private static func issuance(_ rest: [String]) -> SharingLocation? {
        switch rest.count {
        case 0: return .issued
        case 1: return .issuances(rest[0])
        case 2:
            guard let commitment = [UInt8](hexadecimal: rest[1]), commitment.count == 32, commitment.hexadecimal == rest[1] else { return nil }
            return .issuance(rest[0], commitment)
        default: return nil
        }
    }

    private static func policy(_ rest: [String]) -> SharingLocation? {
        switch rest.count {
        case 0: return .policies
        case 1: return .policiesOf(rest[0])
        case 2, 3:
            guard let section = FolderPath.Section(rawValue: rest[1]), section == .inbox || section == .exchange else { return nil }
            if rest.count == 2 { return .policySection(rest[0], section) }
            return (try? FolderPath(section: section, name: rest[2])).map { .policy(rest[0], $0) }
        default: return nil
        }
    }

    private static func emergency(_ rest: [String]) -> SharingLocation? {
        guard rest.count > 1 else { return rest.first.map { .grants($0) } ?? .emergencies }
        let parties = EmergencyParties(owner: rest[0], holder: rest[1])
        switch (rest.count, rest.dropFirst(2).first) {
        case (2, _): return .grant(parties)
        case (3, "request"): return .request(parties)
        case (3, "release"): return .release(parties)
        case (3, "requests"): return .pastRequests(parties)
        case (4, "requests"): return number(rest[3]).map { .pastRequest(parties, $0) }
        default: return nil
        }
    }

    /// A number in its one spelling.
    private static func number(_ text: String) -> UInt64? {
        guard let number = UInt64(text), String(number) == text, number <= UInt64(Int64.max) else { return nil }
        return number
    }
}

/// Whose records, and who may open them in an emergency: account names.
struct EmergencyParties: Hashable, Sendable {
    let owner: String
    let holder: String
}
