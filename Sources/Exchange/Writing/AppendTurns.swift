/// Whose turn it is to append to a file. What is appended is sealed as the next link of the file's chain, so there is one upload at a time; the
/// others wait in the order in which they came.
import Synchronization

final class AppendTurns: Sendable {
    private struct Waiter {
        let number: UInt64
        /// Nil for the first of the line, whose turn it is.
        var continuation: CheckedContinuation<Bool, Never>?
    }

    private struct Lines {
        var nextNumber: UInt64 = 0
        var waiters: [[UInt8]: [Waiter]] = [:]
    }

    private let lines = Mutex(Lines())

    /// - Parameter key: of the file's name.
    /// - Returns: the turn, or nil if it does not come within the limit, or the task is cancelled.
    func take(_ key: [UInt8], within limit: Duration) async -> AppendTurn? {
        let number = lines.withLock { lines in
            lines.nextNumber += 1
            return lines.nextNumber
        }
        let timer = Task { [self] in
            try await Task.sleep(for: limit)
            giveUp(key, number)
        }
        defer { timer.cancel() }
        let isMine = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFirst = lines.withLock { lines in
                    let isFirst = lines.waiters[key] == nil
                    lines.waiters[key, default: []].append(Waiter(number: number, continuation: isFirst ? nil : continuation))
                    return isFirst
                }
                if isFirst { continuation.resume(returning: true) }
            }
        } onCancel: {
            giveUp(key, number)
        }
        return isMine ? AppendTurn { [self] in passOn(key, number) } : nil
    }

    /// A waiter leaves the line.
    private func giveUp(_ key: [UInt8], _ number: UInt64) {
        let continuation = lines.withLock { lines -> CheckedContinuation<Bool, Never>? in
            guard let place = lines.waiters[key]?.firstIndex(where: { $0.number == number }),
                let continuation = lines.waiters[key]?[place].continuation
            else { return nil }
            lines.waiters[key]?.remove(at: place)
            return continuation
        }
        continuation?.resume(returning: false)
    }

    /// A turn is over: the next one's begins.
    private func passOn(_ key: [UInt8], _ number: UInt64) {
        let next = lines.withLock { lines -> CheckedContinuation<Bool, Never>? in
            guard lines.waiters[key]?.first?.number == number else { return nil }
            lines.waiters[key]?.removeFirst()
            guard lines.waiters[key]?.isEmpty == false else {
                lines.waiters[key] = nil
                return nil
            }
            return lines.waiters[key]?[0].continuation.take()
        }
        next?.resume(returning: true)
    }
}

/// The right to append, until it is given back or forgotten.
final class AppendTurn: Sendable {
    private let passOn: Mutex<(@Sendable () -> Void)?>

    init(_ passOn: @escaping @Sendable () -> Void) { self.passOn = Mutex(passOn) }

    deinit { end() }

    func end() { passOn.withLock { $0.take() }?() }
}
