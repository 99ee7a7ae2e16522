// Errors of attribute encryption as errors of an envelope.

internal import AttributeEncryption

extension EnvelopeError {
    init(_ error: AttributeError, at place: String) {
        let code: Code =
            switch error.code {
            case .malformed: .malformed
            case .unsupportedSuite: .unsupported
            case .limitExceeded: .limitExceeded
            case .tampered, .invalidKey: .tampered
            default: .notSatisfied
            }
        self.init(code, error.reason, at: place)
    }
}
