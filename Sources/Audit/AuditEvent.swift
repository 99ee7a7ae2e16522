/// What happened on a site, once, for every form in which it is told: JSON lines, DICOM audit messages, FHIR AuditEvents.

package struct AuditEvent: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case serverStarted = "server-started"
        case serverStopped = "server-stopped"
        case configurationReloaded = "configuration-reloaded"
        case handshakeRefused = "handshake-refused"
        case login
        case loginRefused = "login-refused"
        case logout
        case stored
        case retrieved
        case listed
        case deleted
        case renamed
        /// By a user, within a folder of the site.
        case directoryCreated = "directory-created"
        case directoryRemoved = "directory-removed"
        /// The time of a record that its sender gives.
        case factsChanged = "facts-changed"
        case headerChanged = "header-changed"
        case keysRegistered = "keys-registered"
        case policySet = "policy-set"
        case authorityPublished = "authority-published"
        case keyIssued = "key-issued"
        case emergencyAccess = "emergency-access"
        /// Prepared, or withdrawn, by its owner.
        case emergencyGrantChanged = "emergency-grant-changed"
        case accountAdded = "account-added"
        case passwordSet = "password-set"
        case accountDisabled = "account-disabled"
        case accountEnabled = "account-enabled"
        /// Limits or certificates.
        case accountChanged = "account-changed"
        case folderAdded = "folder-added"
        /// Quota or rules.
        case folderChanged = "folder-changed"
        case folderRemoved = "folder-removed"
        case networkBanned = "network-banned"
        case banLifted = "ban-lifted"
        /// By the operator.
        case sessionEnded = "session-ended"
    }

    /// As in RFC 3881 §5.1.4, on which both standards build.
    package enum Outcome: String, CaseIterable, Sendable {
        case success
        case refused
        case failed

        /// 0 success, 4 minor, 8 serious failure.
        package var code: String {
            switch self {
            case .success: "0"
            case .refused: "4"
            case .failed: "8"
            }
        }
    }

    /// Who did it. All nil: the server itself.
    package struct Actor: Hashable, Sendable {
        package var account: String?
        package var role: String?
        /// Numeric.
        package var address: String?
        package var port: UInt16?
        package var tls: String?

        package init(account: String? = nil, role: String? = nil, address: String? = nil, port: UInt16? = nil, tls: String? = nil) {
            self.account = account
            self.role = role
            self.address = address
            self.port = port
            self.tls = tls
        }
    }

    /// To what it was done.
    package struct Object: Hashable, Sendable {
        package var path: String?
        /// The new path of what was renamed.
        package var target: String?
        /// The account whose records these are.
        package var owner: String?
        /// Record id, hexadecimal.
        package var record: String?
        package var version: UInt64?
        package var byteCount: UInt64?
        package var ledgerIndex: UInt64?
        /// How many events of the kind this one stands for; nil for itself alone.
        package var count: UInt64?

        package init(
            path: String? = nil, target: String? = nil, owner: String? = nil, record: String? = nil, version: UInt64? = nil,
            byteCount: UInt64? = nil, ledgerIndex: UInt64? = nil, count: UInt64? = nil
        ) {
            self.path = path
            self.target = target
            self.owner = owner
            self.record = record
            self.version = version
            self.byteCount = byteCount
            self.ledgerIndex = ledgerIndex
            self.count = count
        }
    }

    package var kind: Kind
    package var outcome: Outcome
    /// Unix milliseconds.
    package var milliseconds: Int64
    /// The site that says so: the origin of its ledger.
    package var site: String
    package var actor: Actor
    package var object: Object
    /// Why it was refused or failed. Never a secret.
    package var reason: String?

    package init(
        _ kind: Kind, _ outcome: Outcome = .success, milliseconds: Int64, site: String, actor: Actor = Actor(), object: Object = Object(), reason: String? = nil
    ) {
        self.kind = kind
        self.outcome = outcome
        self.milliseconds = milliseconds
        self.site = site
        self.actor = actor
        self.object = object
        self.reason = reason
    }
}
