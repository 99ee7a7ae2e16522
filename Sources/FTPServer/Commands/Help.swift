// HELP (RFC 959 §4.1.3) and SITE HELP: what each command takes and does, in one line.
import FTPProtocol

enum Help {
    /// Answered with the reason why they are not carried out.
    static let refused: Set<String> = ["CCC", "COMB", "MFCT", "SMNT"]

    static func reply(to argument: String?) -> Reply {
        guard let verb = argument?.split(separator: " ").first?.uppercased() else { return all }
        if verb == "SITE" { return site }
        guard let line = lines[verb] else { return Reply(502, "There is no command \(verb); HELP lists all") }
        return Reply(214, line)
    }

    private static let all: Reply = {
        let verbs = CommandTable.rules.keys.sorted().map { refused.contains($0) ? $0 + "*" : $0 }
        let rows = stride(from: 0, to: verbs.count, by: 10).map { verbs[$0..<min($0 + 10, verbs.count)].joined(separator: " ") }
        return Reply(214, lines: ["Commands (* refused, HELP and its name tell why):"] + rows + ["End"])
    }()

    static let site = Reply(
        214,
        lines: [
            "SITE commands:", "HELP", "CHMOD, UMASK, IDLE: accepted, without effect", "UTIME YYYYMMDDhhmmss NAME: sets the time of a file",
            "PROOF NAME: that a file is on the ledger", "RECEIPT NAME: where on the ledger it is", "POLICY FOLDER: what arriving files are sealed under",
            "QUOTA [FOLDER]: what you and the folder may hold, and what is used", "End",
        ])

    private static let lines: [String: String] = [
        "ABOR": "ABOR: stops the transfer",
        "ACCT": "ACCT TEXT: accepted, no account is needed",
        "ALLO": "ALLO BYTES: the size of the next upload",
        "APPE": "APPE NAME: adds to the end of a file",
        "AUTH": "AUTH TLS: begins TLS",
        "AVBL": "AVBL [FOLDER]: bytes that still fit",
        "CCC": "CCC: refused, the control connection stays protected",
        "CDUP": "CDUP: to the folder above",
        "CLNT": "CLNT NAME: tells the client's name",
        "COMB": "COMB: refused, each file is sealed by itself; use APPE",
        "CSID": "CSID: the server's name and version",
        "CWD": "CWD FOLDER: changes the current folder",
        "DELE": "DELE NAME: deletes a file",
        "EPRT": "EPRT |1 or 2|ADDRESS|PORT|: the server connects, for partners in its configuration",
        "EPSV": "EPSV [1, 2 or ALL]: the server tells a port for the data connection",
        "FEAT": "FEAT: the extensions that are supported",
        "HASH": "HASH NAME: SHA-256 of a file, or of the part that RANG named",
        "HELP": "HELP [COMMAND]: lists the commands, or explains one",
        "HOST": "HOST NAME: chooses a virtual host, before USER",
        "LANG": "LANG EN: the language of replies",
        "LIST": "LIST [NAME]: lists a folder for people",
        "MDTM": "MDTM NAME: the time of a file; MDTM YYYYMMDDhhmmss NAME sets it",
        "MFCT": "MFCT: refused, the time of creation is the ledger's; use MFMT",
        "MFF": "MFF Modify=YYYYMMDDhhmmss; NAME: sets the time of a file",
        "MFMT": "MFMT YYYYMMDDhhmmss NAME: sets the time of a file",
        "MKD": "MKD FOLDER: makes a folder",
        "MLSD": "MLSD [FOLDER]: lists a folder for programs",
        "MLST": "MLST [NAME]: the facts of a file or folder",
        "MODE": "MODE S or B: stream, or block for many files over one data connection",
        "NLST": "NLST [FOLDER]: the names in a folder",
        "NOOP": "NOOP: does nothing",
        "OPTS": "OPTS MLST FACTS, OPTS HASH SHA-256, OPTS UTF8 ON, OPTS MODE B [PIPELINE]",
        "PASS": "PASS PASSWORD: after USER",
        "PASV": "PASV: the server tells an IPv4 address and port for the data connection",
        "PBSZ": "PBSZ 0: before PROT",
        "PORT": "PORT A,B,C,D,P,Q: the server connects, for partners in its configuration",
        "PROT": "PROT P: protects the data connections, which is needed",
        "PWD": "PWD: the current folder",
        "QUIT": "QUIT: ends the session",
        "RANG": "RANG FIRST LAST: the next RETR, HASH or XSHA256 is of these bytes; RANG 1 0 takes it back",
        "REIN": "REIN: logs out and begins anew",
        "REST": "REST OFFSET: where the next RETR or STOR begins",
        "RETR": "RETR NAME: gives a file",
        "RMD": "RMD FOLDER: removes an empty folder",
        "RMDA": "RMDA FOLDER: removes a folder with all that is in it",
        "RNFR": "RNFR NAME: what to rename; RNTO follows",
        "RNTO": "RNTO NAME: the new name",
        "SIZE": "SIZE NAME: the size of a file, or of what came of an upload that was cut off",
        "SMNT": "SMNT: refused, there is one tree and nothing to mount",
        "STAT": "STAT [NAME]: the session's state, or a listing over the control connection",
        "STOR": "STOR NAME: stores a file",
        "STOU": "STOU [NAME]: stores a file under a name that the server makes of this one",
        "STRU": "STRU F: the structure is file",
        "SYST": "SYST: the kind of system",
        "TYPE": "TYPE A, I or L 8: bytes are never changed",
        "USER": "USER NAME: begins the login",
        "XCUP": "XCUP: as CDUP",
        "XCWD": "XCWD FOLDER: as CWD",
        "XMKD": "XMKD FOLDER: as MKD",
        "XPWD": "XPWD: as PWD",
        "XRMD": "XRMD FOLDER: as RMD",
        "XSHA256": "XSHA256 NAME [FIRST LAST]: SHA-256 of a file or of a part; the name may stand in double quotes",
    ]
}
