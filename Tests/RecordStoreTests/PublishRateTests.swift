// Small objects arrive by the thousand: publishing them must not cost one folder synchronisation each.
import Foundation
import RecordStore
import Synchronization
import Testing

@Suite(.serialized) struct PublishRateTests {
    @Test func sharesFolderSynchronisations() throws {
        let folder = try TemporaryFolder()
        let faults = FaultScript()
        let store = try BlobStore(path: folder.path + "/records", faults: faults.injector)
        let before = faults.count(.synchronizeDirectory)
        let threadCount = 16
        let perThread = 100
        let published = Mutex<Set<BlobID>>([])
        let seconds = try measure(threadCount) {
            for _ in 0..<perThread {
                let staging = try store.createStaging()
                try staging.write([UInt8](repeating: 1, count: 3000))
                let blob = try staging.publish()
                published.withLock { _ = $0.insert(blob) }
            }
        }
        let total = threadCount * perThread
        print(
            "publish: \(Int(Double(total) / seconds)) small objects/s with \(threadCount) threads,",
            "\(faults.count(.synchronizeDirectory) - before) folder synchronisations for \(total)")
        #expect(published.withLock(\.count) == total)
        #expect(folder.files("records/objects").count == total)
        #expect(folder.files("records/staging").isEmpty)
        #expect(faults.count(.synchronizeDirectory) - before < total)
    }

    private func measure(_ threadCount: Int, _ work: @escaping @Sendable () throws -> Void) throws -> Double {
        let failure = Mutex<(any Error)?>(nil)
        let group = DispatchGroup()
        let start = ContinuousClock.now
        for _ in 0..<threadCount {
            group.enter()
            Thread.detachNewThread {
                do { try work() } catch { failure.withLock { $0 = error } }
                group.leave()
            }
        }
        group.wait()
        if let error = failure.withLock({ $0 }) { throw error }
        return (ContinuousClock.now - start) / .seconds(1)
    }
}
