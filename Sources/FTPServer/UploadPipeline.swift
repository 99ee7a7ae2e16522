/// Hands the blocks of an upload from the receiving side to the store, in order, while the next ones are received.
import Transport

/// Owned by the transfer's task. Every block that was handed over has been taken by the store when `finish` or `settle` returns.
struct UploadPipeline {
    /// Blocks on their way at once; with the one that is being filled, this bounds the memory of an upload.
    private static let depth = 3

    private let writer: any FileWriter
    private let loop: EventLoop
    private var underway: [(buffer: TransferBuffer, task: Task<Void, any Error>)] = []

    init(_ writer: any FileWriter, loop: EventLoop) {
        self.writer = writer
        self.loop = loop
    }

    /// Takes a full block and gives an empty one to go on with.
    mutating func exchange(_ full: TransferBuffer) async throws -> TransferBuffer {
        // Immediate, so that the writer has the block before the next one is received: a busy loop starts other tasks late.
        underway.append((full, Task.immediate(executorPreference: loop) { [writer] in try await writer.write(full) }))
        guard underway.count >= Self.depth else { return TransferBuffer() }
        let oldest = underway.removeFirst()
        try await oldest.task.value
        oldest.buffer.count = 0
        return oldest.buffer
    }

    /// Waits until the store has taken everything; throws what went wrong.
    mutating func finish() async throws {
        let tasks = underway
        underway = []
        for (_, task) in tasks { try await task.value }
    }

    /// Waits until nothing is under way any more, whatever came of it.
    mutating func settle() async {
        for (_, task) in underway { _ = await task.result }
        underway = []
    }
}
