/// What an account tried and was refused, each under the event that it would have been.
import Audit
import FTPProtocol
import FTPServer
import RecordStore

extension AccountFileSystem {
    /// What doing this to the path is, done or refused.
    func auditKind(_ permission: Permission, _ path: VirtualPath) -> AuditEvent.Kind {
        switch permission {
        case .enter, .facts, .list: .listed
        case .read, .digest: .retrieved
        case .rename: .renamed
        case .makeDirectory: .directoryCreated
        case .removeDirectory: .directoryRemoved
        case .changeFacts: .factsChanged
        case .write: kindOfStoring(path) ?? .stored
        case .delete: kindOfStoring(path) == .emergencyGrantChanged ? .emergencyGrantChanged : .deleted
        }
    }

    /// Nil: a record.
    private func kindOfStoring(_ path: VirtualPath) -> AuditEvent.Kind? {
        switch Location(path) {
        case .hidden(_, .headers, _): .headerChanged
        case .keys: .keysRegistered
        case .sharing(let location):
            switch location {
            case .authorities, .authority, .authorityVersion: .authorityPublished
            case .issued, .issuances, .issuance: .keyIssued
            case .policies, .policiesOf, .policySection, .policy: .policySet
            case .emergencies, .grants, .grant: .emergencyGrantChanged
            case .request, .release, .pastRequests, .pastRequest: .emergencyAccess
            }
        default: nil
        }
    }

    /// Runs a command, and tells when it is refused.
    func tellingRefusal<R>(
        _ permission: Permission, _ path: VirtualPath, _ body: () async throws(FileSystemError) -> R
    ) async throws(FileSystemError) -> R {
        do throws(FileSystemError) {
            return try await body()
        } catch {
            await tellRefusal(auditKind(permission, path), path, error)
            throw error
        }
    }

    /// Tells that something was refused. What is not there is asked for all the time; what is hidden from this account is another matter.
    func tellRefusal(_ kind: AuditEvent.Kind, _ path: VirtualPath, _ error: FileSystemError) async {
        if isHidden(path) { return await tell(kind, path, outcome: .refused, reason: "permission denied") }
        switch error {
        case .notFound, .isDirectory, .notDirectory: return
        // Clients make folders without looking first.
        case .exists where kind == .directoryCreated: return
        default: await tell(kind, path, refused: error)
        }
    }

    /// Whether the path lies in a folder that exists and that this account may not know of.
    private func isHidden(_ path: VirtualPath) -> Bool {
        switch Location(path) {
        case .folder(let folder, _), .hidden(let folder, _, _): tree.access(to: folder) == nil && site.folderSnapshot()[folder] != nil
        default: false
        }
    }
}
