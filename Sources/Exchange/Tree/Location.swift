/// What a path of the virtual tree names.
import FTPProtocol
import RecordStore

enum Location: Equatable {
    case root
    /// `/inbox`, `/records`, `/exchange`, `/mail`.
    case section(FolderPath.Section)
    /// `/inbox/alice` and what is below it.
    case folder(FolderPath, [String])
    /// `/records/alice/.headers/…` and its siblings.
    case hidden(FolderPath, HiddenFolder, [String])
    /// `/.ledger/…`
    case ledger([String])
    /// `/.keys` or `/.keys/alice`.
    case keys(String?)
    /// `/.authorities/…`, `/.issued/…`, `/.policies/…`, `/.emergency/…`
    case sharing(SharingLocation)
    /// A path that can never exist.
    case nowhere

    init(_ path: VirtualPath) {
        let components = path.components
        guard let first = components.first else {
            self = .root
            return
        }
        switch first {
        case ".ledger": self = .ledger(Array(components.dropFirst()))
        case ".keys" where components.count <= 2: self = .keys(components.count == 2 ? components[1] : nil)
        case let root where SharingLocation.roots.contains(root): self = SharingLocation(components).map { .sharing($0) } ?? .nowhere
        default:
            guard let section = FolderPath.Section(rawValue: first) else {
                self = .nowhere
                return
            }
            guard components.count > 1 else {
                self = .section(section)
                return
            }
            guard let folder = try? FolderPath(section: section, name: components[1]) else {
                self = .nowhere
                return
            }
            if components.count > 2, let hidden = HiddenFolder(rawValue: components[2]) {
                self = .hidden(folder, hidden, Array(components.dropFirst(3)))
            } else {
                self = .folder(folder, Array(components.dropFirst(2)))
            }
        }
    }
}

/// Views of the records of a folder, found under its root but not listed there.
enum HiddenFolder: String, CaseIterable {
    case headers = ".headers"
    case proofs = ".proofs"
    case versions = ".versions"
}
