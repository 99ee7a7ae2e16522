// What was read from the site database, read again only when another process or this one has changed it.
import GRDB
import Synchronization

final class TableCache<Value: Sendable>: Sendable {
    private struct Reading {
        /// Changes with every commit of another connection.
        let dataVersion: Int64
        /// Changes with every commit through the cache's owner.
        let generation: Int
        let value: Value
    }

    private struct State {
        var generation = 0
        var reading: Reading?
    }

    private let state = Mutex(State())

    /// The owner has changed the table.
    func expire() { state.withLock { $0.generation += 1 } }

    /// The value as of now. Blocks for a query that costs microseconds, or for `read`.
    func value(_ database: DatabaseQueue, read: (Database) throws -> Value) throws -> Value {
        let (generation, earlier) = state.withLock { ($0.generation, $0.reading) }
        let reading = try database.read { db in
            let version = try Int64.fetchOne(db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
            if let earlier, earlier.dataVersion == version, earlier.generation == generation { return earlier }
            return Reading(dataVersion: version, generation: generation, value: try read(db))
        }
        state.withLock { $0.reading = reading }
        return reading.value
    }
}
