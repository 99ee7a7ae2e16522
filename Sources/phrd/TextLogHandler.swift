/// One line of text an event: time, level, metadata, source, message. No name from outside can forge a line or command a terminal.
import Foundation
import Logging

struct TextLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, level: Logger.Level) {
        self.label = label
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
        let line = "\(Date().ISO8601Format(.init(includingFractionalSeconds: true))) \(event.level) \(label): \(fields)[\(event.source)] \(event.message)"
        FileHandle.standardError.write(Data((line.escapedForLog + "\n").utf8))
    }
}
