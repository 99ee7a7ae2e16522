/// The one table of commands: what each needs before it may run, and who carries it out. What is not in it is refused.
import FTPProtocol

/// When a command may be given.
enum RequiredState {
    /// Also in clear.
    case always
    /// Under TLS.
    case secured
    /// Under TLS and logged in.
    case loggedIn
    /// As `loggedIn`, with the data channel protected by PROT P.
    case dataProtected
}

enum ArgumentRule { case none, optional, required }

struct CommandRule: Sendable {
    let state: RequiredState
    let argument: ArgumentRule
    /// What the command does to the path it names; checked by the file system's authorisation layer.
    let permission: Permission?
    /// Leaves REST and RNFR in force.
    let keepsState: Bool
    let handler: @Sendable (ControlSession, Command) async -> Void

    init(
        _ state: RequiredState, _ argument: ArgumentRule, _ permission: Permission? = nil, keepsState: Bool = false,
        _ handler: @escaping @Sendable (ControlSession, Command) async -> Void
    ) {
        self.state = state
        self.argument = argument
        self.permission = permission
        self.keepsState = keepsState
        self.handler = handler
    }

    /// The reply that refuses the command in the session's present state; nil if it may run.
    func refusal(_ command: Command, in session: ControlSession) -> Reply? {
        if state != .always, !session.isSecure { return Reply(530, "TLS is required: send AUTH TLS first") }
        if state == .loggedIn || state == .dataProtected, session.login == nil { return Reply(530, "Log in with USER and PASS first") }
        if state == .dataProtected, !session.isDataProtected {
            return Reply(521, "The data connection must be protected: send PBSZ 0 and PROT P first")
        }
        switch argument {
        case .required where command.argument == nil: return Reply(501, "\(command.verb) needs an argument")
        case .none where command.argument != nil: return Reply(501, "\(command.verb) takes no argument")
        default: return nil
        }
    }
}

