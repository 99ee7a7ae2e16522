// CWD, MKD, RMD, DELE, RNFR, RNTO (RFC 959 §4.1.3).
import FTPProtocol

extension ControlSession {
    func changeDirectory(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try authorizedPath(command)
            guard try await fileSystem.entry(at: path).kind.isDirectory else { throw .notDirectory }
            directory = path
            return Reply(250, "Current folder is \(path)")
        }
    }

    func makeDirectory(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try authorizedPath(command)
            try await fileSystem.makeDirectory(path)
            return Reply(257, "\(path.quoted) created")
        }
    }

    func removeDirectory(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            try await fileSystem.removeDirectory(try authorizedPath(command))
            return Reply(250, "Folder removed")
        }
    }

    func delete(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            try await fileSystem.remove(try authorizedPath(command))
            return Reply(250, "Deleted")
        }
    }

    func renameFrom(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try authorizedPath(command)
            _ = try await fileSystem.entry(at: path)
            renameSource = path
            return Reply(350, "Send RNTO with the new name")
        }
    }

    func renameTo(_ command: Command) async {
        guard let source = renameSource else { return await send(Reply(503, "Send RNFR first")) }
        await answering { () throws(FileSystemError) in
            try await fileSystem.rename(source, to: try authorizedPath(command))
            return Reply(250, "Renamed")
        }
    }
}
