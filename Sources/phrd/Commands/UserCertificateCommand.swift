// `phrd user certificate …`: client certificates that stand for accounts.
import ArgumentParser
import Audit
import Authentication
import Exchange

struct UserCertificateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "Register client certificates for accounts; needs tls.client_certificates in the configuration.",
        subcommands: [Add.self, List.self, Remove.self, Use.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register a client certificate: it logs the account in without a password (see \"use\").",
            discussion: """
                By fingerprint, the certificate alone counts. By subject or name, a renewed certificate of the same authority counts as well.
                Examples:
                  phrd user certificate add stmary stmary.pem
                  phrd user certificate add stmary stmary.pem --by subject
                """)

        @OptionGroup var options: SiteOptions
        @Argument(help: "The account.") var name: String
        @Argument(help: "The certificate, PEM.") var file: String
        @Option(help: "fingerprint, subject, or name (all subject alternative names).") var by = CertificateMark.Kind.fingerprint

        func run() throws {
            let found = try ClientCertificateFile.marks(file)
            let configuration = try options.enter()
            let accounts = try Site.registry(configuration).accounts
            let marks = found.filter { $0.kind == by }
            guard !marks.isEmpty else { throw SiteError("\(file) has no subject alternative name; register it by subject or fingerprint") }
            for mark in marks {
                try accounts.addCertificate(mark, to: name)
                try Site.recordChange(.accountChanged, account: name, configuration)
                print("\(name): \(mark.kind.rawValue) \(mark.value) registered")
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the certificates of an account.", discussion: "Example: phrd user certificate list stmary --json")

        struct Report: Encodable {
            struct Row: Encodable {
                let kind: String
                let value: String
            }

            let account: String
            let use: String
            let certificates: [Row]
        }

        @OptionGroup var options: SiteOptions
        @Argument(help: "The account.") var name: String
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let accounts = try Site.registry(options.enter()).accounts
            let marks = try accounts.certificates(of: name)
            let use = try accounts.certificateUse(of: name)
            if json {
                return try printJSON(
                    Report(account: name, use: use.rawValue, certificates: marks.map { .init(kind: $0.kind.rawValue, value: $0.value) }))
            }
            for mark in marks { print("\(mark.kind.rawValue) \(mark.value)") }
            print("use: \(use.rawValue)")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a certificate back; takes effect at the next login.",
            discussion: """
                Examples:
                  phrd user certificate remove stmary stmary.pem
                  phrd user certificate remove stmary --mark 'CN=stmary,O=St Mary'
                """)

        @OptionGroup var options: SiteOptions
        @Argument(help: "The account.") var name: String
        @Argument(help: "The certificate, PEM.") var file: String?
        @Option(help: "A value that \"list\" prints, when there is no file.") var mark: String?

        func validate() throws {
            guard (file == nil) != (mark == nil) else { throw ValidationError("give the certificate file, or --mark") }
        }

        func run() throws {
            let configuration = try options.enter()
            let accounts = try Site.registry(configuration).accounts
            let marks = try file.map { try ClientCertificateFile.marks($0) } ?? CertificateMark.Kind.allCases.map { CertificateMark($0, mark ?? "") }
            let count = try accounts.removeCertificates(marks, of: name)
            guard count > 0 else { throw SiteError("\(name) has no such certificate; see: phrd user certificate list \(name)") }
            try Site.recordChange(.accountChanged, account: name, configuration)
            print("\(name): certificate removed")
        }
    }

    struct Use: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what the certificates of an account are good for.",
            discussion: """
                alone: a registered certificate logs the account in, and so does the password. with-password: no login without both.
                Example: phrd user certificate use stmary with-password
                """)

        @OptionGroup var options: SiteOptions
        @Argument(help: "The account.") var name: String
        @Argument(help: "alone or with-password.") var use: CertificateUse

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).accounts.setCertificateUse(use, of: name)
            try Site.recordChange(.accountChanged, account: name, configuration)
            print("\(name): certificates \(use.rawValue)")
        }
    }
}

extension CertificateMark.Kind: ExpressibleByArgument {}
extension CertificateUse: ExpressibleByArgument {}
