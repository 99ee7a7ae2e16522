/// Readers over bytes in memory, over stored envelopes, over what a gateway folder opens for legacy clients, and over a part of these.
import Envelope
import FTPServer
import RecordStore
import Synchronization
import Transport

/// A small file made for the occasion.
final class BytesReader: FileReader {
    let contentDescription: String
    let remainingByteCount: UInt64
    private let rest: Mutex<ArraySlice<UInt8>>

    init(_ bytes: [UInt8], at offset: UInt64, _ description: String) throws(FileSystemError) {
        guard offset <= bytes.count else { throw .pastEnd(byteCount: UInt64(bytes.count)) }
        contentDescription = description
        remainingByteCount = UInt64(bytes.count) - offset
        rest = Mutex(bytes[Int(offset)...])
    }

    func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        rest.withLock { rest in
            let room = unsafe buffer.room
            let part = rest.prefix(room.count)
            unsafe room.copyBytes(from: part)
            buffer.count += part.count
            rest = rest.dropFirst(part.count)
        }
    }

    func close() async {}
}

/// The envelope as it is stored, with the header that holds now.
final class EnvelopeFileReader: FileReader {
    let contentDescription = "sealed envelope"
    let remainingByteCount: UInt64
    private let fileSystem: AccountFileSystem
    private let source: EnvelopeSource
    private let offset: Mutex<UInt64>

    init(fileSystem: AccountFileSystem, source: EnvelopeSource, offset: UInt64) {
        self.fileSystem = fileSystem
        self.source = source
        self.offset = Mutex(offset)
        remainingByteCount = source.byteCount - offset
    }

    func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        try await fileSystem.onPool { [self] in
            while !buffer.isFull {
                let position = offset.withLock { $0 }
                let count = try unsafe source.read(at: position, into: buffer.room)
                if count == 0 { return }
                buffer.count += count
                offset.withLock { $0 += UInt64(count) }
            }
        }
    }

    func close() async {}
}

/// The plaintext of a gateway folder's file, verified segment by segment.
final class GatewayFileReader: FileReader {
    let contentDescription = "file"
    let remainingByteCount: UInt64
    private let fileSystem: AccountFileSystem
    private let reader: Mutex<EnvelopeReader>
    private let offset: Mutex<UInt64>

    init(fileSystem: AccountFileSystem, source: EnvelopeSource, gateway: Identity, offset: UInt64) throws {
        self.fileSystem = fileSystem
        let reader: EnvelopeReader
        do {
            reader = try EnvelopeReader(layout: try EnvelopeLayout(scanning: source), source: source, identities: [gateway])
        } catch let error as EnvelopeError {
            throw error.code == .wrongKey
                ? FileSystemError.policy("This file was not sealed for the gateway; fetch its envelope by adding .phr to the name")
                : FileSystemError.damaged("the stored envelope does not verify")
        }
        guard offset <= reader.plaintextByteCount else { throw FileSystemError.pastEnd(byteCount: reader.plaintextByteCount) }
        remainingByteCount = reader.plaintextByteCount - offset
        self.reader = Mutex(reader)
        self.offset = Mutex(offset)
    }

    func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        do {
            try await fileSystem.site.pool.run { [self] in
                while !buffer.isFull {
                    let position = offset.withLock { $0 }
                    let count = try reader.withLock { try unsafe $0.read(offset: position, into: buffer.room) }
                    if count == 0 { return }
                    buffer.count += count
                    offset.withLock { $0 += UInt64(count) }
                }
            }
        } catch is EnvelopeError {
            throw .damaged("the stored envelope does not verify")
        } catch {
            throw fileSystem.mapped(error)
        }
    }

    func close() async {}
}

/// The first bytes of what another reader gives.
final class LimitedReader: FileReader {
    let remainingByteCount: UInt64
    private let reader: any FileReader
    private let left: Mutex<UInt64>

    init(_ reader: any FileReader, byteCount: UInt64) {
        self.reader = reader
        remainingByteCount = min(byteCount, reader.remainingByteCount)
        left = Mutex(remainingByteCount)
    }

    var contentDescription: String { "part of \(reader.contentDescription)" }

    func read(into buffer: TransferBuffer) async throws(FileSystemError) {
        guard left.withLock({ $0 }) > 0 else { return }
        let before = buffer.count
        try await reader.read(into: buffer)
        left.withLock { left in
            let taken = min(UInt64(buffer.count - before), left)
            buffer.count = before + Int(taken)
            left -= taken
        }
    }

    func close() async { await reader.close() }
}
