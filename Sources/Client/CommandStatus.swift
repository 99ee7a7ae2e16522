// The exit codes of `phr`: stable, so that scripts can rely on them.

/// What became of a command, as its exit code tells it.
package enum CommandStatus: Int32, Sendable, CaseIterable {
    case done = 0
    case usage = 64
    case tampered = 65
    case truncated = 66
    case notOnLedger = 67
    case staleHeader = 68
    case network = 69
    case internalFailure = 70
    case cannotWrite = 73
    case tryLater = 75
    case logMisbehaviour = 76
    case wrongKey = 77
    case configuration = 78
    case denied = 79
    case notFound = 80
    case policyNotSatisfied = 81

    /// One line for `--help`.
    package var explanation: String {
        switch self {
        case .done: "done"
        case .usage: "wrong usage"
        case .tampered: "data, a key or a proof was changed"
        case .truncated: "data ends too early"
        case .notOnLedger: "the ledger does not prove it"
        case .staleHeader: "the server showed an older state than seen before"
        case .network: "the server cannot be reached or trusted, or the connection was lost"
        case .internalFailure: "internal error"
        case .cannotWrite: "an output file cannot be written"
        case .tryLater: "the server cannot do it now"
        case .logMisbehaviour: "the ledger contradicts itself (fork or rollback)"
        case .wrongKey: "no key of yours opens it"
        case .configuration: "the keyring or the profile cannot be used"
        case .denied: "login failed or not permitted"
        case .notFound: "not found"
        case .policyNotSatisfied: "your attributes do not satisfy the record's policy"
        }
    }
}
