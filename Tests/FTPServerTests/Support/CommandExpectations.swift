/// What each command must answer in each state: written down beside the server's own table, so that a slip in the one shows against the other.

/// Where a session stands.
enum SessionState: CaseIterable {
    case inClear, secured, loggedIn, dataProtected, transferring
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
    /// The reply to an account that may do nothing; nil where the command touches no name.
    let denied: Int?

    init(_ line: String, _ from: SessionState, _ code: Int, denied: Int? = nil, _ exceptions: [SessionState: Int] = [:]) {
        self.line = line
        self.from = from
        self.code = code
        self.denied = denied
        self.exceptions = exceptions
    }

    var verb: String { String(line.prefix { $0 != " " }) }

    /// Whether the command may touch the file system in this state.
    func isHeard(in state: SessionState) -> Bool { state.rank >= from.rank }

    func reply(in state: SessionState, isAllowed: Bool) -> Int {
        if let exception = exceptions[state] { return exception }
        if isHeard(in: state) { return isAllowed ? code : denied ?? code }
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
        .init("RETR x", .dataProtected, 425, denied: 550), .init("STOR new", .dataProtected, 425, denied: 550),
        .init("APPE x", .dataProtected, 425, denied: 550), .init("STOU new", .dataProtected, 425, denied: 550),
        .init("LIST d", .dataProtected, 425, denied: 550), .init("NLST d", .dataProtected, 425, denied: 550),
        .init("MLSD d", .dataProtected, 425, denied: 550), .init("ABOR", .loggedIn, 226),
        // Names.
        .init("PWD", .loggedIn, 257), .init("XPWD", .loggedIn, 257), .init("CWD d", .loggedIn, 250, denied: 550), .init("XCWD d", .loggedIn, 250, denied: 550),
        .init("CDUP", .loggedIn, 250, denied: 550), .init("XCUP", .loggedIn, 250, denied: 550), .init("MKD new", .loggedIn, 257, denied: 550),
        .init("XMKD new", .loggedIn, 257, denied: 550), .init("RMD d", .loggedIn, 250, denied: 550), .init("XRMD d", .loggedIn, 250, denied: 550),
        .init("RMDA d", .loggedIn, 250, denied: 550), .init("DELE x", .loggedIn, 250, denied: 550), .init("COMB x", .loggedIn, 502),
        .init("RNFR x", .loggedIn, 350, denied: 550), .init("RNTO new", .loggedIn, 503),
        // Facts.
        .init("SIZE x", .loggedIn, 213, denied: 550), .init("MDTM x", .loggedIn, 213, denied: 550), .init("MFMT 20260101000000 x", .loggedIn, 213, denied: 550),
        .init("MFF Modify=20260101000000; x", .loggedIn, 213, denied: 550), .init("MFCT 20260101000000 x", .loggedIn, 502),
        .init("AVBL", .loggedIn, 213, denied: 550), .init("MLST x", .loggedIn, 250, denied: 550), .init("HASH x", .loggedIn, 213, denied: 550),
        .init("XSHA256 x", .loggedIn, 250, denied: 550),
        // Information.
        .init("FEAT", .inClear, 211), .init("HELP", .inClear, 214), .init("SYST", .inClear, 215), .init("NOOP", .inClear, 200),
        .init("STAT x", .loggedIn, 213, denied: 550), .init("SITE PROOF x", .loggedIn, 211, denied: 550), .init("SITE HELP", .loggedIn, 214),
        .init("CSID", .secured, 200), .init("CLNT test", .secured, 200),
        // Not commands here.
        .init("XYZZY x", .inClear, 500), .init("SITE EXEC x", .loggedIn, 504), .init("SITE CPFR /x", .loggedIn, 504), .init("SITE CPTO /y", .loggedIn, 504),
    ]
}

extension SessionState {
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self)! }
}
