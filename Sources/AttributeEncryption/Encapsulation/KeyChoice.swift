// Which of a holder's keys open a header; and if none do, why.

/// Tries one key an authority, all of one identity.
struct KeyChoice {
    private let header: EncapsulationHeader
    private let keys: [AttributeKey]
    private let month: Month

    init(_ header: EncapsulationHeader, keys: [AttributeKey], month: Month) {
        self.header = header
        self.keys = keys
        self.month = month
    }

    /// The opening with the fewest rows.
    ///
    /// - Throws: `authorityChanged` when the header has other points for an authority whose key is held; else why nothing opens.
    func opening() throws(AttributeError) -> HeaderOpening {
        var openings: [HeaderOpening] = []
        for identity in byIdentity(keys.filter { $0.validity.contains(month) }) {
            let matching = identity.compactMap { key in authority(of: key).map { (authority: $0, key: key) } }
            try checkPoints(matching)
            let elements = matching.map { (authority: $0.authority, elements: $0.key.elements) }
            if let opening = HeaderOpening.cheapest(header, elements, identity: .global(identity[0].gid)) { openings.append(opening) }
        }
        guard let best = openings.min(by: { $0.rows.count < $1.rows.count }) else { throw refusal() }
        return best
    }

    /// Index of the header's authority under whose very key this one was issued.
    private func authority(of key: AttributeKey) -> Int? {
        header.authorities.firstIndex { $0.fingerprint == key.publicKeyFingerprint }
    }

    private func byIdentity(_ keys: [AttributeKey]) -> [[AttributeKey]] {
        var order: [[UInt8]] = []
        for key in keys where !order.contains(key.gid) { order.append(key.gid) }
        return order.map { gid in keys.filter { $0.gid == gid } }
    }

    /// A header that names a known key but carries other points was not made for that authority.
    private func checkPoints(_ matching: [(authority: Int, key: AttributeKey)]) throws(AttributeError) {
        guard header.suite == .decentralized else { return }
        for (authority, key) in matching where header.authorities[authority].points != key.summary.authorityPoints {
            throw AttributeError(.authorityChanged, "the header has another key for \(key.authority) than the one your key was issued under")
        }
    }

    // MARK: Why not

    private func refusal() -> AttributeError {
        let explanation = bestExplanation()
        func error(_ code: AttributeError.Code, _ reason: String, hint: String? = nil) -> AttributeError {
            AttributeError(code, reason, hint: hint, explanation: explanation)
        }
        if opens(Ignoring(validity: true)) {
            return error(.expired, "the attributes are held, but in keys outside their validity", hint: "ask the authority to issue them again")
        }
        if opens(Ignoring(revocations: true)) {
            return error(.revoked, "the attributes are held, but the authority had revoked this key when the record was sealed")
        }
        if opens(Ignoring(fingerprint: true)) {
            let changed = keys.first { key in
                header.states[key.authority].map { $0.epoch == key.epoch } ?? false && authority(of: key) == nil
            }
            if let changed {
                return error(.authorityChanged, "\(changed.authority) has another key in epoch \(changed.epoch) than the one your key was issued under")
            }
            return error(.wrongEpoch, "the attributes are held, but in keys of another epoch", hint: "ask the authority to issue them again")
        }
        if opens(Ignoring(identity: true)) {
            return error(.wrongIdentity, "only keys of different identities together would satisfy the policy")
        }
        return error(.notSatisfied, explanation.lines.first ?? "the policy is not satisfied")
    }

    private struct Ignoring {
        var validity = false
        var revocations = false
        var fingerprint = false
        var identity = false
    }

    private func opens(_ ignoring: Ignoring) -> Bool {
        let states = header.states.mapValues { AuthorityState(epoch: $0.epoch, revocations: ignoring.revocations ? nil : $0.revocations) }
        return (ignoring.identity ? [keys] : byIdentity(keys)).contains { group in
            let held = group.compactMap { self.held($0, ignoring) }
            return header.policy.explain(held, at: month, authorities: states).isSatisfied
        }
    }

    /// The key under the name that the header has for its authority.
    private func held(_ key: AttributeKey, _ ignoring: Ignoring) -> HeldAttributes? {
        let validity = ignoring.validity ? month...month : key.validity
        if let index = authority(of: key) { return key.held.renamed(header.policy.authorities[index], epoch: key.epoch, validity: validity) }
        guard let state = header.states[key.authority] else { return nil }
        // The same name and epoch with another key is another authority to a header.
        let epoch = ignoring.fingerprint ? nil : key.epoch == state.epoch ? key.epoch &+ 1 : key.epoch
        return key.held.renamed(key.authority, epoch: epoch, validity: validity)
    }

    private func bestExplanation() -> Explanation {
        let explanations = byIdentity(keys).map { group in
            header.policy.explain(group.compactMap { held($0, Ignoring()) }, at: month, authorities: header.states)
        }
        return explanations.min { ($0.missing.first?.count ?? 0) < ($1.missing.first?.count ?? 0) }
            ?? header.policy.explain([], at: month, authorities: header.states)
    }
}
