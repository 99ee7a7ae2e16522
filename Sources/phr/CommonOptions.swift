// Options that every command takes, and what they open.

internal import ArgumentParser
internal import Client
internal import Foundation
internal import Keyring

struct CommonOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The server profile to use.", valueName: "name"))
    var profile = ProfileStore.defaultName

    @Option(name: .long, help: ArgumentHelp("Read the keyring's passphrase from this open descriptor.", valueName: "number"))
    var passphraseFd: Int32?

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    @Flag(name: [.short, .long], help: "Show no progress.")
    var quiet = false

    var environment: [String: String] { ProcessInfo.processInfo.environment }

    func store() throws -> ProfileStore { ProfileStore(home: try ProfileStore.home(environment: environment)) }

    func passphrase(isNew: Bool = false) throws -> Secret {
        let source = PassphraseSource.choose(descriptor: passphraseFd, file: nil, environment: environment["PHR_PASSPHRASE_FILE"])
        return try source.read(prompt: isNew ? "New passphrase: " : "Passphrase: ", isNew: isNew)
    }

    func keyring() throws -> Keyring {
        let home = try store().home
        guard Keyring.exists(in: home) else { throw KeyringError.missing(path: home + "/" + Keyring.fileName) }
        return try Keyring.open(in: home, passphrase: try passphrase())
    }

    /// Runs a command in a session with the profile's server.
    func withSession<R: Sendable>(_ body: @escaping @Sendable (ClientSession) async throws -> R) async throws -> R {
        let options = SessionOptions(store: try store(), profileName: profile)
        _ = try options.store.load(profile)
        let keyring = try keyring()
        return try await ClientRuntime.session(options, keyring: keyring, body)
    }
}
