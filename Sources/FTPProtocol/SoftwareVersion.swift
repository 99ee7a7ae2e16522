/// The version of both programs, as `--version` and CSID tell it.
package enum SoftwareVersion {
    package static let text = "1.0.0"
}
