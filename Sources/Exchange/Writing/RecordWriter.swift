/// An upload into a folder: feeds the sink on the disk pool, then puts the result on the ledger and into the catalogue.
import Audit
import Authentication
import CanonicalEncoding
import Crypto
import Envelope
import FTPProtocol
import FTPServer
import Logging
import RecordStore
import Synchronization
import Transport

final class RecordWriter: FileWriter {
    private struct State {
        var sink: (any UploadSink)?
        var writesSinceCheck = 0
    }

    let path: VirtualPath
    private let fileSystem: AccountFileSystem
    private let target: UploadTarget
    private let state = Mutex(State())
    private let digest: Mutex<UploadDigest>
    private let hashing: SerialLane
    private let sealing: SerialLane

    init(fileSystem: AccountFileSystem, target: UploadTarget) {
        self.fileSystem = fileSystem
        self.target = target
        path = target.path
        digest = Mutex(
            UploadDigest(
                target.continued.map { continued in
                    continued.chain.previousFooterHash.flatMap { hash in fileSystem.memory.withLock { $0.sent[hash]?.digest } }
                }))
        hashing = SerialLane(fileSystem.site.pool)
        sealing = SerialLane(fileSystem.site.pool)
    }

    func announce(_ byteCount: UInt64) async throws(FileSystemError) {
        try await fileSystem.onPool { [self] in
            try target.claim?.announce(byteCount)
            let reserve = UInt64(fileSystem.site.configuration.storage.reserve_mib) << 20
            guard byteCount < (UInt64.max - reserve), try fileSystem.site.blobs.availableByteCount > reserve + byteCount else {
                throw FileSystemError.storageFull
            }
        }
    }

    func write(_ buffer: TransferBuffer) async throws(FileSystemError) {
        // Sealing and the digest take about as long, so each has a lane: blocks flow through both without the event loop.
        do {
            try await withCheckedThrowingContinuation { continuation in
                let both = Pair(continuation)
                hashing.submit { [self] in
                    hash(buffer)
                    both.isHalfDone(nil)
                }
                sealing.submit { [self] in
                    do {
                        try put(buffer)
                        both.isHalfDone(nil)
                    } catch {
                        both.isHalfDone(error)
                    }
                }
            }
        } catch {
            throw fileSystem.mapped(error)
        }
    }

    func commit(_ last: TransferBuffer) async throws(FileSystemError) -> String {
        defer { target.turn?.end() }
        let object = try await fileSystem.onPool { [self] in
            hash(last)
            try put(last)
            return try state.withLock { state in
                guard let sink = state.sink else { throw FileSystemError.unavailable("the upload is over") }
                state.sink = nil
                var object = try sink.finish(sha256: digest.withLock { $0.ownSHA256 })
                object.digest = digest.withLock { $0.whole }
                return object
            }
        }
        return try await fileSystem.publish(object, at: target)
    }

    func interrupt(_ last: TransferBuffer) async {
        defer { target.turn?.end() }
        await fileSystem.tell(.stored, path, outcome: .failed, reason: "cut off; not published")
        do throws(FileSystemError) {
            let partial = try await fileSystem.onPool { [self] in
                hash(last)
                try put(last)
                return try state.withLock { state in
                    defer { state.sink = nil }
                    return try state.sink?.interrupt(sha256: digest.withLock { $0.ownSHA256 })
                }
            }
            guard let partial else { return }
            try await fileSystem.keep(partial, of: target)
            if let whole = digest.withLock({ $0.whole }) { fileSystem.remember(whole, .content, footerHash: partial.footerHash) }
        } catch {
            await discard()
            fileSystem.logger.error("a cut-off upload cannot be kept", metadata: ["error": "\(error)"])
        }
    }

    func discard() async {
        target.claim?.close()
        target.turn?.end()
        state.withLock { state in
            state.sink?.discard()
            state.sink = nil
        }
    }

    private func hash(_ buffer: TransferBuffer) {
        digest.withLock { unsafe $0.update(buffer.bytes) }
    }

    /// Runs on the pool, one call at a time.
    private func put(_ buffer: TransferBuffer) throws {
        try state.withLock { state in
            if state.sink == nil { try begin(&state, with: buffer) }
            state.writesSinceCheck += 1
            if state.writesSinceCheck % 64 == 0 {
                let reserve = UInt64(fileSystem.site.configuration.storage.reserve_mib) << 20
                guard try fileSystem.site.blobs.availableByteCount > reserve else { throw FileSystemError.storageFull }
            }
            if buffer.count > 0 { try target.claim?.grow(by: UInt64(buffer.count)) }
            if buffer.count > 0 { try unsafe state.sink?.write(buffer.bytes) }
        }
    }

    private func begin(_ state: inout State, with first: TransferBuffer) throws {
        let magic: [UInt8] = [0x89, 0x50, 0x48, 0x52, 0x0D, 0x0A, 0x1A, 0x0A]
        let isEnvelope = unsafe target.continued == nil && first.bytes.starts(with: magic)
        let profile = target.access.folder.profile
        if isEnvelope, profile == .envelope || target.path.last?.hasSuffix(".phr") == true {
            state.sink = try EnvelopeSink(site: fileSystem.site)
            return
        }
        guard profile != .envelope else {
            throw FileSystemError.policy("This folder takes .phr envelopes only; \"phr put\" makes them")
        }
        let metadata = RecordMetadata(
            originalName: target.components.last,
            source: .init(uploader: fileSystem.account.name, receivedAt: UInt64(Site.milliseconds() / 1000)))
        state.sink = try SealingSink(
            site: fileSystem.site, target: target, key: try fileSystem.sessionKey(for: try target.recipients.get()), metadata: metadata)
    }
}

/// Resumes a continuation when both halves of a piece of work are done.
private final class Pair: Sendable {
    private let state: Mutex<(left: Int, error: (any Error)?)>
    private let continuation: CheckedContinuation<Void, any Error>

    init(_ continuation: CheckedContinuation<Void, any Error>) {
        self.continuation = continuation
        state = Mutex((2, nil))
    }

    func isHalfDone(_ error: (any Error)?) {
        let (isDone, failure) = state.withLock { state in
            state.left -= 1
            state.error = state.error ?? error
            return (state.left == 0, state.error)
        }
        guard isDone else { return }
        if let failure { continuation.resume(throwing: failure) } else { continuation.resume() }
    }
}
