// What a policy in an envelope says to everyone, and what it says to the holder of certain keys.

internal import AttributeEncryption
internal import CanonicalEncoding

/// A policy of an envelope.
package struct PolicyFact: Encodable, Sendable {
    /// An authority as it stands in the envelope.
    package struct AuthorityFact: Encodable, Sendable {
        package let name: String
        /// Epoch of the key that was sealed under.
        package let epoch: UInt64
        package let keyFingerprint: String
    }

    /// Something that the keys at hand lack.
    package struct MissingFact: Encodable, Sendable {
        package let authority: String
        /// As in the policy: `doctor`, `clearance >= 3`, `valid in 2026-11`.
        package let attribute: String
        /// `notHeld`, `expired`, `wrongEpoch` or `revoked`.
        package let reason: String
        /// What to do about it.
        package let advice: String

        package var text: String {
            switch reason {
            case "expired": "\(authority):\(attribute) (your key for it has run out)"
            case "wrongEpoch": "\(authority):\(attribute) (your key for it is of another epoch)"
            case "revoked": "a key of \(authority) that is not revoked"
            default: "\(authority):\(attribute)"
            }
        }
    }

    /// Canonical text; anyone who holds the envelope can read it.
    package let text: String
    /// `FABEO` for one authority, `decentralised` for several.
    package let scheme: String
    package let authorities: [AuthorityFact]
    /// Some attributes stand as keyed hashes.
    package let hasHiddenNames: Bool
    /// Bytes of the attribute header.
    package let byteCount: Int
    /// Whether the keys at hand satisfy it; `nil` when no keys were looked at.
    package let isSatisfied: Bool?
    /// Attributes at hand that it names.
    package let usable: [String]
    /// Sets of attributes each of which would be enough, the smallest first.
    package let missing: [[MissingFact]]

    init(_ facts: HeaderFacts, heldBy keys: [AttributeKey]?, at month: Month) {
        text = facts.policy.text
        scheme = Self.name(of: facts.suite)
        authorities = facts.authorities.map { AuthorityFact(name: $0.name, epoch: $0.epoch, keyFingerprint: $0.fingerprint.hexadecimal) }
        hasHiddenNames = facts.policy.text.contains("~h")
        byteCount = facts.byteCount
        let explanation = keys.map { facts.explain($0, at: month) }
        isSatisfied = explanation?.isSatisfied
        usable = explanation?.usable ?? []
        missing = explanation?.missing.map { $0.map(MissingFact.init) } ?? []
    }

    static func name(of suite: Suite) -> String { suite == .singleAuthority ? "FABEO" : "decentralised" }

    /// The shortest thing to say to who cannot open it: `stmary:cardiology and alice:care-team`.
    package var need: String? {
        guard isSatisfied == false else { return nil }
        return missing.first.map { $0.map(\.text).joined(separator: " and ") } ?? "other attributes"
    }
}

extension PolicyFact.MissingFact {
    init(_ missing: Explanation.Missing) {
        authority = missing.authority
        attribute = missing.attribute
        reason = missing.reason.rawValue
        advice =
            switch missing.reason {
            case .notHeld: "ask with: phr request \(missing.authority) \(missing.requestable)"
            case .expired, .wrongEpoch: "ask for a new key: phr request \(missing.authority) \(missing.requestable)"
            case .revoked: "ask \(missing.authority) why"
            }
    }
}

extension Explanation.Missing {
    /// An attribute that meets the clause: `clearance=3` meets `clearance >= 3`. `nil` for hidden names and months.
    var grantable: String? {
        let words = attribute.split(separator: " ")
        guard words.count == 3 else { return attribute.hasPrefix("~") ? nil : attribute }
        guard words[0] != "valid" else { return nil }
        let bound = String(words[2]).split(separator: "..").first.map(String.init) ?? String(words[2])
        return "\(words[0])=\(bound)"
    }

    /// What to write behind `phr request AUTHORITY`.
    fileprivate var requestable: String {
        if let grantable { return grantable }
        return attribute.hasPrefix("~") ? "ATTRIBUTE (its name is hidden)" : "ATTRIBUTE (any, for that month)"
    }
}
