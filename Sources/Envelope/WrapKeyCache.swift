// A reader's memory of wrap keys, so that files sealed in one session cost one decapsulation.

internal import Synchronization

/// Wrap keys by the hash of their stanza list; the oldest goes first when it is full.
///
/// An entry is given out only to a caller who holds the key or passphrase that opened it.
package final class WrapKeyCache: Sendable {
    private struct State {
        var keys: [[UInt8]: WrapKey] = [:]
        var order: [[UInt8]] = []
    }

    private let capacity: Int
    private let state = Mutex(State())

    package init(capacity: Int = 256) {
        self.capacity = max(1, capacity)
    }

    /// The wrap key of these stanzas, from memory or by unwrapping.
    package func wrapKey(opening stanzas: [Stanza], with identities: [Identity]) throws(EnvelopeError) -> WrapKey {
        let name = WrapKey.stanzaHash(of: stanzas)
        let known = state.withLock { $0.keys[name] }
        if let known, known.wasOpened(byOneOf: identities) { return known }
        let key = try WrapKey(opening: stanzas, with: identities)
        remember(key, as: name)
        return key
    }

    package var count: Int { state.withLock { $0.keys.count } }

    /// Forgets everything, such as when a key store is locked.
    package func removeAll() {
        state.withLock { $0 = State() }
    }

    private func remember(_ key: WrapKey, as name: [UInt8]) {
        state.withLock { state in
            if state.keys.updateValue(key, forKey: name) == nil { state.order.append(name) }
            while state.order.count > capacity { state.keys[state.order.removeFirst()] = nil }
        }
    }
}
