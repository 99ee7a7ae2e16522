// TYPE, MODE, STRU (RFC 959 §4.1.2), OPTS (RFC 2389), ALLO, REST (RFC 3659 §5).
import FTPProtocol

extension ControlSession {
    /// Files are stored and sent byte for byte in every type: line ends are part of a record.
    func representationType(_ command: Command) async {
        switch command.argument!.uppercased() {
        case "I", "L 8", "L8":
            transferType = "I"
            await send(Reply(200, "Type is image"))
        case "A", "A N":
            transferType = "A"
            await send(Reply(200, "Type is ASCII; files are still transferred byte for byte"))
        case let type where type.hasPrefix("L") && UInt8(type.dropFirst().drop { $0 == " " }) != nil:
            await send(Reply(504, "Bytes have 8 bits here; use TYPE L 8 or TYPE I"))
        case "E", "E N", "A T", "A C", "E T", "E C": await send(Reply(504, "Type not supported; use TYPE I"))
        default: await send(Reply(501, "Type not understood; use TYPE I"))
        }
    }

    func transferMode(_ command: Command) async {
        switch command.argument!.uppercased() {
        case "S":
            await closeIdleChannel()
            blockMode.isOn = false
            await send(Reply(200, "Mode is stream"))
        case "B":
            blockMode.isOn = true
            await send(Reply(200, "Mode is block; the data connection stays open for further files"))
        case "Z": await send(Reply(504, "Mode Z is refused: sealed records do not get smaller, and compression beside secrets leaks them; use MODE S"))
        case "C": await send(Reply(504, "Mode not supported; use MODE S or MODE B"))
        default: await send(Reply(501, "Mode not understood; use MODE S or MODE B"))
        }
    }

    func fileStructure(_ command: Command) async {
        switch command.argument!.uppercased() {
        case "F": await send(Reply(200, "Structure is file"))
        case "R", "P": await send(Reply(504, "Structure not supported; use STRU F"))
        default: await send(Reply(501, "Structure not understood; use STRU F"))
        }
    }

    func options(_ command: Command) async {
        let words = command.argument!.split(separator: " ", maxSplits: 1)
        let rest = words.count > 1 ? String(words[1]) : ""
        switch words.first.map({ $0.uppercased() }) {
        case "UTF8", "UTF-8":
            let isOff = rest.uppercased() == "OFF"
            await send(isOff ? Reply(504, "Names are always UTF-8") : Reply(200, "Names are UTF-8"))
        case "MLST":
            facts = .init(optionArgument: rest)
            await send(Reply(200, "MLST OPTS \(facts.optionText)"))
        case "HASH":
            await send(rest.isEmpty || rest.uppercased() == "SHA-256" ? Reply(200, "SHA-256") : Reply(501, "Only SHA-256 is supported"))
        case "MODE": await modeOptions(rest)
        default: await send(Reply(501, "Option not understood"))
        }
    }

    /// `OPTS MODE B PIPELINE`: the client promises to send the file of each STOR over the open data connection whatever the reply, and
    /// need not wait for it. `OPTS MODE B` takes the promise back.
    private func modeOptions(_ text: String) async {
        switch text.uppercased() {
        case "B PIPELINE":
            blockMode.isPipelining = true
            await send(Reply(200, "In mode B each STOR, APPE and STOU over an open data connection brings a file, even one that is refused"))
        case "B":
            blockMode.isPipelining = false
            await send(Reply(200, "In mode B a refused upload brings no file"))
        default: await send(Reply(501, "Option not understood; use OPTS MODE B PIPELINE"))
        }
    }

    func allocate(_ command: Command) async {
        guard let allocation = Allocation(command.argument) else { return await send(Reply(501, "ALLO needs a byte count")) }
        announcedByteCount = allocation.byteCount
        await send(Reply(200, "\(allocation.byteCount) bytes expected"))
    }

    /// draft-bryan-ftp-range: the next RETR or HASH is of these bytes only.
    func range(_ command: Command) async {
        switch ByteRange.Argument(command.argument) {
        case .part(let range):
            byteRange = range
            await send(Reply(350, "Bytes \(range.first) to \(range.last) of the next file"))
        case .whole:
            byteRange = nil
            await send(Reply(350, "The whole of the next file"))
        case nil: await send(Reply(501, "RANG needs the first and the last byte"))
        }
    }

    /// RFC 2640 §4.1: replies are English.
    func language(_ command: Command) async {
        let tag = command.argument?.lowercased() ?? "en"
        await send(tag == "en" || tag.hasPrefix("en-") ? Reply(200, "Replies are in English") : Reply(504, "Only English: LANG EN"))
    }

    func restart(_ command: Command) async {
        guard let offset = RestartOffset(command.argument) else { return await send(Reply(501, "REST needs a byte offset")) }
        restartOffset = offset.value
        await send(Reply(350, "The next transfer starts at \(offset.value)"))
    }
}
