// Sealing and opening in memory, for all suites of this target.

import CanonicalEncoding
import Envelope

/// The keys of a small world: an owner, a server that seals, and some readers.
enum World {
    static let signer = try! Signer(seed: [UInt8](repeating: 0x51, count: 32))
    static let owner = try! Signer(seed: [UInt8](repeating: 0x0a, count: 32))
    static let alice = try! Identity.xWing(seed: [UInt8](repeating: 0xa1, count: 32))
    static let bob = try! Identity.x25519(privateKey: [UInt8](repeating: 0xb0, count: 32))
    static let carol = try! Identity.x25519(privateKey: [UInt8](repeating: 0xca, count: 32))
    static let dave = try! Identity.generateRSA()
}

extension Identity {
    var publicSide: Recipient { recipient! }
}

/// `count` bytes that differ from place to place.
func pattern(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    for index in bytes.indices { bytes[index] = UInt8((index * 7 + index / 251) % 251) }
    return bytes
}

/// One sealed member with its summary.
struct SealedMember {
    var bytes: [UInt8]
    var summary: MemberSummary
}

func sealMember(
    _ plaintext: [UInt8], for recipients: [Recipient] = [World.bob.publicSide], options: SealingOptions = .init(), chain: MemberChain? = nil,
    interrupted: Bool = false, metadata: RecordMetadata = .init(originalName: "ecg.dat"), chunk: Int = 16384, revision: UInt64 = 0
) throws -> SealedMember {
    let chain = chain ?? .first(objectID: MemberChain.newObjectID())
    let sealer = try MemberSealer(
        chain: chain, wrapKey: WrapKey(recipients: recipients), options: options, signer: World.signer, headerRevision: revision)
    var bytes = sealer.head
    var offset = 0
    while offset < plaintext.count {
        let end = min(offset + chunk, plaintext.count)
        try unsafe sealer.update(Array(plaintext[offset..<end])) { unsafe bytes.append(contentsOf: $0) }
        offset = end
    }
    let summary = try unsafe sealer.finish(metadata: metadata, interrupted: interrupted) { unsafe bytes.append(contentsOf: $0) }
    return SealedMember(bytes: bytes, summary: summary)
}

func seal(_ plaintext: [UInt8], for recipients: [Recipient] = [World.bob.publicSide], options: SealingOptions = .init()) throws -> [UInt8] {
    try sealMember(plaintext, for: recipients, options: options).bytes
}

/// A file of several members, one for each part; all but the last marked as interrupted.
func sealMembers(_ parts: [[UInt8]], for recipients: [Recipient] = [World.bob.publicSide], options: SealingOptions = .init()) throws -> [UInt8] {
    var file: [UInt8] = []
    var chain: MemberChain?
    for (index, part) in parts.enumerated() {
        let member = try sealMember(part, for: recipients, options: options, chain: chain, interrupted: index < parts.count - 1)
        file += member.bytes
        chain = .following(member.summary)
    }
    return file
}

/// Opens with every check there is.
func open(_ file: [UInt8], with identities: [Identity] = [World.bob]) throws -> [UInt8] {
    let source = ArrayByteSource(file)
    let layout = try EnvelopeLayout(scanning: source)
    try EnvelopeVerifier.verifyBody(layout, source: source, signerKeys: [World.signer.publicKey])
    return try EnvelopeReader(layout: layout, source: source, identities: identities).readAll()
}

/// The code of the error that `body` throws, or nil when it throws none.
func refusal(_ body: () throws -> Void) -> EnvelopeError.Code? {
    do {
        try body()
        return nil
    } catch let error as EnvelopeError {
        return error.code
    } catch {
        return .source
    }
}

func layout(_ file: [UInt8]) throws -> EnvelopeLayout { try EnvelopeLayout(scanning: ArrayByteSource(file)) }
