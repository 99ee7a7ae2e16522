/// What the helper says.

package enum PAMResponse: Equatable, Sendable {
    /// With the roles of the user: groups of the system, and what PAM's modules say.
    case accepted([String])
    case denied
    case expired
    case locked
    case mustChangePassword
    /// PAM wants one more answer; the text is PAM's, cleaned of control characters.
    case needsAnswer(String)
    /// PAM or the helper does not work; the text is for the operator.
    case failed(String)

    package static let maximumTextByteCount = 256
    package static let maximumRoles = PAMFrame.maximumFields
    /// The variable of PAM's environment in which a module may name roles, with commas between them.
    package static let rolesVariable = "PHRD_ROLES"

    /// Those that the protocol can carry, in order; names that are none, and what is too much, are left out.
    package static func roles(_ names: Set<String>) -> [String] {
        Array(names.filter { PAMRequest.isName($0.utf8) }.sorted().prefix(maximumRoles))
    }

    package var encoded: [UInt8] {
        switch self {
        case .accepted(let roles): PAMFrame.encoded(kind: 128, Self.roles(Set(roles)).map { Array($0.utf8) })
        case .denied: PAMFrame.encoded(kind: 129, [])
        case .expired: PAMFrame.encoded(kind: 130, [])
        case .locked: PAMFrame.encoded(kind: 131, [])
        case .mustChangePassword: PAMFrame.encoded(kind: 132, [])
        case .needsAnswer(let text): PAMFrame.encoded(kind: 133, [Self.clean(text)])
        case .failed(let text): PAMFrame.encoded(kind: 134, [Self.clean(text)])
        }
    }

    package init(parsing frame: [UInt8]) throws(PAMProtocolError) {
        let (kind, fields) = try PAMFrame.parse(frame)
        switch kind {
        case 128:
            var roles: [String] = []
            for (number, place) in fields.enumerated() {
                guard PAMRequest.isName(frame[place]) else { throw .badValue(field: number) }
                roles.append(String(decoding: frame[place], as: UTF8.self))
            }
            self = .accepted(roles)
        case 129...132:
            guard fields.isEmpty else { throw .badFields }
            self = [.denied, .expired, .locked, .mustChangePassword][Int(kind) - 129]
        case 133, 134:
            guard fields.count == 1 else { throw .badFields }
            let bytes = Array(frame[fields[0]])
            // What is not clean already did not come from our helper.
            guard bytes == Self.clean(String(decoding: bytes, as: UTF8.self)) else { throw .badValue(field: 0) }
            let text = String(decoding: bytes, as: UTF8.self)
            self = kind == 133 ? .needsAnswer(text) : .failed(text)
        default: throw .unknownKind(kind)
        }
    }

    /// Printable ASCII in one line: it goes into a reply of the server.
    private static func clean(_ text: String) -> [UInt8] {
        text.utf8.prefix(maximumTextByteCount).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
    }
}
