/// Counts what running uploads will add to what accounts and folders hold, so that several at once do not go past a quota together.
///
/// Invariants
/// 1. What is stored is the catalogue's to say. What is kept here dies with the process and only makes refusals come early.
/// 2. The last word is the commit's (`QuotaClaim.settle`), which sees every commit before it.
import RecordStore
import Synchronization

final class QuotaKeeper: Sendable {
    /// Whose quota it is.
    enum Holder: Hashable, Sendable {
        /// By pseudonym.
        case account([UInt8])
        /// By path.
        case folder(String)
    }

    private struct Held {
        /// As the catalogue said last.
        var stored: Usage
        /// What running uploads add.
        var pending = Usage()
        var claims = 0
    }

    private let state = Mutex<[Holder: Held]>([:])

    func open(_ holder: Holder, stored: Usage, adding: Usage) {
        state.withLock { state in
            var held = state[holder] ?? Held(stored: stored)
            held.stored = stored
            held.claims += 1
            held.pending = held.pending + adding
            state[holder] = held
        }
    }

    /// An upload has grown. Returns what is stored and under way together.
    func grow(_ holder: Holder, by growth: Usage) -> Usage {
        state.withLock { state in
            guard var held = state[holder] else { return Usage() }
            held.pending = held.pending + growth
            state[holder] = held
            return held.stored + held.pending
        }
    }

    /// The catalogue was read again.
    func refresh(_ holder: Holder, stored: Usage) { state.withLock { $0[holder]?.stored = stored } }

    /// An upload is over and has added what it claimed, or nothing.
    /// - Parameter stored: what the catalogue says now, if it was asked.
    func close(_ holder: Holder, adding: Usage, stored: Usage?) {
        state.withLock { state in
            guard var held = state[holder] else { return }
            held.claims -= 1
            held.pending = held.pending - adding
            if let stored { held.stored = stored }
            state[holder] = held.claims == 0 ? nil : held
        }
    }
}
