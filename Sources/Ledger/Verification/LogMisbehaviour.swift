// What is left in hand when a log contradicts itself.

/// Two signed checkpoints of one log that cannot both be honest, or that at least need an explanation.
package struct LogMisbehaviour: Equatable, Sendable {
    /// The checkpoint accepted earlier, as text.
    package let remembered: String
    /// The checkpoint offered now, as text.
    package let offered: String
    /// The path that came with it.
    package let path: [[UInt8]]

    /// A text that can be stored and shown to others.
    package var text: String {
        "phr-log-misbehaviour/v1\n\(HashLines.text(path))\n\(remembered)\n\(offered)"
    }
}
