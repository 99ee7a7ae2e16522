// SIZE, MDTM, MLST (RFC 3659), MFMT (draft-somers-ftp-mfxx), HASH (draft-bryan-ftpext-hash-02) and XSHA256.
import FTPProtocol

extension ControlSession {
    func size(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            Reply(213, String(try await fileSystem.resumableByteCount(at: try authorizedPath(command))))
        }
    }

    func modificationTime(_ command: Command) async {
        // Some clients set the time with the two-argument form of MDTM.
        if let (time, name) = FTPTimestamp.split(argument: command.argument!) {
            let path = try? authorizedPath(name, for: "MFMT")
            if let path, (try? await fileSystem.entry(at: path)) != nil { return await setTime(time, of: path) }
        }
        await answering { () throws(FileSystemError) in
            let entry = try await fileSystem.entry(at: try authorizedPath(command))
            guard entry.kind == .file, let modified = entry.modified else { throw .isDirectory }
            return Reply(213, "\(FTPTimestamp(seconds: modified))")
        }
    }

    func modifyTime(_ command: Command) async {
        guard let (time, name) = FTPTimestamp.split(argument: command.argument!) else {
            return await send(Reply(501, "MFMT needs a time YYYYMMDDHHMMSS and a name"))
        }
        do throws(FileSystemError) {
            await setTime(time, of: try authorizedPath(name, for: "MFMT"))
        } catch {
            await send(logged(error).reply)
        }
    }

    private func setTime(_ time: FTPTimestamp, of path: VirtualPath) async {
        await answering { () throws(FileSystemError) in
            try await fileSystem.setModificationTime(path, time)
            return Reply(213, "Modify=\(time); \(path)")
        }
    }

    func listOne(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try authorizedPath(command)
            var entry = try await fileSystem.entry(at: path)
            entry.name = path.description
            return Reply(250, lines: ["Listing", entry.machineLine(facts: facts), "End"])
        }
    }

    func hash(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try authorizedPath(command)
            let digest = try await fileSystem.sha256(of: path)
            if command.verb == "XSHA256" { return Reply(250, digest) }
            let size = try await fileSystem.entry(at: path).size ?? 0
            return Reply(213, "SHA-256 0-\(size) \(digest) \(path)")
        }
    }
}
