// From a command's argument to an authorised path, and from a thrown error to a reply: used by every command on names.
import FTPProtocol
import Logging

extension ControlSession {
    /// Resolves the argument against the current folder and asks the authorisation layer, as the command table demands.
    func authorizedPath(_ command: Command) async throws(FileSystemError) -> VirtualPath {
        try await authorizedPath(command.argument, for: command.verb)
    }

    func authorizedPath(_ argument: String?, for verb: String) async throws(FileSystemError) -> VirtualPath {
        let path: VirtualPath
        do { path = try argument.map { try directory.resolving($0) } ?? directory } catch { throw .invalidName("\(error)") }
        guard let permission = CommandTable.rules[verb]?.permission else { throw .denied("the command names no permission") }
        try await fileSystem.authorize(permission, path)
        return path
    }

    /// Runs a command on names; a refusal becomes its reply.
    func answering(_ body: () async throws(FileSystemError) -> Reply) async {
        do { await send(try await body()) } catch { await send(logged(error).reply) }
    }

    /// Tells the operator about what the client is told only in general terms.
    func logged(_ error: FileSystemError) -> FileSystemError {
        switch error {
        case .damaged, .storageFull, .unavailable: logger.error("storage", metadata: ["error": "\(error)"])
        default: logger.debug("refused", metadata: ["error": "\(error)"])
        }
        return error
    }
}
