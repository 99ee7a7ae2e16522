// All folders of the site at one moment, for look-ups without the database.

/// The folders as they were when the table was read.
package struct FolderTable: Sendable {
    private let folders: [FolderPath: Folder]

    package init(_ folders: [Folder]) {
        self.folders = Dictionary(folders.map { ($0.path, $0) }) { first, _ in first }
    }

    package subscript(path: FolderPath) -> Folder? { folders[path] }

    /// By section and name.
    package var all: [Folder] { folders.values.sorted { $0.path.text < $1.path.text } }

    /// The folders of a section in which an account has a part: as owner, writer or reader.
    package func folders(in section: FolderPath.Section, of account: String) -> [Folder] {
        all.filter { $0.path.section == section && $0.accounts.contains(account) }
    }
}
