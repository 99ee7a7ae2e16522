// A process killed at any moment: everything acknowledged is there afterwards, and nothing is torn.

import Crypto
import Foundation
import GRDB
import Glibc
import Ledger
import Synchronization
import Testing

/// Storage that kills its own process in front of or behind a step of a later block.
private final class KillingStorage: LedgerStorage {
    enum Moment: Int, Codable, Sendable, CaseIterable { case beforeInsert, afterInsert, beforeCommit, afterCommit, afterAnchor }

    private let base: any LedgerStorage
    private let moment: Moment
    private let remaining: Mutex<Int>

    init(_ base: any LedgerStorage, moment: Moment, blocks: Int) {
        self.base = base
        self.moment = moment
        remaining = Mutex(blocks)
    }

    func insert(_ rows: [EntryRow], into database: Database) throws {
        strike(.beforeInsert)
        try base.insert(rows, into: database)
        strike(.afterInsert)
    }

    func commit(_ database: Database) throws {
        strike(.beforeCommit)
        try base.commit(database)
        strike(.afterCommit)
    }

    func writeAnchor(_ checkpoint: String) throws {
        try base.writeAnchor(checkpoint)
        strike(.afterAnchor)
    }

    func close() { base.close() }

    private func strike(_ now: Moment) {
        guard now == moment else { return }
        let isTime = remaining.withLock { remaining in
            remaining -= 1
            return remaining < 0
        }
        if isTime { kill(getpid(), SIGKILL) }
    }
}

/// Where the child writes down what it was told is durable.
private final class Acknowledgements: Sendable {
    private let file: Mutex<FileHandle>

    init(path: String) throws {
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        try handle.seekToEnd()
        file = Mutex(handle)
    }

    func note(index: UInt64, seed: Int) throws {
        try file.withLock { try $0.write(contentsOf: Data("\(index) \(seed)\n".utf8)) }
    }
}

/// What the child does: submits from many tasks and notes each acknowledgement in a file.
private func submitUntilKilled(
    in folder: String, round: Int, killing: (moment: KillingStorage.Moment, blocks: Int)?, milliseconds: Int = 0
) async throws {
    let pool = try LedgerDatabase.open(path: folder + "/ledger.db")
    let ledger = try Ledger.open(
        database: pool, keys: Fixture.keys, anchor: folder + "/anchor",
        storage: { base in
            killing.map { KillingStorage(base, moment: $0.moment, blocks: $0.blocks) } ?? base
        })
    let acknowledgements = try Acknowledgements(path: folder + "/acknowledged")
    if killing == nil {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
            kill(getpid(), SIGKILL)
        }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<16 {
            group.addTask {
                for number in 0..<100_000 {
                    let seed = (round * 16 + worker) * 1_000_000 + number
                    let (_, receipt) = try await ledger.submit([Fixture.record(seed)]) { database, indices in
                        try database.execute(sql: "INSERT INTO catalogue VALUES (?, ?)", arguments: [seed, Int64(indices[0])])
                    }
                    try acknowledgements.note(index: receipt.indices[0], seed: seed)
                }
            }
        }
        try await group.waitForAll()
    }
}

@Suite(.serialized) struct CrashTests {
    private static func prepare() throws -> TemporaryFolder {
        let test = try TestLedger()
        try test.pool.write { try $0.execute(sql: "CREATE TABLE catalogue (seed INTEGER PRIMARY KEY, idx INTEGER NOT NULL UNIQUE)") }
        test.ledger.close()
        try test.pool.close()
        #expect(FileManager.default.createFile(atPath: test.folder("acknowledged"), contents: nil))
        return test.folder
    }

    private static func verify(_ folder: TemporaryFolder) throws {
        let (ledger, pool) = try TestLedger.reopen(folder)
        let report = try ledger.check(full: true)
        #expect(report.isClean, "\(report.problems)")
        let lines = try String(contentsOfFile: folder("acknowledged"), encoding: .utf8).split(separator: "\n")
        for line in lines {
            let fields = line.split(separator: " ")
            let (index, seed) = (try #require(UInt64(fields[0])), try #require(Int(fields[1])))
            guard case .transaction(let transaction) = try LogEntry(decoding: ledger.entry(at: index)) else {
                Issue.record("acknowledged entry \(index) is not there")
                continue
            }
            #expect(transaction.body == Fixture.record(seed))
        }
        // The caller's rows and the log tell the same story.
        let rows = try pool.read { try Row.fetchAll($0, sql: "SELECT seed, idx FROM catalogue") }
        #expect(rows.count == Int(report.transactionCount))
        #expect(rows.count >= lines.count)
        ledger.close()
        try pool.close()
    }

    @Test(arguments: KillingStorage.Moment.allCases.map(\.rawValue)) func killedAtAStep(moment: Int) async throws {
        let folder = try Self.prepare()
        for blocks in [0, 3] {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String, moment = moment as Int, blocks = blocks as Int] in
                let moment = try #require(KillingStorage.Moment(rawValue: moment))
                try await submitUntilKilled(in: path, round: blocks, killing: (moment, blocks))
            }
            try Self.verify(folder)
        }
    }

    @Test func killedAtRandom() async throws {
        let folder = try Self.prepare()
        for round in 0..<6 {
            let milliseconds = Int.random(in: 20...250)
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String, round = round as Int, milliseconds = milliseconds as Int] in
                try await submitUntilKilled(in: path, round: round, killing: nil, milliseconds: milliseconds)
            }
            try Self.verify(folder)
        }
        #expect(try !String(contentsOfFile: folder("acknowledged"), encoding: .utf8).isEmpty)
    }
}
