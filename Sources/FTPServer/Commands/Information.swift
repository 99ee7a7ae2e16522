// FEAT (RFC 2389), HELP, STAT (RFC 959 §4.1.3), SITE.
import FTPProtocol
import Transport

extension ControlSession {
    static let features = Features(lines: [
        "AUTH TLS", "CLNT", "EPRT", "EPSV", "HASH SHA-256*", "MDTM", "MFMT", "MLST \(ListingEntry.Facts.all.featureText)",
        "PBSZ", "PROT", "REST STREAM", "SIZE", "TVFS", "UTF8", "XSHA256",
    ]).reply

    static let help: Reply = {
        let verbs = CommandTable.rules.keys.sorted()
        let rows = stride(from: 0, to: verbs.count, by: 10).map { verbs[$0..<min($0 + 10, verbs.count)].joined(separator: " ") }
        return Reply(214, lines: ["Commands:"] + rows + ["End"])
    }()

    func statusReply() -> Reply {
        var lines = ["phrd status:"]
        lines.append("Connected from \(peer.host), \(connection.tls?.version ?? "no TLS")")
        lines.append(login.map { "Logged in as \($0.user), data binding \($0.dataBinding.rawValue)" } ?? "Not logged in")
        lines.append("Type \(transferType), mode S, structure F, data connections \(isDataProtected ? "protected" : "not protected")")
        if let transfer { lines.append("Transfer: \(transfer.name), \(transfer.byteCount) bytes so far") }
        return Reply(211, lines: lines + ["End"])
    }

    func status(_ command: Command) async {
        guard let argument = command.argument else { return await send(statusReply()) }
        do throws(FileSystemError) {
            let path = try authorizedPath(ListArgument(argument).path, for: "LIST")
            let listing = try await listingPages(path)
            await send(Array("213-Status of \(path):\r\n".utf8))
            while case let page = try await listing.next(), !page.isEmpty {
                var bytes: [UInt8] = []
                for entry in page {
                    bytes.append(0x20)
                    entry.appendUnixLine(now: now(), to: &bytes)
                    bytes += [0x0D, 0x0A]
                }
                await send(bytes)
            }
            await send(Reply(213, "End"))
        } catch {
            await send(logged(error).reply)
        }
    }

    /// Folder profiles rule permissions, so the habitual SITE commands of clients are accepted without effect.
    func site(_ command: Command) async {
        switch command.argument!.split(separator: " ").first.map({ $0.uppercased() }) {
        case "HELP": await send(Reply(214, lines: ["SITE commands:", "HELP", "CHMOD, UMASK, IDLE: accepted, without effect", "End"]))
        case "CHMOD", "UMASK", "IDLE": await send(Reply(202, "Accepted; folder profiles rule permissions here"))
        default: await send(Reply(504, "SITE command not supported"))
        }
    }
}
