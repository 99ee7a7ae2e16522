// The one error type of the client's application: a status to act on, what happened, and what to do.

package import AttributeEncryption
package import Envelope
package import FTPClient
internal import FTPProtocol
package import Keyring
package import Ledger
internal import Transport

/// Why a command failed. Two errors are equal when their statuses are.
package struct ClientError: Error, Sendable {
    package let status: CommandStatus
    package let message: String
    /// Lines that show more: the place in a policy, or what is missing.
    package let details: [String]
    package let hint: String?

    package init(_ status: CommandStatus, _ message: String, details: [String] = [], hint: String? = nil) {
        self.status = status
        self.message = message
        self.details = details
        self.hint = hint
    }

    /// Any error as a `ClientError`.
    package init(_ error: any Error) {
        self = ClientError(known: error) ?? ClientError(.internalFailure, "\(error)")
    }

    /// An error of the client or of the targets below it; `nil` for another, such as the argument parser's.
    package init?(known error: any Error) {
        switch error {
        case let error as ClientError: self = error
        case let error as FTPClientError: self.init(error)
        case let error as EnvelopeError: self.init(error)
        case let error as LedgerError: self.init(error)
        case let error as KeyringError: self.init(error)
        case let error as AttributeError: self.init(error)
        case let error as PolicyError: self.init(.usage, "the policy cannot be read: \(error)")
        case let error as TransportError: self.init(.network, error.description)
        default: return nil
        }
    }

    /// The same error with what was being done in front of its message.
    package func during(_ what: String) -> ClientError {
        message.contains(what) ? self : ClientError(status, "\(what): \(message)", details: details, hint: hint)
    }
}

extension ClientError: Equatable {
    package static func == (a: ClientError, b: ClientError) -> Bool { a.status == b.status }
}

extension ClientError: CustomStringConvertible {
    package var description: String { message }
}

extension ClientError {
    package init(_ error: FTPClientError) {
        switch error {
        case .loginRefused(let reply) where reply.code != 421:
            self.init(.denied, error.description, hint: "check the account and its password: phr login …")
        case .refused(_, let reply), .loginRefused(let reply):
            self.init(Self.status(of: reply), error.description)
        case .untrusted:
            self.init(.network, error.description, hint: "compare the certificate with the site's, then log in again with --ca or --pin")
        case .truncated:
            self.init(.truncated, error.description, hint: "run the command again: it goes on where it was cut off")
        case .unsafeName(let name):
            self.init(.usage, "the name \(name) cannot be used")
        case .malformedListing, .listingTooLarge, .malformedReply, .unexpected, .injectedReplies, .tlsRefused:
            self.init(.network, error.description, hint: "this server does not behave as an FTPS server should; check its address")
        case .cannotConnect, .tlsFailed, .timedOut, .connectionLost:
            self.init(.network, error.description)
        }
    }

    private static func status(of reply: Reply) -> CommandStatus {
        switch reply.code {
        // 550 is the one reply for "not there" and "not yours" (RFC 959); our own server's words tell them apart.
        case 550: reply.text.lowercased().contains("denied") ? .denied : .notFound
        case 530, 532, 534, 552, 553: .denied
        case 421, 425, 426, 450, 451, 452: .tryLater
        default: .network
        }
    }

    package init(_ error: EnvelopeError) {
        switch error.code {
        case .wrongKey: self.init(.wrongKey, error.description, hint: "ask the owner to share it with you")
        case .unusablePolicy: self.init(.usage, error.description)
        case .notSatisfied: self.init(.policyNotSatisfied, error.description, hint: "phr info says what is missing")
        case .tampered, .commitmentMismatch, .wrongSigner: self.init(.tampered, error.description)
        case .truncated, .incomplete: self.init(.truncated, error.description)
        case .malformed, .limitExceeded: self.init(.tampered, error.description)
        case .unsupported: self.init(.internalFailure, error.description, hint: "a newer phr may know it")
        case .source: self.init(.internalFailure, error.description)
        }
    }

    package init(_ error: AttributeError) {
        let status: CommandStatus =
            switch error.code {
            case .notSatisfied, .wrongEpoch, .expired, .revoked, .wrongIdentity: .policyNotSatisfied
            case .malformed, .invalidKey, .invalidSignature, .notASuccessor, .authorityChanged, .tampered: .tampered
            case .limitExceeded, .unusablePolicy: .usage
            case .unknownAuthority: .notFound
            case .unsupportedSuite: .internalFailure
            }
        self.init(status, error.reason, details: error.explanation?.lines ?? [], hint: error.hint)
    }

    package init(_ error: LedgerError) {
        switch error.code {
        case .rollback, .fork, .consistencyNeeded:
            self.init(.logMisbehaviour, error.description, hint: "tell the site's operator and keep your ~/.phr: it holds the evidence")
        case .unknownKey, .badSignature, .proofMismatch, .commitmentMismatch, .malformedProof, .malformedNote, .malformedEntry, .outOfRange:
            self.init(.notOnLedger, error.description)
        default: self.init(.internalFailure, error.description)
        }
    }

    package init(_ error: KeyringError) {
        if case .cannotWrite = error {
            self.init(.cannotWrite, error.description, hint: error.hint)
        } else {
            self.init(.configuration, error.description, hint: error.hint)
        }
    }
}
