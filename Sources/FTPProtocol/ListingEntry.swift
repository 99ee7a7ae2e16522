// One entry of a folder as MLSD and MLST tell it (RFC 3659 §7), and as `ls -l` would.

/// A file or folder with the facts that a listing carries.
package struct ListingEntry: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case file
        case directory = "dir"
        case currentDirectory = "cdir"
        case parentDirectory = "pdir"

        package var isDirectory: Bool { self != .file }
    }

    package var name: String
    package var kind: Kind
    package var size: UInt64?
    /// Seconds since 1970 in UTC.
    package var modified: Int64?
    /// RFC 3659 §7.5.5: `a`, `d`, `f`, `r`, `w` of a file; `c`, `d`, `e`, `f`, `l`, `m`, `p` of a folder.
    package var permissions: String
    /// An identifier that two names share exactly when they are one object.
    package var unique: String?
    package var owner: String
    package var group: String

    package init(
        name: String, kind: Kind, size: UInt64? = nil, modified: Int64? = nil, permissions: String = "",
        unique: String? = nil, owner: String = "phr", group: String = "phr"
    ) {
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        self.permissions = permissions
        self.unique = unique
        self.owner = owner
        self.group = group
    }

    /// The facts that a client may ask for with OPTS MLST.
    package struct Facts: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let type = Facts(rawValue: 1)
        package static let size = Facts(rawValue: 2)
        package static let modify = Facts(rawValue: 4)
        package static let perm = Facts(rawValue: 8)
        package static let unique = Facts(rawValue: 16)
        /// What the name's extension says the content is.
        package static let mediaType = Facts(rawValue: 32)
        /// What is sent unless a client asks for other facts.
        package static let standard: Facts = [.type, .size, .modify, .perm, .unique]

        static let names: [(Facts, String)] = [
            (.type, "type"), (.size, "size"), (.modify, "modify"), (.perm, "perm"), (.unique, "unique"), (.mediaType, "media-type"),
        ]

        /// Reads the argument of `OPTS MLST type;size;`; unknown facts are passed over (RFC 3659 §7.9).
        package init(optionArgument text: String) {
            self = text.split(separator: ";").reduce(into: []) { facts, name in
                for (fact, known) in Self.names where ASCII.equalIgnoringCase(known, name) { facts.insert(fact) }
            }
        }

        /// `type;size;`, for the reply to OPTS MLST.
        package var optionText: String {
            Self.names.filter { contains($0.0) }.map { $0.1 + ";" }.joined()
        }

        /// `type*;size*;modify;`, for FEAT: a star marks what is sent.
        package var featureText: String {
            Self.names.map { $0.1 + (contains($0.0) ? "*;" : ";") }.joined()
        }
    }
}
