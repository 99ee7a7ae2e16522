// One target a parser. Each reads arbitrary bytes; what it accepts must keep the parser's promises.

internal import AttributeEncryption
internal import CFuzzer
internal import CanonicalEncoding
internal import Envelope
internal import FTPProtocol
internal import Ledger

enum Targets {
    static let all: [String: phr_fuzz_target] = unsafe [
        "command": { unsafe run($0, $1, command) },
        "reply": { unsafe run($0, $1, reply) },
        "listing": { unsafe run($0, $1, listing) },
        "path": { unsafe run($0, $1, path) },
        "arguments": { unsafe run($0, $1, arguments) },
        "block": { unsafe run($0, $1, block) },
        "proxy-header": { unsafe run($0, $1, proxyHeader) },
        "cbor": { unsafe run($0, $1, cbor) },
        "envelope": { unsafe run($0, $1, envelope) },
        "head": { unsafe run($0, $1, head) },
        "bundle": { unsafe run($0, $1, bundle) },
        "policy": { unsafe run($0, $1, policy) },
        "attribute-header": { unsafe run($0, $1, attributeHeader) },
        "attribute-key": { unsafe run($0, $1, attributeKey) },
        "authority": { unsafe run($0, $1, authority) },
        "key-policy-header": { unsafe run($0, $1, keyPolicyHeader) },
        "key-policy-key": { unsafe run($0, $1, keyPolicyKey) },
        "transform-key": { unsafe run($0, $1, transformKey) },
        "entry": { unsafe run($0, $1, entry) },
        "checkpoint": { unsafe run($0, $1, checkpoint) },
        "proof": { unsafe run($0, $1, proof) },
        "tile": { unsafe run($0, $1, tile) },
        "document": { unsafe run($0, $1, document) },
    ]

