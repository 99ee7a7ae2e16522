// CWD, MKD, RMD, DELE, RNFR, RNTO (RFC 959 §4.1.3), RMDA (draft-peterson-streamlined-ftp-command-extensions).
import FTPProtocol
import Transport

extension ControlSession {
    func changeDirectory(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try await authorizedPath(command)
            guard try await fileSystem.entry(at: path).kind.isDirectory else { throw .notDirectory }
            directory = path
            return Reply(250, "Current folder is \(path)")
        }
    }

    func makeDirectory(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try await authorizedPath(command)
            try await fileSystem.makeDirectory(path)
            return Reply(257, "\(path.quoted) created")
        }
    }

    func removeDirectory(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            try await fileSystem.removeDirectory(try await authorizedPath(command))
            return Reply(250, "Folder removed")
        }
    }

    /// Removes a folder with all that is in it, as single DELE and RMD would: what the first refusal leaves stays.
    func removeTree(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try await authorizedPath(command)
            guard try await fileSystem.entry(at: path).kind.isDirectory else { throw .notDirectory }
            var count = 0
            do throws(FileSystemError) {
                try await removeTree(path, &count)
            } catch {
                guard count > 0 else { throw error }
                return Reply(450, "Removed \(count) entries, then stopped: \(logged(error).reply.text)")
            }
            return Reply(250, "Removed \(count) entries")
        }
    }

    private func removeTree(_ path: VirtualPath, _ count: inout Int) async throws(FileSystemError) {
        // A page at a time, from the start again: what was listed is gone.
        while case let page = try await fileSystem.list(path).next(), !page.isEmpty {
            for entry in page where entry.kind == .file || entry.kind == .directory {
                // Nobody waits for the rest, and a server that goes down must not.
                guard !connection.isClosed else { throw .unavailable("The session has ended") }
                let child: VirtualPath
                do { child = try path.appending(entry.name) } catch { throw .invalidName("\(error)") }
                if entry.kind == .directory {
                    try await removeTree(child, &count)
                } else {
                    try await fileSystem.authorize(.delete, child)
                    try await fileSystem.remove(child)
                    count += 1
                }
            }
        }
        try await fileSystem.authorize(.removeDirectory, path)
        try await fileSystem.removeDirectory(path)
        count += 1
    }

    func delete(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            try await fileSystem.remove(try await authorizedPath(command))
            return Reply(250, "Deleted")
        }
    }

    func renameFrom(_ command: Command) async {
        renameSource = nil
        await answering { () throws(FileSystemError) in
            let path = try await authorizedPath(command)
            _ = try await fileSystem.entry(at: path)
            renameSource = path
            return Reply(350, "Send RNTO with the new name")
        }
    }

    func renameTo(_ command: Command) async {
        guard let source = renameSource else { return await send(Reply(503, "Send RNFR first")) }
        await answering { () throws(FileSystemError) in
            try await fileSystem.rename(source, to: try await authorizedPath(command))
            return Reply(250, "Renamed")
        }
    }
}
