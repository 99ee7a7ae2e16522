// Listings: MLSD lines in bounded memory, and only names that stay in their folder.

package import FTPProtocol

extension FTPSession {
    package static let maximumListingByteCount = 64 * 1024 * 1024
    private static let maximumLineByteCount = 8 * 1024

    /// The entries of a folder, without the folder itself and its parent.
    ///
    /// A name that is no single name (`../x`, `/etc`, one with control characters) fails the whole listing: such a
    /// server is not to be trusted. Entries that are neither file nor folder are passed over.
    package func list(_ path: VirtualPath) async throws -> [ListingEntry] {
        var entries: [ListingEntry] = []
        var names: Set<String> = []
        var lines = LineSplitter(limit: Self.maximumLineByteCount)
        var byteCount = 0
        try await unsafe download("MLSD", path.description, from: 0) { piece in
            byteCount += piece.count
            guard byteCount <= Self.maximumListingByteCount else {
                throw FTPClientError.listingTooLarge(limit: Self.maximumListingByteCount)
            }
            try unsafe lines.append(piece) { line in
                guard let entry = try Self.entry(line) else { return }
                guard names.insert(entry.name).inserted else {
                    throw FTPClientError.malformedListing("the listing names \(entry.name) twice")
                }
                entries.append(entry)
            }
        }
        guard lines.isEmpty else { throw FTPClientError.malformedListing("the listing ends within a line") }
        return entries
    }

    private static func entry(_ line: String) throws -> ListingEntry? {
        let entry: ListingEntry
        do {
            entry = try ListingEntry.parse(machineLine: line)
        } catch .unsupportedType {
            return nil
        } catch {
            throw FTPClientError.malformedListing("\(error)".escapingControls)
        }
        guard entry.kind == .file || entry.kind == .directory else { return nil }
        guard VirtualPath.isName(entry.name) else { throw FTPClientError.unsafeName(entry.name.escapingControls) }
        return entry
    }
}

/// Splits bytes into lines of UTF-8, with a limit on each.
private struct LineSplitter {
    let limit: Int
    private var line: [UInt8] = []

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { line.isEmpty }

    mutating func append(_ bytes: UnsafeRawBufferPointer, take: (String) throws -> Void) throws {
        var rest = unsafe bytes[...]
        while let end = unsafe rest.firstIndex(of: 0x0A) {
            try unsafe extend(rest[..<end])
            unsafe rest = rest[(end + 1)...]
            if line.last == 0x0D { line.removeLast() }
            guard let text = String(validating: line, as: UTF8.self) else {
                throw FTPClientError.malformedListing("the listing is not UTF-8")
            }
            line.removeAll(keepingCapacity: true)
            try take(text)
        }
        try unsafe extend(rest)
    }

    private mutating func extend(_ bytes: Slice<UnsafeRawBufferPointer>) throws {
        guard unsafe bytes.count <= limit - line.count else { throw FTPClientError.malformedListing("a line of the listing is longer than \(limit) bytes") }
        unsafe line.append(contentsOf: bytes)
    }
}
