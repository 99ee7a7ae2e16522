// `phrd cert …`: the server's certificates, to compare and to pin.
import ArgumentParser
import Exchange

struct CertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert", abstract: "Show the certificates of the server and its hosts; also beside a running server.",
        discussion: "Both commands end with exit code 1 when a certificate has expired.", subcommands: [Show.self, Fingerprint.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print names, validity, fingerprint and public-key pin of each certificate.", discussion: "Example: phrd cert show --json")

        @OptionGroup var options: SiteOptions
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let reports = try options.load().certificateReports()
            if json { try printJSON(reports) } else { for report in reports { describe(report) } }
            try complain(about: reports)
        }

        private func describe(_ report: CertificateReport) {
            print("\(report.use): \(report.file)")
            print("  subject: \(report.subject)")
            print("  issuer:  \(report.issuer)")
            print("  names:   \(report.names.joined(separator: ", "))")
            print("  valid:   \(report.notBefore) to \(report.notAfter), \(report.daysLeft) days left")
            print("  SHA-256: \(report.fingerprint)")
            print("  pin:     \(report.publicKeyPin)")
        }
    }

    struct Fingerprint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the SHA-256 fingerprint of each certificate, for users to compare with what their client shows.",
            discussion: "Example: phrd cert fingerprint")

        @OptionGroup var options: SiteOptions
        @Flag(help: "Print JSON.") var json = false

        struct Row: Encodable {
            let use: String
            let sha256: String
            let publicKeyPin: String
        }

        func run() throws {
            let reports = try options.load().certificateReports()
            if json {
                try printJSON(reports.map { Row(use: $0.use, sha256: $0.sha256, publicKeyPin: $0.publicKeyPin) })
            } else {
                for report in reports { print("\(report.fingerprint)  \(report.use)") }
            }
            try complain(about: reports)
        }
    }
}

private func complain(about reports: [CertificateReport]) throws {
    for report in reports {
        if let warning = report.warning { PHRD.complain("warning: certificate of \(report.use): \(warning)") }
    }
    if reports.contains(where: \.isExpired) { throw ExitCode(1) }
}
