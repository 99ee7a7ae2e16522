// SIZE, MDTM, MLST (RFC 3659), MFMT and MFF (draft-somers-ftp-mfxx), AVBL (draft-peterson-streamlined-ftp-command-extensions).
import FTPProtocol

extension ControlSession {
    func size(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            Reply(213, String(try await fileSystem.resumableByteCount(at: try await authorizedPath(command))))
        }
    }

    func modificationTime(_ command: Command) async {
        // Some clients set the time with the two-argument form of MDTM.
        if let (time, name) = FTPTimestamp.split(argument: command.argument!) {
            let path = try? await authorizedPath(name, for: "MFMT")
            if let path, (try? await fileSystem.entry(at: path)) != nil { return await setTime(time, of: path) }
        }
        await answering { () throws(FileSystemError) in
            let entry = try await fileSystem.entry(at: try await authorizedPath(command))
            guard entry.kind == .file else { throw .isDirectory }
            guard let modified = entry.modified else { return Reply(550, "This file has no time: it is made when it is read") }
            return Reply(213, "\(FTPTimestamp(seconds: modified))")
        }
    }

    func modifyTime(_ command: Command) async {
        guard let (time, name) = FTPTimestamp.split(argument: command.argument!) else {
            return await send(Reply(501, "MFMT needs a time YYYYMMDDHHMMSS and a name"))
        }
        do throws(FileSystemError) {
            await setTime(time, of: try await authorizedPath(name, for: "MFMT"))
        } catch {
            await send(logged(error).reply)
        }
    }

    /// The time is the one fact that a client may change.
    func modifyFacts(_ command: Command) async {
        guard let changes = FactChanges(command.argument) else {
            return await send(Reply(501, "MFF needs facts and a name, such as Modify=20260101000000; name"))
        }
        guard changes.facts.count == 1, changes.facts[0].name == "modify" else {
            return await send(Reply(504, "Only the fact Modify can be changed; folder profiles rule the rest"))
        }
        guard let time = FTPTimestamp(changes.facts[0].value) else { return await send(Reply(501, "Modify needs a time YYYYMMDDHHMMSS")) }
        do throws(FileSystemError) {
            await setTime(time, of: try await authorizedPath(changes.path, for: "MFF"))
        } catch {
            await send(logged(error).reply)
        }
    }

    /// SITE UTIME.
    func touch(_ argument: String) async {
        guard let touch = TouchArgument(argument) else { return await send(Reply(501, "SITE UTIME needs a time YYYYMMDDhhmmss and a name")) }
        do throws(FileSystemError) {
            await setTime(touch.time, of: try await authorizedPath(touch.path, for: "MFMT"))
        } catch {
            await send(logged(error).reply)
        }
    }

    func availableSpace(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            Reply(213, String(try await fileSystem.availableByteCount(at: try await authorizedPath(command))))
        }
    }

    /// Times are kept to the second; the reply says which one is kept.
    private func setTime(_ given: FTPTimestamp, of path: VirtualPath) async {
        let time = FTPTimestamp(seconds: given.seconds)
        await answering { () throws(FileSystemError) in
            try await fileSystem.setModificationTime(path, time)
            return Reply(213, "Modify=\(time); \(path)")
        }
    }

    func listOne(_ command: Command) async {
        await answering { () throws(FileSystemError) in
            let path = try await authorizedPath(command)
            var entry = try await fileSystem.entry(at: path)
            entry.name = path.description
            return Reply(250, lines: ["Listing", entry.machineLine(facts: facts), "End"])
        }
    }
}
