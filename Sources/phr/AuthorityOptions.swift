// Authorities whose records come from files that the user trusts, instead of from the site.

internal import ArgumentParser
internal import Client
internal import Keyring

struct AuthorityOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Take an authority's record from this file, not from the site. May be repeated.", valueName: "name=file"))
    var authority: [String] = []

    /// Names and contents of the files.
    func records() throws -> [AuthorityFile] { try authority.map { try AuthorityFile($0) } }
}
