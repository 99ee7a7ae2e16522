/// How events are called in DICOM PS3.16 (context groups 400 to 403), which FHIR uses, too.

package struct AuditCode: Hashable, Sendable {
    package let code: String
    package let meaning: String

    init(_ code: String, _ meaning: String) {
        self.code = code
        self.meaning = meaning
    }

    static let application = AuditCode("110150", "Application")
    static let destination = AuditCode("110152", "Destination Role ID")
    static let source = AuditCode("110153", "Source Role ID")
}

extension AuditEvent.Kind {
    /// EventID.
    package var eventID: AuditCode {
        switch self {
        case .serverStarted, .serverStopped: AuditCode("110100", "Application Activity")
        case .login, .loginRefused, .logout: AuditCode("110114", "User Authentication")
        case .stored: AuditCode("110107", "Import")
        case .retrieved: AuditCode("110106", "Export")
        case .listed: AuditCode("110112", "Query")
        case .deleted, .renamed, .directoryCreated, .directoryRemoved, .factsChanged: AuditCode("110110", "Patient Record")
        case .handshakeRefused, .configurationReloaded, .headerChanged, .keysRegistered, .policySet, .authorityPublished, .keyIssued, .emergencyAccess,
            .emergencyGrantChanged, .accountAdded, .passwordSet, .accountDisabled, .accountEnabled, .accountChanged, .folderAdded, .folderChanged,
            .folderRemoved, .networkBanned, .banLifted, .sessionEnded:
            AuditCode("110113", "Security Alert")
        }
    }

    /// EventTypeCode, where the standard has one.
    package var eventType: AuditCode? {
        switch self {
        case .serverStarted: AuditCode("110120", "Application Start")
        case .serverStopped: AuditCode("110121", "Application Stop")
        case .login, .loginRefused: AuditCode("110122", "Login")
        case .logout: AuditCode("110123", "Logout")
        case .handshakeRefused: AuditCode("110126", "Node Authentication")
        case .emergencyAccess: AuditCode("110127", "Emergency Override Started")
        case .configurationReloaded, .networkBanned, .banLifted, .sessionEnded: AuditCode("110129", "Security Configuration")
        case .headerChanged, .policySet, .emergencyGrantChanged, .folderAdded, .folderChanged, .folderRemoved:
            AuditCode("110135", "Object Security Attributes Changed")
        case .keysRegistered, .authorityPublished, .keyIssued, .accountAdded, .passwordSet, .accountDisabled, .accountEnabled, .accountChanged:
            AuditCode("110137", "User Security Attributes Changed")
        case .stored, .retrieved, .listed, .deleted, .renamed, .directoryCreated, .directoryRemoved, .factsChanged: nil
        }
    }

    /// Create, read, update, delete or execute.
    package var action: String {
        switch self {
        case .stored, .directoryCreated: "C"
        case .retrieved: "R"
        case .renamed, .factsChanged: "U"
        case .deleted, .directoryRemoved: "D"
        default: "E"
        }
    }

    /// What happens to the object in its life (RFC 3881 §5.5.3).
    package var lifeCycle: AuditCode? {
        switch self {
        case .stored, .directoryCreated: AuditCode("1", "Origination / Creation")
        case .renamed, .factsChanged, .headerChanged, .policySet, .emergencyGrantChanged: AuditCode("3", "Amendment")
        case .retrieved, .listed, .emergencyAccess: AuditCode("6", "Access / Use")
        case .deleted, .directoryRemoved: AuditCode("14", "Logical deletion")
        default: nil
        }
    }

    /// Whether the owner takes part as a user of the system, not as the one of whom the records are.
    var isAboutUser: Bool {
        switch self {
        case .keysRegistered, .authorityPublished, .keyIssued, .accountAdded, .passwordSet, .accountDisabled, .accountEnabled,
            .accountChanged, .networkBanned, .banLifted, .sessionEnded:
            true
        default: false
        }
    }

    /// Where the data go relative to the actor: whoever pushes is their source, whoever fetches their destination.
    var actorRole: AuditCode? {
        switch self {
        case .stored: .source
        case .retrieved: .destination
        default: nil
        }
    }

    /// The server's own part.
    var serverRole: AuditCode {
        switch self {
        case .stored: .destination
        case .retrieved: .source
        default: .application
        }
    }
}

extension AuditEvent {
    /// What names the object: the record if it is one, its path otherwise.
    var objectID: String? { object.record.map { "urn:phr:record:\($0)" } ?? object.path }

    /// Facts about the object that neither standard has a field for.
    var details: [(String, String)] {
        var details: [(String, String)] = []
        if let target = object.target { details.append(("target", target)) }
        if let version = object.version { details.append(("version", "\(version)")) }
        if let count = object.byteCount { details.append(("bytes", "\(count)")) }
        if let index = object.ledgerIndex { details.append(("ledger.index", "\(index)")) }
        if let count = object.count { details.append(("count", "\(count)")) }
        return details
    }
}