    private static func run(_ bytes: UnsafePointer<UInt8>?, _ count: Int, _ target: ([UInt8]) -> Void) -> Int32 {
        target(unsafe Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: FTP

    private static func commands(_ bytes: [UInt8], chunk: Int) -> [Result<Command, CommandLineError>] {
        var buffer = CommandLineBuffer(maximumLineByteCount: 64)
        var results: [Result<Command, CommandLineError>] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            buffer.append(bytes[start..<min(start + chunk, bytes.count)])
            while let result = buffer.next() { results.append(result) }
        }
        return results
    }

    private static func command(_ bytes: [UInt8]) {
        let whole = commands(bytes, chunk: max(bytes.count, 1))
        precondition(whole == commands(bytes, chunk: 1))
        precondition(whole.count <= bytes.count { $0 == 0x0A })
        for case .success(let command) in whole {
            precondition((1...12).contains(command.verb.utf8.count))
            precondition(command.argument?.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ?? true)
        }
    }

    private static func reply(_ bytes: [UInt8]) {
        var buffer = ReplyBuffer()
        buffer.append(bytes)
        while case .success(let reply) = buffer.next() {
            precondition(reply.text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
            var again = ReplyBuffer()
            again.append(reply.encoded)
            guard case .success(let same) = again.next() else { preconditionFailure("a reply is not read back") }
            precondition(same.code == reply.code && same.lines.count == reply.lines.count)
        }
    }

    private static func listing(_ bytes: [UInt8]) {
        guard let entry = try? ListingEntry.parse(machineLine: text(bytes)) else { return }
        guard let again = try? ListingEntry.parse(machineLine: entry.machineLine()) else { preconditionFailure("an entry is not read back") }
        precondition(again.name == entry.name && again.kind == entry.kind && again.modified == entry.modified)
        _ = entry.unixLine(now: 0)
        if VirtualPath.isName(entry.name) { precondition((try? VirtualPath.root.appending(entry.name))?.last == entry.name) }
    }

    private static func path(_ bytes: [UInt8]) {
        guard let path = try? VirtualPath.root.resolving(text(bytes)) else { return }
        precondition(path.components.allSatisfy(VirtualPath.isName))
        precondition((try? VirtualPath(absolute: path.description)) == path)
        precondition((try? VirtualPath.parse(quoted: path.quoted)) == path)
    }

    private static func arguments(_ bytes: [UInt8]) {
        let text = text(bytes)
        if let address = try? DataAddress.parsePORT(text) { precondition((try? DataAddress.parse227(address.passiveText ?? "")) == address) }
        if let address = try? DataAddress.parseEPRT(text) { precondition(DataAddress(host: address.host, port: address.port) == address) }
        _ = try? DataAddress.parse227(text)
        _ = try? DataAddress.parse229(text)
        if let time = FTPTimestamp(text) { precondition(FTPTimestamp(time.description) == time) }
        if let receipt = StoredReceipt(text) { precondition(StoredReceipt(receipt.text) == receipt) }
        _ = (RestartOffset(text), Allocation(text), DigestArgument(text), ListArgument(text), FTPTimestamp.split(argument: text), Features(lines: [text]))
        if let host = HostArgument(text) { precondition(HostArgument(host.name) == host || host.name.contains(":")) }
        if let network = NetworkPrefix(text) { precondition(network.contains(network.bytes) && network.covers(network)) }
    }

    private enum BlockItem: Equatable {
        case content([UInt8]), marker([UInt8]), end(isSuspect: Bool), failure
    }

    /// What blocks hold when their bytes arrive in pieces of a size.
    private static func items(_ bytes: [UInt8], chunk: Int) -> [BlockItem] {
        var decoder = BlockDecoder()
        var items: [BlockItem] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            var input = rest.prefix(chunk)
            rest = rest.dropFirst(input.count)
            reading: while true {
                guard let (consumed, step) = try? decoder.next(input) else { return items + [.failure] }
                input = input.dropFirst(consumed)
                switch step {
                case .needsInput:
                    precondition(input.isEmpty)
                    break reading
                case .data(let count):
                    precondition((1...input.count).contains(count) && decoder.isInsideFile)
                    if case .content(let before)? = items.last {
                        items[items.count - 1] = .content(before + input.prefix(count))
                    } else {
                        items.append(.content(Array(input.prefix(count))))
                    }
                    decoder.consumeData(count)
                    input = input.dropFirst(count)
                case .restartMarker(let marker): items.append(.marker(marker))
                case .endOfFile(let isSuspect):
                    precondition(!decoder.isInsideFile)
                    items.append(.end(isSuspect: isSuspect))
                }
            }
        }
        return items
    }

    private static func block(_ bytes: [UInt8]) {
        let whole = items(bytes, chunk: max(bytes.count, 1))
        for chunk in [1, 2, 7] { precondition(items(bytes, chunk: chunk) == whole) }
        for case .marker(let marker) in whole { precondition((1...255).contains(marker.count) && marker.allSatisfy { (0x21...0x7E).contains($0) }) }
    }

    private static func proxyHeader(_ bytes: [UInt8]) {
        let prefix = Array(bytes.prefix(ProxyHeader.prefixByteCount))
        guard let count = try? ProxyHeader.bodyByteCount(of: prefix) else { return }
        precondition(count <= ProxyHeader.maximumBodyByteCount)
        let body = Array(bytes.dropFirst(prefix.count).prefix(count))
        guard let (source, destination) = (try? ProxyHeader(prefix: prefix, body: body))?.addresses else { return }
        precondition(source.bytes.count == destination.bytes.count && [4, 16].contains(source.bytes.count))
    }

    // MARK: Envelope

    private static func cbor(_ bytes: [UInt8]) {
        guard let value = try? CBOR(decoding: bytes) else { return }
        precondition(value.encoded() == bytes)
    }

    private static func envelope(_ bytes: [UInt8]) {
        let source = ArrayByteSource(bytes)
        guard let layout = try? EnvelopeLayout(scanning: source, allowingInterrupted: true) else { return }
        precondition(layout.byteCount == UInt64(bytes.count))
        try? EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: nil)
    }

    private static func head(_ bytes: [UInt8]) {
        guard let heads = try? HeaderRewriter.split(bytes) else { return }
        precondition(Array(heads.joined()) == bytes)
        for head in heads {
            if let parsed = try? EnvelopeHead(parsing: head) {
                precondition(parsed.bytes == head)
                for stanza in parsed.stanzas { _ = try? stanza.policyFacts() }
            }
        }
    }

    private static func bundle(_ bytes: [UInt8]) {
        guard let bundle = try? KeyBundle(decoding: bytes) else { return }
        precondition(bundle.encoded() == bytes)
    }

    // MARK: Attributes

    /// What parses has one normal form, which parses to itself, as text and as bytes.
    private static func policy(_ bytes: [UInt8]) {
        guard let policy = try? Policy(parsing: text(bytes)) else { return }
        precondition((try? Policy(parsing: policy.text)) == policy && (try? Policy(decoding: policy.encoded())) == policy)
        precondition((1...Policy.Limits.rowCount).contains(policy.rowCount) && policy.leafCount <= policy.rowCount)
        let month = Month("2026-11") ?? Month(secondsSince1970: 0)
        guard let resolved = try? policy.resolved(at: month) else { return }
        precondition(!resolved.isOpen && !resolved.explain([], at: month).isSatisfied)
    }

