// An authority's record in a file of the user's.

internal import Keyring

/// `NAME=FILE`, read.
package struct AuthorityFile: Sendable {
    package let name: String
    package let path: String
    let bytes: [UInt8]

    private static let largestByteCount = 64 * 1024

    package init(_ argument: String) throws(ClientError) {
        guard let mark = argument.firstIndex(of: "="), mark != argument.startIndex else {
            throw ClientError(.usage, "\(argument): the name of the authority is missing", hint: "for example: --authority stmary=stmary.authority")
        }
        name = String(argument[..<mark])
        path = String(argument[argument.index(after: mark)...])
        do {
            bytes = try PrivateFile.read(path, limit: Self.largestByteCount, isSecret: false)
        } catch {
            throw ClientError(.configuration, "cannot read the record of \(name): \(error)")
        }
    }
}

extension ClientSession {
    /// Seals under these records in place of those of the site.
    package func use(_ files: [AuthorityFile]) async throws {
        for file in files { try await useAuthority(file.name, record: file.bytes, file: file.path) }
    }
}
