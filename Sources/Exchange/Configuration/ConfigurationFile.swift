/// Reads `phrd.toml` over the defaults, then the environment, then the command line. The only file that knows TOML.
import Foundation
private import TOMLKit

package struct ConfigurationError: Error, CustomStringConvertible {
    /// One line for each thing that is wrong, with file, place and reason.
    package let problems: [String]

    package init(problems: [String]) { self.problems = problems }

    package var description: String { problems.joined(separator: "\n") }
}

package enum ConfigurationFile {
    /// - Parameters:
    ///   - path: the file; relative paths inside it are relative to its folder.
    ///   - environment: `PHRD_SECTION_KEY` overrides `section.key`.
    ///   - overrides: `section.key=value` from the command line; the last word.
    package static func load(path: String, environment: [String: String] = [:], overrides: [String] = []) throws(ConfigurationError) -> Configuration {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw ConfigurationError(problems: ["\(path): cannot be read: \(error.localizedDescription)"])
        }
        let given = try parse(text, path: path)
        let table: TOMLTable
        do {
            // Tables are laid over the defaults, so that a file may name just what it changes.
            table = try TOMLEncoder().encode(Configuration())
        } catch {
            throw ConfigurationError(problems: ["the defaults cannot be encoded: \(error)"])
        }
        var problems = merge(given, into: table, place: { place(of: $0, in: text, path: path) })
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("PHRD_") {
            let words = name.dropFirst(5).lowercased().split(separator: "_", maxSplits: 1)
            let key = words.joined(separator: ".")
            if let problem = set(key, value, in: table) { problems.append("environment \(name): \(problem)") }
        }
        for override in overrides {
            let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                problems.append("--set \(override): must be section.key=value")
                continue
            }
            if let problem = set(String(parts[0]), String(parts[1]), in: table) { problems.append("--set \(override): \(problem)") }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        var configuration: Configuration
        do {
            configuration = try TOMLDecoder(strictDecoding: true).decode(Configuration.self, from: table)
        } catch {
            throw ConfigurationError(problems: ["\(path): \(error)"])
        }
        let wrong = configuration.problems
        guard wrong.isEmpty else {
            throw ConfigurationError(problems: located(wrong, in: text, path: path))
        }
        configuration.resolvePaths(against: URL(fileURLWithPath: path).deletingLastPathComponent())
        return configuration
    }

    /// Looks at the files that the configuration of `path` names.
    package static func check(filesOf configuration: Configuration, path: String) throws(ConfigurationError) {
        let problems = configuration.fileProblems
        guard !problems.isEmpty else { return }
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        throw ConfigurationError(problems: located(problems, in: text, path: path))
    }

    /// Each problem with the place of the key with which it begins.
    private static func located(_ problems: [String], in text: String, path: String) -> [String] {
        problems.map { "\(place(of: String($0.prefix { $0 != " " && $0 != ":" }), in: text, path: path)): \($0)" }
    }

    private static func parse(_ text: String, path: String) throws(ConfigurationError) -> TOMLTable {
        do {
            return try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw ConfigurationError(problems: ["\(path):\(error.source.begin.line): \(error.description)"])
        } catch {
            throw ConfigurationError(problems: ["\(path): \(error)"])
        }
    }

    /// Lays a file's tables over the defaults. Returns what does not fit.
    /// - Parameter place: where the file names a key.
    private static func merge(_ given: TOMLTable, into table: TOMLTable, place: (String) -> String) -> [String] {
        var problems: [String] = []
        for section in given.keys {
            if let defaults = repeated[section] {
                guard let list = given[section]?.array, list.allSatisfy({ $0.table != nil }) else {
                    problems.append("\(place(section)): \(section) must be sections: [[\(section)]]")
                    continue
                }
                let array = TOMLArray()
                for values in list.compactMap(\.table) {
                    guard let entry = try? defaults() else { continue }
                    problems += lay(values, over: entry, section: section, place: place)
                    array.append(entry)
                }
                table[section] = array
            } else if let known = table[section]?.table {
                guard let values = given[section]?.table else {
                    problems.append("\(place(section)): \(section) must be a section: [\(section)]")
                    continue
                }
                problems += lay(values, over: known, section: section, place: place)
            } else {
                problems.append("\(place(section)): unknown section [\(section)]; the sections are \(table.keys.sorted().joined(separator: ", "))")
            }
        }
        return problems
    }

    /// The sections that may come several times, `[[section]]`, and the defaults of one.
    private static let repeated: [String: @Sendable () throws -> TOMLTable] = [
        "host": { try TOMLEncoder().encode(Configuration.Host()) }, "listener": { try TOMLEncoder().encode(Configuration.Listener()) },
    ]

    private static func lay(_ values: TOMLTable, over known: TOMLTable, section: String, place: (String) -> String) -> [String] {
        var problems: [String] = []
        for key in values.keys {
            let name = "\(section).\(key)"
            guard let old = known[key], let new = values[key] else {
                problems.append("\(place(name)): unknown key \(name); the keys are \(known.keys.sorted().joined(separator: ", "))")
                continue
            }
            guard old.type == new.type else {
                problems.append("\(place(name)): \(name) must be \(describe(old.type))")
                continue
            }
            known[key] = new
        }
        return problems
    }

    /// Sets one value from text; returns what is wrong with it.
    private static func set(_ name: String, _ value: String, in table: TOMLTable) -> String? {
        let words = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard words.count == 2, let section = table[words[0]]?.table, let old = section[words[1]] else { return "unknown key \(name)" }
        switch old.type {
        case .string: section[words[1]] = value
        case .int:
            guard let number = Int(value) else { return "must be an integer" }
            section[words[1]] = number
        case .bool:
            guard let flag = Bool(value) else { return "must be true or false" }
            section[words[1]] = flag
        case .array: section[words[1]] = TOMLArray(value.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        default: return "cannot be set this way"
        }
        return nil
    }

    private static func describe(_ type: TOMLType) -> String {
        switch type {
        case .string: "text in quotes"
        case .int: "an integer"
        case .bool: "true or false"
        case .array: "a list, such as [\"127.0.0.1:2121\"]"
        default: "a \(type)"
        }
    }

    /// `file:line` of a key; just the file if the file does not name it.
    private static func place(of name: String, in text: String, path: String) -> String {
        let words = name.split(separator: ".").map(String.init)
        var section = ""
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("[") {
                section = String(line.drop { $0 == "[" }.prefix { $0 != "]" }).trimmingCharacters(in: .whitespaces)
                if words.count == 1, section == words[0] { return "\(path):\(number + 1)" }
            }
            let key = line.prefix { $0 != "=" }.trimmingCharacters(in: .whitespaces)
            if words.count == 2, section == words[0], key == words[1] { return "\(path):\(number + 1)" }
            if words.count == 1, section.isEmpty, key == words[0] { return "\(path):\(number + 1)" }
        }
        return path
    }
}

extension Configuration {
    fileprivate mutating func resolvePaths(against folder: URL) {
        func resolve(_ path: String) -> String {
            path.hasPrefix("/") ? path : folder.appendingPathComponent(path).standardizedFileURL.path
        }
        storage.data = resolve(storage.data)
        storage.keys = resolve(storage.keys)
        storage.anchor = resolve(storage.anchor)
        tls.certificate = resolve(tls.certificate)
        tls.key = resolve(tls.key)
        if !tls.client_ca.isEmpty { tls.client_ca = resolve(tls.client_ca) }
        if !tls.client_crl.isEmpty { tls.client_crl = resolve(tls.client_crl) }
        for index in host.indices {
            host[index].certificate = resolve(host[index].certificate)
            host[index].key = resolve(host[index].key)
        }
        if !hooks.socket.isEmpty { hooks.socket = resolve(hooks.socket) }
        auth.pam_socket = resolve(auth.pam_socket)
    }
}
