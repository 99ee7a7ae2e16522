// phr login: makes a server profile.

internal import ArgumentParser
internal import Client
internal import Keyring

struct LoginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Make a profile for a server: pins its certificate and ledger, publishes your public keys.",
        discussion: """
            Without --ca and --pin the system's certificate authorities are trusted. Port 990 means implicit TLS.

            Examples:
              phr login ftps://alice@records.example:21 --ca site-ca.pem
              phr login ftps://alice@records.example:21 --ca site-ca.pem --certificate alice.pem --key alice.key
            """)

    @Argument(help: "The account and the server: ftps://USER@HOST[:PORT]")
    var url: String

    @Option(name: .long, help: ArgumentHelp("Trust the certificate authorities in this PEM file.", valueName: "file"))
    var ca: String?

    @Option(name: .long, help: ArgumentHelp("Trust exactly the certificate with this SHA-256.", valueName: "hex"))
    var pin: String?

    @Option(name: .long, help: ArgumentHelp("Show the server this client certificate, a PEM file.", valueName: "file"))
    var certificate: String?

    @Option(name: .long, help: ArgumentHelp("The certificate's key, if it is not in the same file.", valueName: "file"))
    var key: String?

    @Option(name: .long, help: ArgumentHelp("Read the account's password from this file.", valueName: "file"))
    var passwordFile: String?

    @Option(name: .long, help: ArgumentHelp("Read the account's password from this open descriptor.", valueName: "number"))
    var passwordFd: Int32?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if ca != nil, pin != nil { throw ValidationError("give --ca or --pin, not both") }
        if key != nil, certificate == nil { throw ValidationError("--key goes with --certificate") }
    }

    func run() async throws {
        let url = try ServerURL(url)
        let trust = try Profile.Trust.make(authoritiesFile: ca, pin: pin, certificateFile: certificate, keyFile: key)
        let keyring = try common.keyring()
        let source = PassphraseSource.choose(descriptor: passwordFd, file: passwordFile, environment: nil)
        let password = try source.read(prompt: "Password of \(url.user) at \(url.host): ")
        let options = SessionOptions(store: try common.store(), profileName: common.profile)
        let report = try await ClientRuntime.logIn(options, url: url, trust: trust, password: password, keyring: keyring)
        Console.result(report, asJSON: common.json) {
            [
                "Logged in to \(report.server)",
                "Certificate \(report.certificate)",
                "Ledger \(report.ledgerKey), \(report.ledgerSize) entries",
                report.keysAreNew ? "Your public keys are on the ledger now" : "Your public keys were on the ledger already",
            ]
        }
    }
}
