/// What outsiders chose, made harmless for terminals and for readers of lines.

extension String {
    /// The text with control and format characters (ESC, right-to-left override) and line separators written as \u{…}.
    var escapedForLog: String {
        escaped { "\\u{\(String($0.value, radix: 16, uppercase: true))}" }
    }

    /// The same JSON with such characters written as \uXXXX: a terminal does nothing then, and a reader sees what he saw before.
    var escapedInJSON: String {
        escaped { scalar in
            scalar == "\n"
                ? "\n" : UTF16.encode(scalar)!.map { "\\u" + String(repeating: "0", count: 4 - String($0, radix: 16).count) + String($0, radix: 16) }.joined()
        }
    }

    private func escaped(_ escape: (Unicode.Scalar) -> String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: scalars.append(contentsOf: escape(scalar).unicodeScalars)
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
