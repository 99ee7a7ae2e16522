// From the text of a policy, as users type it, to something to seal for.

internal import AttributeEncryption
internal import Crypto
internal import Envelope
internal import Glibc
internal import Keyring

/// Seconds since 1970.
func currentTime() -> Int64 { Int64(time(nil)) }

extension ClientError {
    /// A policy that cannot be read, with the place below its text.
    init(_ error: PolicyError, in text: String) {
        var details: [String] = []
        if let column = error.column {
            let around = 60
            let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
            let start = max(0, column - 1 - around)
            let shown = scalars[min(start, scalars.count)..<min(scalars.count, column - 1 + around)]
            details = [String(shown), String(repeating: " ", count: column - 1 - start) + "^"]
        }
        self.init(
            .usage, "the policy cannot be read: \(error)", details: details, hint: "for example: \"alice:care-team or (stmary:doctor and stmary:cardiology)\"")
    }
}

extension Policy {
    /// Reads a policy; a bad one is shown with its place.
    ///
    /// - Parameter month: what `valid now` is to mean; `nil` leaves it open.
    init(typed text: String, sealedAt month: Month?) throws(ClientError) {
        do {
            try self.init(parsing: text, sealedAt: month)
        } catch {
            throw ClientError(error, in: text)
        }
    }
}

extension ClientSession {
    /// A policy as typed, with hidden names where its authorities hide them.
    ///
    /// - Parameter keepingNow: leave `valid now` open, for a policy that is to be sealed under many times.
    func policy(typed text: String, keepingNow: Bool = false) async throws -> Policy {
        let policy = try Policy(typed: text, sealedAt: keepingNow ? nil : Month(secondsSince1970: currentTime()))
        var nameKeys: [String: SymmetricKey] = [:]
        for name in policy.authoritiesNamedPlainly.sorted() where try await authority(name).record.hidesNames {
            guard let key = keyring.nameKey(ofAuthority: name, site: log.origin) else {
                throw ClientError(
                    .configuration, "the attributes of \(name) are hidden, and you have no key that hides them",
                    hint: "ask \(name) for a key of your own, or for the policy with hidden names")
            }
            nameKeys[name] = key
        }
        do {
            return try policy.hidingNames { nameKeys[$0] }
        } catch {
            throw ClientError(error, in: text)
        }
    }

    /// Everyone who satisfies a policy, under the newest records of its authorities.
    func recipient(_ policy: Policy) async throws -> Recipient {
        var records: [String: AuthorityRecord] = [:]
        for name in policy.authorities { records[name] = try await authority(name).record }
        return .policy(policy, records)
    }
}
