// FEAT (RFC 2389), STAT (RFC 959 §4.1.3), SITE.
import FTPProtocol
import Transport

extension ControlSession {
    /// A star marks the facts that MLST and MLSD send now (RFC 3659 §7.8).
    func features() async {
        let lines = [
            "AUTH TLS", "AVBL", "CLNT", "CSID", "EPRT", "EPSV", "HASH SHA-256*", "HOST", "LANG EN*", "MDTM", "MFF Modify;", "MFMT",
            "MLST \(facts.featureText)",
            "MODE B;PIPELINE", "PBSZ", "PROT", "RANG STREAM", "REST STREAM", "RMDA", "SITE PROOF", "SITE POLICY", "SITE QUOTA", "SITE RECEIPT",
            "SITE UTIME", "SIZE", "TVFS", "UTF8", "XSHA256",
        ]
        await send(Features(lines: lines).reply)
    }

    /// The client's name helps to tell its user which switch to look for.
    func client(_ command: Command) async {
        clientName = command.argument
        await send(Reply(200, "OK"))
    }

    func statusReply() -> Reply {
        var lines = ["phrd status:"]
        lines.append("Connected from \(peer.host), \(connection.tls?.version ?? "no TLS")")
        lines.append(login.map { "Logged in as \($0.user), data binding \(dataBinding.rawValue)" } ?? "Not logged in")
        if case .named(let name) = hostName { lines.append("Host \(name)") }
        if let roles = login?.certificateRoles, !roles.isEmpty { lines.append("Roles of the certificate: \(roles.joined(separator: ", "))") }
        lines.append(
            "Type \(transferType), mode \(blockMode.isOn ? "B" : "S"), structure F, data connections \(isDataProtected ? "protected" : "not protected")")
        if let transfer {
            lines.append("Transfer: \(transfer.name), \(transfer.awaitsConnection ? "waits for the data connection" : "\(transfer.byteCount) bytes so far")")
        }
        return Reply(211, lines: lines + ["End"])
    }

    func status(_ command: Command) async {
        guard let argument = command.argument else { return await send(statusReply()) }
        do throws(FileSystemError) {
            let path = try await authorizedPath(ListArgument(argument).path, for: "LIST")
            let listing = try await listingPages(path)
            // Nothing is said before there is something to say.
            let first = try await listing.next()
            await send(Array("213-Status of \(path):\r\n".utf8))
            await showRest(of: listing, first)
        } catch {
            await send(logged(error).reply)
        }
    }

    /// A reply of many lines that has begun cannot turn into an error: when the listing fails the connection ends without its last line.
    private func showRest(of listing: any DirectoryListing, _ first: [ListingEntry]) async {
        var page = first
        do throws(FileSystemError) {
            while !page.isEmpty {
                var bytes: [UInt8] = []
                for entry in page {
                    bytes.append(0x20)
                    entry.appendUnixLine(now: now(), to: &bytes)
                    bytes += [0x0D, 0x0A]
                }
                await send(bytes)
                page = try await listing.next()
            }
            await send(Reply(213, "End"))
        } catch {
            await send(Array(" The listing is incomplete: \(logged(error).reply.text)\r\n".utf8))
            isEnding = true
        }
    }

    /// Folder profiles rule permissions, so the habitual SITE commands of clients are accepted without effect.
    func site(_ command: Command) async {
        let words = command.argument!.split(separator: " ", maxSplits: 1)
        let argument = words.count > 1 ? String(words[1]) : nil
        switch words.first.map({ $0.uppercased() }) {
        case "HELP": await send(Help.site)
        case "CHMOD", "UMASK", "IDLE": await send(Reply(202, "Accepted; folder profiles rule permissions here"))
        case "UTIME": await touch(argument ?? "")
        case "PROOF": await show(.proof, of: argument)
        case "RECEIPT": await show(.receipt, of: argument)
        case "POLICY": await show(.policy, of: argument)
        case "QUOTA": await show(.quota, of: argument)
        default: await send(Reply(504, "SITE command not supported"))
        }
    }

    private func show(_ topic: TextTopic, of argument: String?) async {
        await answering { () throws(FileSystemError) in
            let text = try await fileSystem.text(topic, of: try await authorizedPath(argument, for: "SIZE"))
            // Lines of the text are indented, so that none looks like the reply's last one (RFC 959 §4.2).
            return Reply(211, lines: ["Text follows"] + text.split(separator: "\n", omittingEmptySubsequences: false).map { " " + $0 } + ["End"])
        }
    }
}
