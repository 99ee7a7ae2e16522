// LIST, NLST (RFC 959 §4.1.3), MLSD (RFC 3659 §7): streamed page by page, never cut short under a 226.
import FTPProtocol
import Glibc
import Transport

enum ListingStyle { case unix, names, machine }

extension ControlSession {
    func now() -> Int64 { Int64(time(nil)) }

    func list(_ command: Command, style: ListingStyle) async {
        let listing: any DirectoryListing
        do throws(FileSystemError) {
            let argument = style == .machine ? command.argument : ListArgument(command.argument).path
            let path = try await authorizedPath(argument, for: command.verb)
            listing = try await listingPages(path, foldersOnly: style == .machine)
        } catch {
            return await send(logged(error).reply)
        }
        guard let plan = takeChannelPlan() else { return await send(Self.noDataConnection) }
        await send(Reply(plan.preliminaryCode, "Listing follows"))
        await runTransfer(command.verb) { [self] transfer in
            switch await openChannel(plan, for: transfer) {
            case .failure(let failure): return failure.reply
            case .success(let channel): return await send(listing, style: style, over: channel, transfer: transfer)
            }
        }
    }

    /// A listing of a folder, or of the one file.
    func listingPages(_ path: VirtualPath, foldersOnly: Bool = false) async throws(FileSystemError) -> any DirectoryListing {
        let entry = try await fileSystem.entry(at: path)
        if entry.kind.isDirectory { return try await fileSystem.list(path) }
        if foldersOnly { throw .notDirectory }
        return SingleEntry(entry)
    }

    private func send(_ listing: any DirectoryListing, style: ListingStyle, over channel: any TransferChannel, transfer: Transfer) async -> Reply {
        let now = now()
        do {
            while case let page = try await listing.next(), !page.isEmpty {
                var bytes: [UInt8] = []
                bytes.reserveCapacity(page.count * 128)
                for entry in page {
                    switch style {
                    case .unix: entry.appendUnixLine(now: now, to: &bytes)
                    case .names: bytes += entry.name.utf8
                    case .machine: entry.appendMachineLine(facts: facts, to: &bytes)
                    }
                    bytes += [0x0D, 0x0A]
                }
                try await channel.write(bytes, timeout: settings.stallTimeout)
                transfer.byteCount += UInt64(bytes.count)
            }
            try await channel.finishFile(timeout: settings.stallTimeout)
        } catch let error as FileSystemError {
            channel.connection.close()
            _ = logged(error)
            return Reply(451, "The listing is incomplete: \(error.reply.text)")
        } catch {
            channel.connection.close()
            return Reply(426, "Transfer cut off: \(error)")
        }
        endSending(over: channel, transfer: transfer)
        return channel.completion("Listing complete")
    }
}

private actor SingleEntry: DirectoryListing {
    private var entry: ListingEntry?

    init(_ entry: ListingEntry) { self.entry = entry }

    func next() -> [ListingEntry] {
        defer { entry = nil }
        return entry.map { [$0] } ?? []
    }
}
