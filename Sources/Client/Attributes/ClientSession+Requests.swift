// Asking for attributes, and granting what was asked for.

internal import AttributeEncryption
internal import CanonicalEncoding
internal import Envelope
internal import FTPProtocol
internal import Keyring

/// What came of asking.
package struct RequestReport: Encodable, Sendable {
    package let authority: String
    /// Who gets the request: the authority, or somebody who issues for it.
    package let receiver: String
    package let attributes: [String]
    /// The identity that the key will be bound to.
    package let identity: String
    /// `mail`, or the file it was written to.
    package let handedOver: String
}

/// A request that waits for an answer.
package struct WaitingRequest: Encodable, Sendable {
    /// Names it when it is granted: its name in the mail folder, or the file.
    package let id: String
    package let sender: String
    package let authority: String
    package let attributes: [String]
    /// Seconds since 1970.
    package let time: UInt64
    /// What the sender's key of this epoch has already.
    package let holds: [String]
}

/// Requests that wait, and messages that are none or did not pass their checks.
package struct WaitingRequests: Encodable, Sendable {
    package let requests: [WaitingRequest]
    package let refused: [RefusedMessage]
}

extension ClientSession {
    private static let largestRequestAge: UInt64 = 90 * 86_400

    /// Asks an authority for attributes, with the proof that we own our identity.
    ///
    /// - Parameters:
    ///   - via: somebody who issues for the authority and is to get the request in its place.
    ///   - file: write the request to this file instead of mailing it.
    package func request(_ attributes: [String], from authority: String, via: String?, file: String?, mayReplace: Bool) async throws -> RequestReport {
        let texts = try Set(attributes.map { try GrantedAttribute(checking: $0) }).sorted().map(\.text)
        guard !texts.isEmpty, texts.count <= AttributeRequest.maximumAttributeCount else {
            throw ClientError(.usage, "ask for 1 to \(AttributeRequest.maximumAttributeCount) attributes")
        }
        let record = try await self.authority(authority).record
        let receiver = try await contact(via ?? authority)
        if let via, via != authority, !record.issuers.contains(receiver.bundle.signingKeyID) {
            throw ClientError(.usage, "\(via) does not issue for \(authority)", hint: "see who does: phr authority show \(authority)")
        }
        let signer = try keyring.signer()
        let request = try AttributeRequest(heading: heading(.attributeRequest, to: receiver.name), authority: authority, attributes: texts, signer: signer)
        let envelope = try seal(request.encoded(), .attributeRequest, for: receiver)
        if let file {
            let output = try OutputFile(file, mayReplace: mayReplace)
            try output.write(envelope)
            try output.commit()
        } else {
            try await mail(envelope, .attributeRequest, to: receiver.name)
        }
        return RequestReport(
            authority: authority, receiver: receiver.name, attributes: texts, identity: GlobalIdentifier.of(signingKey: signer.publicKey).hexadecimal,
            handedOver: file ?? "mail")
    }

    /// The requests in our mail.
    package func waitingRequests() async throws -> WaitingRequests {
        let (checked, refused) = try await checkedRequests()
        return WaitingRequests(requests: checked.map(\.report), refused: refused)
    }

    /// Grants the requests in our mail that `choose` picks, each with the attributes it asks for.
    package func grantRequests(
        options: IssueOptions, choose: (WaitingRequest) -> Bool, progress: IssueProgress
    ) async throws -> (granted: [IssueReport], refused: [RefusedMessage]) {
        try await takeReports()
        let (checked, refused) = try await checkedRequests()
        let chosen = checked.filter { choose($0.report) }
        var granted: [IssueReport] = []
        for (number, request) in chosen.enumerated() {
            progress(number, chosen.count, request.sender.name)
            granted.append(try await grant(request, options: options))
            try await remove(request.message)
        }
        return (granted, refused)
    }

    /// Takes a request off the list without granting it.
    package func declineRequests(choose: (WaitingRequest) -> Bool) async throws -> [WaitingRequest] {
        let declined = try await checkedRequests().checked.filter { choose($0.report) }
        for request in declined { try await remove(request.message) }
        return declined.map(\.report)
    }

    /// Grants a request that was handed over as a file.
    package func grantRequest(inFile path: String, options: IssueOptions) async throws -> IssueReport {
        let waiting = try message(inFile: path)
        do {
            return try await grant(try await check(waiting, id: path), options: options)
        } catch {
            throw ClientError(error).during(path)
        }
    }

    // MARK: Checking

    private struct CheckedRequest {
        let request: AttributeRequest
        let sender: CheckedContact
        let message: WaitingMessage
        let report: WaitingRequest
    }

    private func checkedRequests() async throws -> (checked: [CheckedRequest], refused: [RefusedMessage]) {
        var (messages, refused) = try await waitingMessages([.attributeRequest])
        var checked: [CheckedRequest] = []
        var nonces: Set<[UInt8]> = []
        for message in messages {
            let name = message.name ?? ""
            do {
                let request = try await check(message, id: name)
                guard nonces.insert(request.request.nonce).inserted else { throw ClientError(.tampered, "it is a copy of another request") }
                checked.append(request)
            } catch let error as ClientError {
                refused.append(RefusedMessage(name: name, reason: error.message))
            }
        }
        messages = []
        return (checked, refused)
    }

    /// Checks that whoever asks owns the identity that the ledger has under his name, and that the request is for us and new.
    private func check(_ message: WaitingMessage, id: String) async throws -> CheckedRequest {
        guard message.kind == .attributeRequest else {
            throw ClientError(.usage, "it holds \(message.kind.noun), not a request", hint: "take it with: phr accept \(id)")
        }
        let request = try message.message.document.withBytes { try AttributeRequest(decoding: $0) }
        let sender = try await sender(of: request.heading, message)
        guard request.signingKey == sender.bundle.signingKey else {
            throw ClientError(
                .tampered, "the request is signed by another identity than the ledger has for \(sender.name)",
                hint: "do not grant it: whoever made it does not own the identity of \(sender.name)")
        }
        guard let held = keyring.authority(request.authority, site: site) else {
            throw ClientError(.denied, "it asks for attributes of \(request.authority), for which this keyring cannot issue")
        }
        guard request.heading.time + Self.largestRequestAge >= now else {
            throw ClientError(.denied, "it is older than 90 days", hint: "let \(sender.name) ask again")
        }
        guard !held.hasGranted(requestNonce: request.nonce) else { throw ClientError(.denied, "it was granted before") }
        for attribute in request.attributes { _ = try GrantedAttribute(checking: attribute) }
        let current = held.current(of: GlobalIdentifier.of(signingKey: sender.bundle.signingKey))
        let report = WaitingRequest(
            id: id, sender: sender.name, authority: request.authority, attributes: request.attributes, time: request.heading.time,
            holds: Set(current.flatMap(\.attributes)).sorted())
        return CheckedRequest(request: request, sender: sender, message: message, report: report)
    }

    private func grant(_ request: CheckedRequest, options: IssueOptions) async throws -> IssueReport {
        let ready = try await readyAuthority(request.request.authority)
        if let chosen = options.authority, chosen != ready.held.name {
            throw ClientError(.usage, "the request is for \(ready.held.name), not for \(chosen)")
        }
        let attributes = try request.request.attributes.map { try GrantedAttribute(checking: $0) }
        var grant = try grant(attributes, to: request.sender, of: ready, options: options)
        grant.requestNonce = request.request.nonce
        return try await issue(grant, of: ready, options: options)
    }
}
