/// What the protocol needs of the store behind it: an abstract file system, made anew for each login.
package import FTPProtocol

/// The tree as one account sees it. Methods that may block are async and run elsewhere than on the event loop.
package protocol FileSystem: Sendable {
    /// The one authorisation layer under all commands: throws unless the account may do this to the path. Must not block.
    func authorize(_ permission: Permission, _ path: VirtualPath) async throws(FileSystemError)

    /// The facts of a file or folder.
    func entry(at path: VirtualPath) async throws(FileSystemError) -> ListingEntry
    /// The size to resume an upload from: as `entry`, but also of an upload of this account that was cut off.
    func resumableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64
    func list(_ path: VirtualPath) async throws(FileSystemError) -> any DirectoryListing
    /// The bytes from an offset to the end, or at most so many of them; `pastEnd` if the offset lies behind the end, and, for a part,
    /// if no byte follows it.
    func openForReading(_ path: VirtualPath, at offset: UInt64, atMost byteCount: UInt64?) async throws(FileSystemError) -> any FileReader
    /// Prepares an upload; nothing is visible before `FileWriter.commit`.
    func openForWriting(_ path: VirtualPath, _ mode: WriteMode) async throws(FileSystemError) -> any FileWriter
    func makeDirectory(_ path: VirtualPath) async throws(FileSystemError)
    func removeDirectory(_ path: VirtualPath) async throws(FileSystemError)
    func remove(_ path: VirtualPath) async throws(FileSystemError)
    func rename(_ path: VirtualPath, to target: VirtualPath) async throws(FileSystemError)
    func setModificationTime(_ path: VirtualPath, _ time: FTPTimestamp) async throws(FileSystemError)
    /// SHA-256 of the file's bytes as this account reads or sent them, or of a part that lies within them, in lower-case hexadecimal.
    /// Gives up when its task is cancelled.
    func sha256(of path: VirtualPath, in range: ByteRange?) async throws(FileSystemError) -> String
    /// Bytes that an upload to the folder may still take.
    func availableByteCount(at path: VirtualPath) async throws(FileSystemError) -> UInt64
    /// A text that goes with a file or folder.
    func text(_ topic: TextTopic, of path: VirtualPath) async throws(FileSystemError) -> String
    /// The session is over: secrets are forgotten.
    func end() async
}

/// What a command wants to do with a path.
package enum Permission: Sendable, CaseIterable {
    /// `facts`: size, time and what else is known of one entry; `digest`: the hash of a file's bytes.
    case enter, facts, digest, list, read, write, delete, rename, makeDirectory, removeDirectory, changeFacts
}

/// What SITE shows of a path.
package enum TextTopic: Sendable {
    /// The inclusion proof of a file's latest version.
    case proof
    /// Where on the ledger a file's latest version stands, as the reply to its upload said.
    case receipt
    /// The policy that what is sent to a folder is sealed under.
    case policy
    /// What the account and the folder may still hold.
    case quota
}

package enum WriteMode: Sendable, Equatable {
    case replace
    case resume(at: UInt64)
    case append
    /// A name that does not exist yet, made from the given one (STOU).
    case unique

    /// Where what comes begins in the file, as far as the client has said.
    var offset: UInt64 { if case .resume(let offset) = self { offset } else { 0 } }
}

/// A listing in pages, so that a folder of any size streams in bounded memory.
package protocol DirectoryListing: Sendable {
    /// The next page, empty at the end.
    func next() async throws(FileSystemError) -> [ListingEntry]
}

package protocol FileReader: Sendable {
    /// What the account gets, for the text of reply 150 ("sealed envelope", "file").
    var contentDescription: String { get }
    /// How many bytes it gives from first to last.
    var remainingByteCount: UInt64 { get }
    /// Fills the buffer as far as there is data; a count of 0 is the end.
    func read(into buffer: TransferBuffer) async throws(FileSystemError)
    func close() async
}

package protocol FileWriter: Sendable {
    /// The name under which the file will appear.
    var path: VirtualPath { get }
    /// At least so many bytes will come: throws if there is no room for them. Comes before the first `write`, if at all.
    func announce(_ byteCount: UInt64) async throws(FileSystemError)
    /// Takes the buffer's bytes; it may be used again when the call returns. A call may begin before the last one has returned:
    /// the blocks are taken in the order in which the calls began.
    func write(_ buffer: TransferBuffer) async throws(FileSystemError)
    /// Takes the last bytes and makes the whole durable and visible, provably. Returns the text of reply 226.
    func commit(_ last: TransferBuffer) async throws(FileSystemError) -> String
    /// The upload was cut off: takes the last bytes, keeps what can be resumed, publishes nothing.
    func interrupt(_ last: TransferBuffer) async
    /// The upload never began: leaves no trace.
    func discard() async
}