enum CommandTable {
    /// Verbs of other protocols: a browser was led to this port (ALPACA), the connection ends.
    static let foreignVerbs: Set<String> = ["GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "PATCH", "DELETE", "TRACE", "EHLO", "HELO"]

    static let rules: [String: CommandRule] = [
        // Access
        "AUTH": .init(.always, .required) { await $0.auth($1) },
        "HOST": .init(.always, .required) { await $0.host($1) },
        "USER": .init(.always, .required) { await $0.user($1) },
        "PASS": .init(.always, .optional) { await $0.pass($1) },
        "SMNT": .init(.loggedIn, .optional) { s, _ in await s.send(Reply(502, "There is one tree and nothing to mount")) },
        "ACCT": .init(.secured, .optional) { s, _ in await s.send(Reply(202, "No account is needed")) },
        "REIN": .init(.secured, .none) { s, _ in await s.reinitialize() },
        "QUIT": .init(.always, .optional) { s, _ in await s.quit() },
        "PBSZ": .init(.secured, .required) { await $0.protectionBufferSize($1) },
        "PROT": .init(.secured, .required) { await $0.protectionLevel($1) },
        "CCC": .init(.secured, .optional) { s, _ in await s.send(Reply(534, "The control connection stays protected")) },
        // Parameters
        "TYPE": .init(.loggedIn, .required, keepsState: true) { await $0.representationType($1) },
        "MODE": .init(.loggedIn, .required, keepsState: true) { await $0.transferMode($1) },
        "STRU": .init(.loggedIn, .required, keepsState: true) { await $0.fileStructure($1) },
        "OPTS": .init(.secured, .required, keepsState: true) { await $0.options($1) },
        "ALLO": .init(.loggedIn, .required, keepsState: true) { await $0.allocate($1) },
        "RANG": .init(.loggedIn, .required, keepsState: true) { await $0.range($1) },
        "LANG": .init(.secured, .optional, keepsState: true) { await $0.language($1) },
        "REST": .init(.loggedIn, .required, keepsState: true) { await $0.restart($1) },
        // Data connections
        "PASV": .init(.dataProtected, .none, keepsState: true) { s, _ in await s.passive() },
        "EPSV": .init(.dataProtected, .optional, keepsState: true) { await $0.extendedPassive($1) },
        "PORT": .init(.dataProtected, .required, keepsState: true) { await $0.port($1) },
        "EPRT": .init(.dataProtected, .required, keepsState: true) { await $0.extendedPort($1) },
        // Transfers
        "RETR": .init(.dataProtected, .required, .read) { await $0.retrieve($1) },
        "STOR": .init(.dataProtected, .required, .write) { await $0.store($1) },
        "APPE": .init(.dataProtected, .required, .write) { await $0.append($1) },
        "STOU": .init(.dataProtected, .optional, .write) { await $0.storeUnique($1) },
        "LIST": .init(.dataProtected, .optional, .list) { await $0.list($1, style: .unix) },
        "NLST": .init(.dataProtected, .optional, .list) { await $0.list($1, style: .names) },
        "MLSD": .init(.dataProtected, .optional, .list) { await $0.list($1, style: .machine) },
        "ABOR": .init(.loggedIn, .none) { s, _ in await s.abort() },
        // Names
        "PWD": .init(.loggedIn, .none) { s, _ in await s.send(Reply(257, "\(s.directory.quoted) is the current folder")) },
        "XPWD": .init(.loggedIn, .none) { s, _ in await s.send(Reply(257, "\(s.directory.quoted) is the current folder")) },
        "CWD": .init(.loggedIn, .required, .enter) { await $0.changeDirectory($1) },
        "XCWD": .init(.loggedIn, .required, .enter) { await $0.changeDirectory($1) },
        "CDUP": .init(.loggedIn, .none, .enter) { s, _ in await s.changeDirectory(Command(verb: "CWD", argument: "..")) },
        "XCUP": .init(.loggedIn, .none, .enter) { s, _ in await s.changeDirectory(Command(verb: "CWD", argument: "..")) },
        "MKD": .init(.loggedIn, .required, .makeDirectory) { await $0.makeDirectory($1) },
        "XMKD": .init(.loggedIn, .required, .makeDirectory) { await $0.makeDirectory($1) },
        "RMD": .init(.loggedIn, .required, .removeDirectory) { await $0.removeDirectory($1) },
        "XRMD": .init(.loggedIn, .required, .removeDirectory) { await $0.removeDirectory($1) },
        "DELE": .init(.loggedIn, .required, .delete) { await $0.delete($1) },
        "RMDA": .init(.loggedIn, .required, .removeDirectory) { await $0.removeTree($1) },
        "COMB": .init(.loggedIn, .optional) { s, _ in await s.send(Reply(502, "Each file is sealed by itself and cannot be joined to another; use APPE")) },
        "RNFR": .init(.loggedIn, .required, .rename, keepsState: true) { await $0.renameFrom($1) },
        "RNTO": .init(.loggedIn, .required, .rename) { await $0.renameTo($1) },
        // Facts
        "SIZE": .init(.loggedIn, .required, .facts, keepsState: true) { await $0.size($1) },
        "MDTM": .init(.loggedIn, .required, .facts, keepsState: true) { await $0.modificationTime($1) },
        "MFMT": .init(.loggedIn, .required, .changeFacts) { await $0.modifyTime($1) },
        "MFF": .init(.loggedIn, .required, .changeFacts) { await $0.modifyFacts($1) },
        "MFCT": .init(.loggedIn, .required, .changeFacts) { s, _ in await s.send(Reply(502, "The time of creation is the ledger's; use MFMT")) },
        "AVBL": .init(.loggedIn, .optional, .enter) { await $0.availableSpace($1) },
        "MLST": .init(.loggedIn, .optional, .facts) { await $0.listOne($1) },
        "HASH": .init(.loggedIn, .required, .digest) { await $0.hash($1) },
        "XSHA256": .init(.loggedIn, .required, .digest) { await $0.hash($1) },
        // Information
        "FEAT": .init(.always, .none, keepsState: true) { s, _ in await s.features() },
        "HELP": .init(.always, .optional, keepsState: true) { s, command in await s.send(Help.reply(to: command.argument)) },
        "SYST": .init(.always, .optional, keepsState: true) { s, _ in await s.send(Reply(215, "UNIX Type: L8")) },
        "NOOP": .init(.always, .optional, keepsState: true) { s, _ in await s.send(Reply(200, "OK")) },
        "STAT": .init(.loggedIn, .optional, .list) { await $0.status($1) },
        "SITE": .init(.loggedIn, .required) { await $0.site($1) },
        "CSID": .init(.secured, .optional) { s, _ in
            await s.send(Reply(200, "Name=phrd; Version=\(SoftwareVersion.text); OS=Linux; CaseSensitive=1; DirSep=/;"))
        },
        "CLNT": .init(.secured, .optional) { await $0.client($1) },
    ]
}
