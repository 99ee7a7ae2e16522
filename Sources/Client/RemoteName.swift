// A record on the server as users name it, and the paths of its envelope, header, proof and versions.

package import FTPProtocol

/// A file or folder of the server's tree: `alice/visit.json`, or `/records/alice/visit.json.phr`.
package struct RemoteName: Sendable, Hashable {
    package let path: VirtualPath

    /// Trees whose folders belong to somebody: the first component below them is the owner or the partner.
    private static let trees: Set<String> = ["records", "inbox", "exchange", "mail"]
    private static let suffix = ".phr"

    package init(path: VirtualPath) {
        self.path = path
    }

    /// A name as typed. Without a leading slash it is below `/records`.
    package init(_ text: String) throws(ClientError) {
        do {
            path = try (text.hasPrefix("/") ? VirtualPath.root : try VirtualPath(absolute: "/records")).resolving(text)
        } catch {
            throw ClientError(.usage, "\(text): \(error)")
        }
    }

    /// The name of one record: where it lies as an envelope, its name ends with `.phr`.
    package static func record(_ text: String) throws(ClientError) -> RemoteName {
        try RemoteName(text).envelope()
    }

    /// The name with `.phr` at its end.
    package func envelope() throws(ClientError) -> RemoteName {
        guard let last = path.last, folder != nil, path.components.count >= 3 else {
            throw ClientError(.usage, "\(path) is no record", hint: "for example: alice/visit.json")
        }
        guard !last.hasSuffix(Self.suffix) else { return self }
        return RemoteName(path: try Self.checked { () throws(PathError) in try path.parent.appending(last + Self.suffix) })
    }

    /// The folder with an owner of its own: `/records/alice`.
    package var folder: VirtualPath? {
        guard path.components.count >= 2, Self.trees.contains(path.components[0]) else { return nil }
        return try? VirtualPath(absolute: "/" + path.components[0] + "/" + path.components[1])
    }

    /// The path from the server's root.
    package var fullPath: String { path.description }

    /// `records`, `inbox`, `exchange` or `mail`.
    package var tree: String? { folder == nil ? nil : path.components[0] }
    /// Whose folder it is.
    package var owner: String? { folder == nil ? nil : path.components[1] }

    /// The last component without `.phr`: the record's own name.
    package var plainName: String {
        let last = path.last ?? ""
        return last.hasSuffix(Self.suffix) && last.utf8.count > Self.suffix.utf8.count ? String(last.dropLast(Self.suffix.count)) : last
    }

    /// Heads of the envelope's members.
    package func headers() throws(ClientError) -> VirtualPath { try hidden(".headers") }
    /// The proof of the latest version.
    package func proof() throws(ClientError) -> VirtualPath { try hidden(".proofs") }
    /// The folder of all versions.
    package func versions() throws(ClientError) -> VirtualPath { try hidden(".versions") }

    private func hidden(_ name: String) throws(ClientError) -> VirtualPath {
        guard let folder, let rest = path.components(below: folder), !rest.isEmpty else {
            throw ClientError(.usage, "\(path) is no record")
        }
        return try Self.checked { () throws(PathError) in
            try folder.appending(name).resolving(rest.joined(separator: "/"))
        }
    }

    private static func checked(_ make: () throws(PathError) -> VirtualPath) throws(ClientError) -> VirtualPath {
        do { return try make() } catch { throw ClientError(.usage, "\(error)") }
    }
}

extension RemoteName: CustomStringConvertible {
    /// The short form where there is one.
    package var description: String {
        path.components.first == "records" && path.components.count > 2 ? path.components.dropFirst().joined(separator: "/") : path.description
    }
}
