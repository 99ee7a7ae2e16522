/// What each command must answer in each state and to each account: written down beside the server's own table, so that a slip in the one
/// shows against the other.
import FTPServer

/// Where a session stands.
enum SessionState: CaseIterable {
    case inClear, secured, loggedIn, dataProtected, transferring

    fileprivate var rank: Int { Self.allCases.firstIndex(of: self)! }
}

/// What an account may do with the names of the test.
enum Access: CaseIterable {
    case owner, reader, writer, stranger

    /// What is refused to it.
    var denied: Set<Permission> {
        switch self {
        case .owner: []
        case .reader: [.write, .delete, .rename, .makeDirectory, .removeDirectory, .changeFacts]
        case .writer: [.read]
        case .stranger: Set(Permission.allCases)
        }
    }
}

/// One row: a command, and its replies where it is heard at all.
struct CommandExpectation {
    let line: String
    /// The first state in which the command does its work.
    let from: SessionState
    /// The reply there and in later states.
    let code: Int
    /// Replies of states that differ.
    let exceptions: [SessionState: Int]
    /// What the account must be allowed, or the reply is 550; nil where the command touches no name.
    let needs: Permission?

    init(_ line: String, _ from: SessionState, _ code: Int, needs: Permission? = nil, _ exceptions: [SessionState: Int] = [:]) {
        self.line = line
        self.from = from
        self.code = code
        self.needs = needs
        self.exceptions = exceptions
    }

    var verb: String { String(line.prefix { $0 != " " }) }

    /// Whether the command may touch the file system in this state.
    func isHeard(in state: SessionState) -> Bool { state.rank >= from.rank }

    func isAllowed(_ access: Access) -> Bool { needs.map { !access.denied.contains($0) } ?? true }

    func reply(in state: SessionState, to access: Access) -> Int {
        if let exception = exceptions[state] { return exception }
        if isHeard(in: state) { return isAllowed(access) ? code : 550 }
        return state == .loggedIn ? 521 : 530
    }

    /// Before login the file /x and the folder /d exist; no data connection is arranged.
    static let all: [CommandExpectation] = [
        // Access.
        .init("AUTH TLS", .inClear, 503, [.inClear: 234]),
        .init("HOST localhost", .inClear, 503, [.inClear: 220, .secured: 220]),
        .init("USER somebody", .secured, 530, [.secured: 331]), .init("PASS right", .secured, 503),
        .init("ACCT x", .secured, 202), .init("SMNT /", .loggedIn, 502), .init("REIN", .secured, 220), .init("QUIT", .inClear, 221),
        .init("PBSZ 0", .secured, 200), .init("PROT P", .secured, 503, [.dataProtected: 200, .transferring: 200]), .init("CCC", .secured, 534),
        // Parameters.
        .init("TYPE I", .loggedIn, 200), .init("MODE S", .loggedIn, 200), .init("STRU F", .loggedIn, 200), .init("OPTS UTF8 ON", .secured, 200),
        .init("ALLO 10", .loggedIn, 200), .init("RANG 0 1", .loggedIn, 350), .init("LANG EN", .secured, 200), .init("REST 5", .loggedIn, 350),
        // Data connections.
        .init("PASV", .dataProtected, 227), .init("EPSV", .dataProtected, 229), .init("PORT 127,0,0,1,200,1", .dataProtected, 502),
        .init("EPRT |1|127.0.0.1|5000|", .dataProtected, 502),
        // Transfers: 425 without a data connection, and only where they are allowed.
        .init("RETR x", .dataProtected, 425, needs: .read), .init("STOR new", .dataProtected, 425, needs: .write),
        .init("APPE x", .dataProtected, 425, needs: .write), .init("STOU new", .dataProtected, 425, needs: .write),
        .init("LIST d", .dataProtected, 425, needs: .list), .init("NLST d", .dataProtected, 425, needs: .list),
        .init("MLSD d", .dataProtected, 425, needs: .list), .init("ABOR", .loggedIn, 226),
        // Names.
        .init("PWD", .loggedIn, 257), .init("XPWD", .loggedIn, 257),
        .init("CWD d", .loggedIn, 250, needs: .enter), .init("XCWD d", .loggedIn, 250, needs: .enter),
        .init("CDUP", .loggedIn, 250, needs: .enter), .init("XCUP", .loggedIn, 250, needs: .enter), .init("MKD new", .loggedIn, 257, needs: .makeDirectory),
        .init("XMKD new", .loggedIn, 257, needs: .makeDirectory), .init("RMD d", .loggedIn, 250, needs: .removeDirectory),
        .init("XRMD d", .loggedIn, 250, needs: .removeDirectory), .init("RMDA d", .loggedIn, 250, needs: .removeDirectory),
        .init("DELE x", .loggedIn, 250, needs: .delete), .init("COMB x", .loggedIn, 502),
        .init("RNFR x", .loggedIn, 350, needs: .rename), .init("RNTO new", .loggedIn, 503),
        // Facts.
        .init("SIZE x", .loggedIn, 213, needs: .enter), .init("MDTM x", .loggedIn, 213, needs: .enter),
        .init("MDTM 20260101000000 x", .loggedIn, 213, needs: .changeFacts),
        .init("MFMT 20260101000000 x", .loggedIn, 213, needs: .changeFacts), .init("MFF Modify=20260101000000; x", .loggedIn, 213, needs: .changeFacts),
        .init("MFCT 20260101000000 x", .loggedIn, 502), .init("AVBL", .loggedIn, 213, needs: .enter), .init("MLST x", .loggedIn, 250, needs: .enter),
        .init("HASH x", .loggedIn, 213, needs: .enter), .init("XSHA256 x", .loggedIn, 250, needs: .enter),
        // Information.
        .init("FEAT", .inClear, 211), .init("HELP", .inClear, 214), .init("SYST", .inClear, 215), .init("NOOP", .inClear, 200),
        .init("STAT", .loggedIn, 211), .init("STAT x", .loggedIn, 213, needs: .list), .init("CSID", .secured, 200), .init("CLNT test", .secured, 200),
        .init("SITE HELP", .loggedIn, 214), .init("SITE CHMOD 644 x", .loggedIn, 202),
        .init("SITE UTIME 20260101000000 x", .loggedIn, 213, needs: .changeFacts),
        .init("SITE PROOF x", .loggedIn, 211, needs: .enter), .init("SITE RECEIPT x", .loggedIn, 211, needs: .enter),
        .init("SITE POLICY d", .loggedIn, 211, needs: .enter), .init("SITE QUOTA d", .loggedIn, 211, needs: .enter),
        // Not commands here.
        .init("XYZZY x", .inClear, 500), .init("SITE EXEC x", .loggedIn, 504), .init("SITE CPFR /x", .loggedIn, 504), .init("SITE CPTO /y", .loggedIn, 504),
    ]
}
