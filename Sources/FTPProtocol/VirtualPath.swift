// A name in the virtual tree: checked once, absolute, free of dot segments; it never reaches the kernel.

/// Why a path was refused.
package enum PathError: Error, Equatable {
    case controlCharacter
    case componentTooLong(limit: Int)
    case tooDeep(limit: Int)
    case tooLong(limit: Int)
    /// A component hides `.` or `..` behind backslashes.
    case hiddenDots
    case notAbsolute
    /// A single name was expected: not empty, not `.` or `..`, without `/`.
    case notAName
}

extension PathError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .controlCharacter: "the name holds a control character"
        case .componentTooLong(let limit): "a name is longer than \(limit) bytes"
        case .tooDeep(let limit): "the path is deeper than \(limit) folders"
        case .tooLong(let limit): "the path is longer than \(limit) bytes"
        case .hiddenDots: "the name hides dot segments behind backslashes"
        case .notAbsolute: "the path does not start with a slash"
        case .notAName: "a single name is expected"
        }
    }
}

/// An absolute path of checked components. No path leads above the root.
package struct VirtualPath: Sendable, Hashable {
    package static let maximumComponentByteCount = 255
    package static let maximumDepth = 64
    package static let maximumByteCount = 4096
    package static let root = VirtualPath(components: [])

    package let components: [String]

    private init(components: [String]) {
        self.components = components
    }

    package init(absolute text: String) throws(PathError) {
        guard text.utf8.first == 0x2F else { throw .notAbsolute }
        self = try Self.root.resolving(text)
    }

    package var isRoot: Bool { components.isEmpty }
    package var last: String? { components.last }
    /// The containing folder; the root is its own.
    package var parent: VirtualPath { VirtualPath(components: Array(components.dropLast())) }

    /// Takes an argument as a client sends it: absolute with a leading slash, else relative to this path.
    ///
    /// Empty segments and `.` vanish, `..` goes up and stops at the root. A backslash is an ordinary character,
    /// but a segment such as `..\secret` is refused.
    package func resolving(_ argument: String) throws(PathError) -> VirtualPath {
        guard argument.utf8.count <= Self.maximumByteCount else { throw .tooLong(limit: Self.maximumByteCount) }
        guard !argument.unicodeScalars.contains(where: ASCII.isControl) else { throw .controlCharacter }
        var result = argument.utf8.first == 0x2F ? [] : components
        for segment in argument.utf8.split(separator: 0x2F) {
            let name = String(Substring(segment))
            switch name {
            case ".": continue
            case "..": _ = result.popLast()
            default:
                try Self.check(name)
                result.append(name)
                guard result.count <= Self.maximumDepth else { throw .tooDeep(limit: Self.maximumDepth) }
            }
        }
        let byteCount = result.reduce(0) { $0 + $1.utf8.count + 1 }
        guard byteCount <= Self.maximumByteCount else { throw .tooLong(limit: Self.maximumByteCount) }
        return VirtualPath(components: result)
    }

    /// The path of an entry of this folder.
    package func appending(_ name: String) throws(PathError) -> VirtualPath {
        guard Self.isName(name) else { throw .notAName }
        return try resolving(name)
    }

    /// Whether this path is `other` or lies beneath it.
    package func isWithin(_ other: VirtualPath) -> Bool { components.starts(with: other.components) }

    /// The components after those of `folder`, or `nil` when this path does not lie within it.
    package func components(below folder: VirtualPath) -> ArraySlice<String>? {
        isWithin(folder) ? components.dropFirst(folder.components.count) : nil
    }

    /// Whether a text is one name that a folder may hold: what a client accepts from a listing.
    package static func isName(_ name: String) -> Bool {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(0x2F) else { return false }
        guard !name.unicodeScalars.contains(where: ASCII.isControl) else { return false }
        return (try? check(name)) != nil
    }

    private static func check(_ name: String) throws(PathError) {
        guard name.utf8.count <= maximumComponentByteCount else {
            throw .componentTooLong(limit: maximumComponentByteCount)
        }
        guard name.utf8.contains(0x5C) else { return }
        for part in name.utf8.split(separator: 0x5C) where part.allSatisfy({ $0 == 0x2E }) && part.count <= 2 {
            throw .hiddenDots
        }
    }
}

extension VirtualPath: CustomStringConvertible {
    package var description: String { "/" + components.joined(separator: "/") }

    /// The path in quotes, with quotes inside doubled, as reply 257 wants it (RFC 959 appendix II).
    package var quoted: String {
        // By scalars: a quote with a combining mark behind it is another `Character`.
        var scalars = String.UnicodeScalarView()
        scalars.append("\"")
        for scalar in description.unicodeScalars {
            if scalar == "\"" { scalars.append(scalar) }
            scalars.append(scalar)
        }
        scalars.append("\"")
        return String(scalars)
    }

    /// Reads the quoted path at the start of the text of a 257 reply.
    package static func parse(quoted text: String) throws(PathError) -> VirtualPath {
        var scalars = text.unicodeScalars[...]
        guard scalars.popFirst() == "\"" else { throw .notAbsolute }
        var path = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            if scalar == "\"" {
                guard scalars.first == "\"" else { return try VirtualPath(absolute: String(path)) }
                scalars.removeFirst()
            }
            path.append(scalar)
        }
        throw .notAbsolute
    }
}
