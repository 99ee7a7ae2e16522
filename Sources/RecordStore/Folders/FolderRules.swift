// What a folder takes: how much, under which names, for how long.

/// Bounds on what is held. Nil: none.
package struct Quota: Hashable, Sendable {
    package var bytes: UInt64?
    package var files: UInt64?
    /// Of the disk, with older versions and what has lost its name.
    package var disk: UInt64?

    package init(bytes: UInt64? = nil, files: UInt64? = nil, disk: UInt64? = nil) {
        self.bytes = bytes
        self.files = files
        self.disk = disk
    }
}

package struct FolderRules: Hashable, Sendable {
    package var quota = Quota()
    /// Patterns with `*` and `?`, of which a file's name must match one; empty: any name.
    package var allowedNames: [String] = []
    /// Patterns of which a file's name may match none.
    package var forbiddenNames: [String] = []
    /// In bytes of UTF-8.
    package var maximumNameLength: Int?
    /// After so many days a file is taken out of the folder.
    package var retentionDays: Int?

    package init() {}

    /// The end of the first allowed pattern such as `*.hl7`, for names that the server makes; empty if there is none.
    package var usualEnding: Substring {
        allowedNames.first { $0.hasPrefix("*.") && !$0.dropFirst().contains { $0 == "*" || $0 == "?" } }?.dropFirst() ?? ""
    }

    /// Why a file may not have this name; nil if it may.
    package func objection(to name: String) -> String? {
        if let maximumNameLength, name.utf8.count > maximumNameLength { return "names in this folder have at most \(maximumNameLength) bytes" }
        if let pattern = forbiddenNames.first(where: { NamePattern($0).matches(name) }) { return "names like \(pattern) are not taken in this folder" }
        guard !allowedNames.isEmpty, !allowedNames.contains(where: { NamePattern($0).matches(name) }) else { return nil }
        return "this folder takes names like \(allowedNames.joined(separator: ", ")) only"
    }
}

/// A pattern for names: `*` stands for any characters, `?` for one; letters match in both cases.
struct NamePattern {
    private let pattern: [Character]

    init(_ text: String) { pattern = Array(text.lowercased()) }

    /// Takes time in proportion to the product of both lengths at most.
    func matches(_ name: String) -> Bool {
        let name = Array(name.lowercased())
        var (position, place) = (0, 0)
        // Where to go on when what follows the last star does not fit: one character later.
        var retry: (place: Int, position: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == "*" {
                retry = (place, position)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[position] {
                place += 1
                position += 1
            } else if let last = retry {
                retry = (last.place, last.position + 1)
                (place, position) = (last.place + 1, last.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == "*" }
    }
}
