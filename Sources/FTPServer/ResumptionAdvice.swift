/// What to switch on in a client that does not resume TLS sessions on data connections, for reply 522.
enum ResumptionAdvice {
    /// Clients by a word of what they say with CLNT.
    private static let switches: [(client: String, text: String)] = [
        ("winscp", "WinSCP: Advanced, TLS/SSL, \"Reuse TLS session ID for data connections\""),
        ("lftp", "lftp: set ftp:ssl-copy-sid yes"),
        ("curl", "curl: leave --no-sessionid away"),
        ("filezilla", "FileZilla: version 3.29 or later, it has no switch"),
        ("total commander", "Total Commander: a newer OpenSSL library beside it"),
        ("cuteftp", "CuteFTP: Global Options, SSL, \"Reuse cached session for data connection\""),
        ("smartftp", "SmartFTP: Properties, FTP, SSL, \"Reuse SSL session\""),
        ("fluentftp", "FluentFTP: its GnuTLS add-on"),
    ]

    private static let general =
        "the switch is called \"TLS session reuse\" or the like: WinSCP \"Reuse TLS session ID for data connections\", lftp ftp:ssl-copy-sid, "
        + "Python ftplib needs session=self.sock.session in ntransfercmd"

    static func text(for client: String?) -> String {
        guard let client = client?.lowercased() else { return general }
        return switches.first { client.contains($0.client) }?.text ?? general
    }
}
