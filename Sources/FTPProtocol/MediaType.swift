// What kind of data a file is, as its name tells: for listings and for the metadata of envelopes.

/// The media types of the files that health records come in.
package enum MediaType {
    private static let types: [String: String] = [
        "json": "application/json", "ndjson": "application/x-ndjson", "xml": "application/xml", "hl7": "x-application/hl7-v2+er7",
        "pdf": "application/pdf", "csv": "text/csv", "txt": "text/plain", "dcm": "application/dicom", "png": "image/png",
        "jpg": "image/jpeg", "jpeg": "image/jpeg", "zip": "application/zip",
    ]

    /// The type that the name's extension stands for (RFC 6838), or nil.
    package static func of(_ name: String) -> String? {
        guard let dot = name.lastIndex(of: ".") else { return nil }
        return types[name[name.index(after: dot)...].lowercased()]
    }
}