    private static func attributeHeader(_ bytes: [UInt8]) {
        guard let facts = try? KeyEncapsulation.inspect(bytes) else { return }
        precondition(facts.byteCount == bytes.count && facts.authorities.map(\.name) == facts.policy.authorities)
        if let month = Month("2026-11") { precondition(!facts.explain([], at: month).isSatisfied) }
    }

    private static func attributeKey(_ bytes: [UInt8]) {
        guard let key = try? AttributeKey(decoding: bytes) else { return }
        key.withEncoded { precondition($0 == bytes) }
    }

    private static func authority(_ bytes: [UInt8]) {
        guard let record = try? AuthorityRecord(decoding: bytes) else { return }
        precondition(record.encoded() == bytes)
    }

    /// An auditor whose key is of no header's authority: nothing opens.
    private static let auditor = try? KeyPolicySecretKey.generate(epoch: 1, owner: [UInt8](repeating: 7, count: 32)).issue(
        Policy(parsing: "log:kind=read"), issuedAt: 0)

    private static func keyPolicyHeader(_ bytes: [UInt8]) {
        precondition((try? KeyEncapsulation.decapsulate(bytes, keys: auditor.map { [$0] } ?? [], associatedData: [])) == nil)
        if let key = try? KeyPolicyPublicKey(decoding: bytes) { precondition(key.encoded() == bytes) }
    }

    private static func keyPolicyKey(_ bytes: [UInt8]) {
        guard let key = try? KeyPolicyKey(decoding: bytes) else { return }
        key.withEncoded { precondition($0 == bytes) }
    }

    private static func transformKey(_ bytes: [UInt8]) {
        guard let key = try? TransformKey(decoding: bytes) else { return }
        precondition(key.encoded() == bytes)
        _ = try? key.transform(bytes)
    }

    // MARK: Ledger

    private static func entry(_ bytes: [UInt8]) {
        guard let entry = try? LogEntry(decoding: bytes) else { return }
        precondition(entry.encoded() == bytes)
    }

    private static let key = try? VerifierKey(name: "phr.example/fuzz", publicKey: Array(repeating: 9, count: 32))

    private static func checkpoint(_ bytes: [UInt8]) {
        let text = text(bytes)
        if let note = try? SignedNote(parsing: text) { precondition(Array(note.formatted.utf8) == Array(text.utf8)) }
        if let key { _ = try? CheckpointNote(parsing: text, verifiedBy: key) }
        if let key = try? VerifierKey(parsing: text) { precondition(key.text == text) }
        _ = try? TrustedLog(parsing: text)
    }

    private static func proof(_ bytes: [UInt8]) {
        let text = text(bytes)
        if let proof = try? RecordProof(parsing: text) {
            precondition((try? RecordProof(parsing: proof.text)) == proof)
            if let key { _ = try? proof.verify(log: key) }
        }
        if let proof = try? DocumentProof(parsing: text) {
            precondition((try? DocumentProof(parsing: proof.text)) == proof)
            if let key { _ = try? proof.verify(log: key) }
        }
        if let release = try? EmergencyRelease(parsing: text) { precondition((try? EmergencyRelease(parsing: release.text)) == release) }
        _ = try? HashLines.parse(text)
        _ = try? RecordOpening(decoding: bytes)
    }

    private static func document(_ bytes: [UInt8]) {
        let key = [UInt8](repeating: 9, count: 32)
        if let document = try? IssuanceStatement(decoding: bytes) {
            precondition(document.encoded() == bytes)
            try? document.verify(by: key)
        }
        if let document = try? PolicyDocument(decoding: bytes) {
            precondition(document.encoded() == bytes)
            try? document.verify(by: key)
        }
        if let document = try? EmergencyGrant(decoding: bytes) {
            precondition(document.encoded() == bytes)
            try? document.verify(by: key)
        }
        if let document = try? EmergencyRequest(decoding: bytes) {
            precondition(document.encoded() == bytes)
            try? document.verify(by: key)
        }
    }

    private static func tile(_ bytes: [UInt8]) {
        guard let path = try? TilePath(parsing: text(bytes)) else { return }
        precondition(Array(path.text.utf8) == bytes)
    }
}
