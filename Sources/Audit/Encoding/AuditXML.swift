/// XML elements in ASCII: what XML cannot hold is written as `\u{…}`, what is not ASCII as a reference.

struct AuditXML {
    private(set) var text = ""

    /// Writes an element; attributes with nil are left out.
    mutating func element(_ name: String, _ attributes: [(String, String?)] = [], _ content: (inout AuditXML) -> Void = { _ in }) {
        text += "<\(name)"
        for case (let name, let value?) in attributes { text += " \(name)=\"\(Self.escaped(value))\"" }
        var inner = AuditXML()
        content(&inner)
        text += inner.text.isEmpty ? "/>" : ">\(inner.text)</\(name)>"
    }

    mutating func characters(_ value: String) { text += Self.escaped(value) }

    static func escaped(_ value: String) -> String {
        var out = ""
        for scalar in value.unicodeScalars {
            switch scalar.value {
            case 0x26: out += "&amp;"
            case 0x3C: out += "&lt;"
            case 0x3E: out += "&gt;"
            case 0x22: out += "&quot;"
            case 0x27: out += "&apos;"
            case 0x20..<0x7F: out.unicodeScalars.append(scalar)
            case let value where AuditText.isUnwritable(value): out += "\\u{\(String(value, radix: 16))}"
            default: out += "&#x\(String(scalar.value, radix: 16));"
            }
        }
        return out
    }
}

enum AuditText {
    /// Control characters and noncharacters: XML 1.0 §2.2 and FHIR's string forbid most of them, and nobody needs the rest.
    static func isUnwritable(_ value: UInt32) -> Bool { value < 0x20 || (0x7F..<0xA0).contains(value) || value == 0xFFFE || value == 0xFFFF }

    /// The text with each of them as `\u{…}`.
    static func visible(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            if isUnwritable(scalar.value) { out += "\\u{\(String(scalar.value, radix: 16))}" } else { out.unicodeScalars.append(scalar) }
        }
        return out
    }
}
