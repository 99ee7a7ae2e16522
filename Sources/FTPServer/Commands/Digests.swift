// HASH (draft-bryan-ftpext-hash-02) and XSHA256. It may take as long as reading the file, so other commands are heard meanwhile.
import FTPProtocol
import Transport

extension ControlSession {
    func hash(_ command: Command) async {
        var (name, range) = (command.argument!, byteRange)
        let path: VirtualPath
        do throws(FileSystemError) {
            if command.verb == "XSHA256", let argument = DigestArgument(name), await !exists(name, for: command.verb) {
                (name, range) = (argument.path, argument.range ?? range)
            }
            path = try await authorizedPath(name, for: command.verb)
        } catch {
            return await send(logged(error).reply)
        }
        await runTransfer(command.verb, awaitsConnection: false) { [self, range] transfer in
            let task = Task(executorPreference: loop) { [fileSystem] in await Self.digest(of: path, in: range, fileSystem) }
            transfer.whenCancelled { task.cancel() }
            switch await task.value {
            case .failure where transfer.isCancelled: return Reply(426, "The digest was given up")
            case .failure(let error): return logged(error).reply
            case .success(let digest):
                if command.verb == "XSHA256" { return Reply(250, digest.sha256) }
                // Both ends belong to it, as with RANG; of an empty file there is none to name.
                return Reply(213, "SHA-256 \(digest.part?.first ?? 0)-\(digest.part?.last ?? 0) \(digest.sha256) \(path)")
            }
        }
    }

    private func exists(_ name: String, for verb: String) async -> Bool {
        guard let path = try? await authorizedPath(name, for: verb) else { return false }
        return (try? await fileSystem.entry(at: path)) != nil
    }

    /// - Returns: the digest, and the bytes that it is of; nil for an empty file.
    private static func digest(
        of path: VirtualPath, in range: ByteRange?, _ fileSystem: any FileSystem
    ) async -> Result<(sha256: String, part: ByteRange?), FileSystemError> {
        do throws(FileSystemError) {
            let entry = try await fileSystem.entry(at: path)
            guard entry.kind == .file else { throw .isDirectory }
            let size = entry.size ?? 0
            let whole = size > 0 ? ByteRange(first: 0, last: size - 1) : nil
            guard let range else { return .success((try await fileSystem.sha256(of: path, in: nil), whole)) }
            guard range.first < size else { throw .pastEnd(byteCount: size) }
            let part = ByteRange(first: range.first, last: min(range.last, size - 1))
            return .success((try await fileSystem.sha256(of: path, in: part == whole ? nil : part), part))
        } catch {
            return .failure(error)
        }
    }
}
