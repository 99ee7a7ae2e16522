// phr init: makes the identity.

internal import ArgumentParser
internal import Client
internal import Keyring

struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make an identity: the keys that seal, open and sign.",
        discussion: """
            The private keys lie in PHR_HOME/identity.phrkey under your passphrase. Keep a copy: without it, nobody \
            can open what was sealed for you.

            Example: phr init
            """)

    @Flag(name: .long, help: "Also make an RSA-3072 key, for senders that know nothing newer.")
    var withRsa = false

    @OptionGroup var common: CommonOptions

    func run() throws {
        let home = try common.store().home
        guard !Keyring.exists(in: home) else { throw KeyringError.alreadyExists(path: home + "/" + Keyring.fileName) }
        let report = try PublicIdentity.create(in: home, passphrase: try common.passphrase(isNew: true), withRSA: withRsa)
        Console.result(report, asJSON: common.json) {
            ["Made an identity in \(report.keyring)", "Signing key \(report.signingKeyID)"]
        }
    }
}
