/// Why an audit log cannot be read or written.

package enum AuditError: Error, Equatable, CustomStringConvertible {
    case notAnEvent(String)
    /// The chain breaks at a line of a file, counted from 1.
    case broken(file: String, line: Int, reason: String)
    case notWritable(String)
    case stopped

    package var description: String {
        switch self {
        case .notAnEvent(let reason): "this line is no audit event: \(reason)"
        case .broken(let file, let line, let reason): "\(file):\(line): \(reason)"
        case .notWritable(let path): "\(path): cannot be made"
        case .stopped: "the audit log has stopped"
        }
    }
}
