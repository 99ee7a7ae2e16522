// `phrd user …`: the accounts.
import ArgumentParser
import Audit
import Authentication
import CanonicalEncoding
import Exchange
import Foundation

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Add, list and change accounts; a running server sees it at the next login.",
        subcommands: [
            Add.self, SetPassword.self, List.self, Disable.self, Enable.self, Quota.self, Limit.self, UserCertificateCommand.self,
        ])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an account.",
            discussion: "Example: phrd user add alice --role patient --password-file alice.pw")

        @OptionGroup var options: SiteOptions
        @OptionGroup var password: PasswordOptions
        @Argument(help: "1 to 64 of a-z, 0-9, dot, dash, underscore.") var name: String
        @Option(help: "patient, clinic, doctor or service.") var role = Account.Role.patient
        @Option(help: "How data connections prove themselves: session, principal, or address for clients without TLS session reuse.")
        var dataBinding = Account.DataBinding.principal
        @Flag(help: "The password is PAM's: the account of the same name there decides. Needs \"pam\" in auth.methods.") var pam = false

        func validate() throws {
            if pam, password.passwordFile != nil { throw ValidationError("--pam and --password-file exclude each other") }
        }

        func run() throws {
            let secret = pam ? nil : try password.read(for: name)
            let configuration = try options.enter()
            try Site.registry(configuration).accounts.add(name: name, role: role, password: secret, dataBinding: dataBinding)
            try Site.recordChange(.accountAdded, account: name, configuration)
            print("account \(name) added")
        }
    }

    struct SetPassword: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "passwd", abstract: "Set an account's password.", discussion: "Example: phrd user passwd alice --password-file alice.pw")

        @OptionGroup var options: SiteOptions
        @OptionGroup var password: PasswordOptions
        @Argument var name: String

        func run() throws {
            let secret = try password.read(for: name)
            let configuration = try options.enter()
            try Site.registry(configuration).accounts.setPassword(secret, of: name)
            try Site.recordChange(.passwordSet, account: name, configuration)
            print("password of \(name) set")
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the accounts.", discussion: "Example: phrd user list --json")

        struct Row: Encodable {
            let name: String
            let role: String
            let pseudonym: String
            let disabled: Bool
            let dataBinding: String
            let pam: Bool
            let limits: LimitFacts
            /// What the account holds; nil if the site has never been served by this program.
            let used: UsageFacts?
        }

        @OptionGroup var options: SiteOptions
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            let configuration = try options.enter()
            let registry = try Site.registry(configuration)
            let (accounts, limits) = (try registry.accounts.list(), try registry.limits.all())
            let used = try Site.usage(configuration, ofAccounts: accounts)
            let rows = accounts.map {
                Row(
                    name: $0.name, role: $0.role.rawValue, pseudonym: $0.pseudonym.hexadecimal, disabled: $0.isDisabled,
                    dataBinding: $0.dataBinding.rawValue, pam: $0.usesPAM, limits: LimitFacts(limits[$0.name] ?? .none, configuration),
                    used: used?[$0.name].map(UsageFacts.init))
            }
            if json { return try printJSON(rows) }
            for row in rows {
                print(
                    "\(row.name.padding(toLength: max(20, row.name.count), withPad: " ", startingAt: 0)) \(row.role)\(row.disabled ? ", disabled" : "")\(row.pam ? ", PAM" : "")\(row.dataBinding == "principal" ? "" : ", data binding \(row.dataBinding)")\(row.limits.text)"
                )
            }
        }
    }

    struct Disable: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forbid an account's logins.", discussion: "Example: phrd user disable mallory")

        @OptionGroup var options: SiteOptions
        @Argument var name: String

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).accounts.disable(name)
            try Site.recordChange(.accountDisabled, account: name, configuration)
            print("account \(name) disabled")
        }
    }

    struct Enable: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Allow an account's logins again.", discussion: "Example: phrd user enable mallory")

        @OptionGroup var options: SiteOptions
        @Argument var name: String

        func run() throws {
            let configuration = try options.enter()
            try Site.registry(configuration).accounts.enable(name)
            try Site.recordChange(.accountEnabled, account: name, configuration)
            print("account \(name) enabled")
        }
    }
}

/// Where a password comes from; never from the command line itself.
struct PasswordOptions: ParsableArguments {
    @Option(help: "A file whose first line is the password; otherwise it is asked for, or read from standard input.")
    var passwordFile: String?

    func read(for name: String) throws -> Password {
        if let passwordFile {
            guard let data = FileManager.default.contents(atPath: passwordFile) else { throw ValidationError("\(passwordFile) cannot be read") }
            return Password(Array(data.prefix { $0 != 0x0A && $0 != 0x0D }))
        }
        if isatty(STDIN_FILENO) != 0 {
            guard let text = unsafe getpass("Password for \(name): ") else { throw ValidationError("no password given") }
            return Password(unsafe String(cString: text))
        }
        guard let line = readLine() else { throw ValidationError("no password on standard input") }
        return Password(line)
    }
}

extension Account.Role: ExpressibleByArgument {}
extension Account.DataBinding: ExpressibleByArgument {}
