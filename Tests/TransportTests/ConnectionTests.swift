import Foundation
import Synchronization
import Testing
import Transport

@Suite(.timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test func carriesBytesBothWays() async throws {
        try await onLoop { loop in
            let pair = try await ConnectionPair.make(on: loop)
            defer { pair.close() }
            let sent = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            async let received = pair.server.readAll(upTo: sent.count)
            try await pair.client.write(sent, timeout: .seconds(5))
            #expect(try await received == sent)
            try await pair.server.write([1, 2, 3], timeout: .seconds(5))
            #expect(try await pair.client.readAll(upTo: 3) == [1, 2, 3])
        }
    }

    @Test func readTimesOut() async throws {
        try await onLoop { loop in
            let pair = try await ConnectionPair.make(on: loop)
            defer { pair.close() }
            await #expect(throws: TransportError.timedOut("reading")) { try await pair.server.readAll(upTo: 1, timeout: .milliseconds(50)) }
            // A time-out loses nothing: the next read gets what comes later.
            try await pair.client.write([9], timeout: .seconds(1))
            #expect(try await pair.server.readAll(upTo: 1) == [9])
        }
    }

    /// The rest of a time that is just over is a negative fraction of a second.
    @Test(arguments: [Duration.zero, .nanoseconds(-1), .milliseconds(-1), .milliseconds(-1500), .seconds(-5)])
    func whatIsOverTimesOutAtOnce(_ rest: Duration) async throws {
        try await onLoop { loop in
            let pair = try await ConnectionPair.make(on: loop)
            defer { pair.close() }
            await #expect(throws: TransportError.timedOut("reading")) { try await pair.server.readAll(upTo: 1, timeout: rest) }
            await loop.sleep(for: rest)
        }
    }

    @Test func interruptedReadLosesNothing() async throws {
        try await onLoop { loop in
            let pair = try await ConnectionPair.make(on: loop)
            defer { pair.close() }
            let waiting = Task(executorPreference: loop) { try await pair.server.readAll(upTo: 1, timeout: .seconds(30)) }
            await loop.sleep(for: .milliseconds(20))
            pair.server.interruptRead()
            await #expect(throws: TransportError.interrupted) { try await waiting.value }
            try await pair.client.write([5], timeout: .seconds(1))
            #expect(try await pair.server.readAll(upTo: 1) == [5])
        }
    }

    @Test func closingWakesAWaitingRead() async throws {
        try await onLoop { loop in
            let pair = try await ConnectionPair.make(on: loop)
            defer { pair.close() }
            let waiting = Task(executorPreference: loop) { try await pair.server.readAll(upTo: 1, timeout: .seconds(30)) }
            await loop.sleep(for: .milliseconds(20))
            pair.server.close()
            await #expect(throws: TransportError.closed) { try await waiting.value }
        }
    }

    @Test func manyRoundTripsNeverHang() async throws {
        // A lost wake-up would show as a time-out; the race needs many tries.
        try await onLoop { loop in
            let pair = try await ConnectionPair.make(on: loop)
            defer { pair.close() }
            let echo = Task(executorPreference: loop) {
                while case let bytes = try await pair.server.readAll(upTo: 1), !bytes.isEmpty { try await pair.server.write(bytes, timeout: .seconds(5)) }
            }
            for round in 0..<20_000 {
                let byte = UInt8(truncatingIfNeeded: round)
                try await pair.client.write([byte], timeout: .seconds(5))
                #expect(try await pair.client.readAll(upTo: 1) == [byte])
            }
            try await pair.client.finish()
            try await echo.value
        }
    }

    @Test func refusedConnectionSaysSo() async throws {
        try await onLoop { loop in
            let listener = try Listener(SocketAddress(numeric: "127.0.0.1", port: 0)!, loop: loop)
            let address = listener.address
            listener.close()
            await #expect(throws: TransportError.self) { _ = try await Connection.connect(to: address, loop: loop, timeout: .seconds(5)) }
        }
    }

    @Test func timersFireInOrder() async throws {
        try await onLoop { loop in
            let order = Order()
            let sleepers = [90, 10, 50, 30, 70].map { delay in
                Task(executorPreference: loop) {
                    await loop.sleep(for: .milliseconds(delay))
                    order.add(delay)
                }
            }
            for sleeper in sleepers { await sleeper.value }
            #expect(order.values == [10, 30, 50, 70, 90])
        }
    }

    @Test func blockingPoolRunsManyAtOnceAndPassesErrorsOn() async throws {
        let pool = try BlockingPool(threads: 4, name: "test-pool")
        defer { pool.stop() }
        let tasks = (0..<200).map { number in Task { @Sendable in try await pool.run { number } } }
        var sum = 0
        for task in tasks { sum += try await task.value }
        #expect(sum == 199 * 200 / 2)
        await #expect(throws: TransportError.closed) { try await pool.run { throw TransportError.closed } }
    }
}

private final class Order: Sendable {
    private let list = Mutex<[Int]>([])

    var values: [Int] { list.withLock { $0 } }

    func add(_ value: Int) { list.withLock { $0.append(value) } }
}
