// The filter on a thread of its own: what it refuses, and that ordinary work goes on.
import CLinux
import Confinement
import Foundation
import Synchronization
import Testing

@Suite struct SystemCallFilterTests {
    /// Runs a body on a new thread under the filter; the thread, and the filter with it, is gone afterwards.
    private func confined<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
        let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
        let ended = DispatchSemaphore(value: 0)
        let thread = Thread {
            let result = Swift.Result<Result, any Error> {
                guard phr_prctl(PR_SET_NO_NEW_PRIVS, 1, 0) == 0 else { throw POSIXError(.EPERM) }
                try SystemCallFilter().install()
                return try body()
            }
            outcome.withLock { $0 = result }
            ended.signal()
        }
        thread.start()
        ended.wait()
        return try #require(outcome.withLock { $0 }).get()
    }

    private static func error(_ number: Int, _ argument: Int = -1) -> Int32 { phr_system_call(number, argument) == -1 ? errno : 0 }

    @Test func refusesWhatAServerNeverNeeds() throws {
        let errors = try confined {
            var errors: [Int: Int32] = [:]
            var index: Int32 = 0
            while case let number = phr_refused_call(index), number >= 0 {
                errors[number] = Self.error(number)
                index += 1
            }
            for number in [phr_call_execve, phr_call_execveat] { errors[Int(number)] = Self.error(Int(number), 0) }
            // CLONE_NEWUSER: a namespace in which the process would be root.
            errors[Int(phr_call_clone)] = Self.error(Int(phr_call_clone), 0x1000_0000)
            return errors
        }
        #expect(errors.count > 45)
        for (number, error) in errors { #expect(error == EPERM, "call \(number)") }
    }

    @Test func leavesOrdinaryWorkAlone() throws {
        let count = try confined {
            let path = NSTemporaryDirectory() + "phr-filter-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: path) }
            try Data("content".utf8).write(to: URL(fileURLWithPath: path))
            let ended = DispatchSemaphore(value: 0)
            let count = Mutex(0)
            // A thread of the thread: made by the older call for it.
            let thread = Thread {
                count.withLock { $0 = (try? Data(contentsOf: URL(fileURLWithPath: path)).count) ?? -1 }
                ended.signal()
            }
            thread.start()
            ended.wait()
            return count.withLock { $0 }
        }
        #expect(count == 7)
    }
}
