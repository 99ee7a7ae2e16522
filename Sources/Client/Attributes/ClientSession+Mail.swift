// Messages about keys through `/mail`: the patient and the doctor need no other channel.

internal import Envelope
internal import FTPClient
internal import FTPProtocol
internal import Glibc
internal import Keyring

/// A message that waits in our mail folder, or a file that somebody handed over.
struct WaitingMessage {
    let kind: MessageKind
    /// Its name in the mail folder; nil for a file.
    let name: String?
    let message: SealedMessage
}

/// A message that could not be read or did not pass its checks; it stays where it is.
package struct RefusedMessage: Encodable, Sendable {
    package let name: String
    package let reason: String
}

extension ClientSession {
    /// Origin of the site's log, as keyring and messages name the site.
    var site: String { log.origin }

    /// Seconds since 1970.
    var now: UInt64 { UInt64(max(time(nil), 0)) }

    func heading(_ kind: MessageKind, to receiver: String) -> MessageHeading {
        MessageHeading(kind: kind, sender: user, receiver: receiver, site: site, time: now)
    }

    /// Seals a document for somebody whose keys the ledger proves.
    func seal(_ document: [UInt8], _ kind: MessageKind, for receiver: CheckedContact) throws -> [UInt8] {
        try SealedMessage.seal(document, kind: kind, for: receiver.bundle.recipient, signer: try keyring.signer())
    }

    /// Puts a sealed message into somebody's mail folder.
    func mail(_ envelope: [UInt8], _ kind: MessageKind, to receiver: String) async throws {
        let name = "\(kind.word)-\(randomBytes(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()).phr"
        let path = try VirtualPath(absolute: "/mail").appending(receiver).appending(name)
        do {
            try await ftp.store(path, bytes: envelope)
        } catch {
            throw ClientError(error).during("mail to \(receiver)")
        }
    }

    /// The messages of some kinds in our mail folder, oldest first, and those that do not open.
    func waitingMessages(_ kinds: Set<MessageKind>) async throws -> (messages: [WaitingMessage], refused: [RefusedMessage]) {
        let folder = try VirtualPath(absolute: "/mail").appending(user)
        var found: [(entry: ListingEntry, kind: MessageKind)] = []
        for entry in try await ftp.list(folder) where entry.kind == .file {
            guard let kind = MessageKind.allCases.first(where: { entry.name.hasPrefix($0.word + "-") }), kinds.contains(kind) else { continue }
            found.append((entry, kind))
        }
        found.sort { ($0.entry.modified ?? 0, $0.entry.name) < ($1.entry.modified ?? 0, $1.entry.name) }
        let identities = try keyring.identities()
        var messages: [WaitingMessage] = []
        var refused: [RefusedMessage] = []
        for (entry, kind) in found {
            do {
                // Anybody may write here: what is too large for a message is not even fetched.
                guard entry.size ?? 0 <= UInt64(SealedMessage.maximumByteCount) else {
                    throw ClientError(.tampered, "it is larger than any message")
                }
                guard let bytes = try await ftp.retrieveAll(try folder.appending(entry.name), limit: SealedMessage.maximumByteCount) else { continue }
                messages.append(WaitingMessage(kind: kind, name: entry.name, message: try SealedMessage(opening: bytes, with: identities)))
            } catch let error as FTPClientError where error.endsSession {
                throw error
            } catch {
                refused.append(RefusedMessage(name: entry.name, reason: ClientError(error).message))
            }
        }
        return (messages, refused)
    }

    /// Opens a message that was handed over as a file. What it is stands in its metadata.
    func message(inFile path: String) throws -> WaitingMessage {
        let bytes: [UInt8]
        do {
            bytes = try PrivateFile.read(path, limit: SealedMessage.maximumByteCount, isSecret: false)
        } catch .missing {
            throw ClientError(.notFound, "there is no file \(path)")
        } catch {
            throw ClientError(.configuration, "\(error)")
        }
        do {
            let message = try SealedMessage(opening: bytes, with: try keyring.identities())
            guard let kind = MessageKind.allCases.first(where: { $0.mediaType == message.mediaType }) else {
                throw ClientError(.usage, "it is no message about attribute keys")
            }
            return WaitingMessage(kind: kind, name: nil, message: message)
        } catch let error as EnvelopeError where error.code == .wrongKey {
            throw ClientError(.wrongKey, "\(path) is sealed for somebody else", hint: "it opens with the identity that it was made for, and no other")
        } catch {
            throw ClientError(error).during(path)
        }
    }

    /// Takes a message that has been dealt with out of our mail folder.
    func remove(_ message: WaitingMessage) async throws {
        if let name = message.name { try await removeMessage(name) }
    }

    func removeMessage(_ name: String) async throws {
        try await ftp.delete(try VirtualPath(absolute: "/mail").appending(user).appending(name))
    }

    /// Checks whom a message is from and to, and its signature; gives its sender.
    func sender(of heading: MessageHeading, _ message: WaitingMessage) async throws -> CheckedContact {
        guard heading.kind == message.kind else { throw ClientError(.tampered, "\(message.kind.noun) says that it is something else") }
        guard heading.receiver == user else {
            throw ClientError(.tampered, "\(message.kind.noun) was written to \(heading.receiver), not to \(user)")
        }
        guard heading.site == site else {
            throw ClientError(
                .tampered, "\(message.kind.noun) is for the site \(heading.site), not for \(site)", hint: "choose the profile of that site: --profile NAME")
        }
        guard heading.time <= now + 86_400 else { throw ClientError(.tampered, "\(message.kind.noun) is dated in the future") }
        let sender = try await contact(heading.sender)
        try message.message.requireSigner(sender.bundle.signingKey, name: heading.sender)
        return sender
    }
}
