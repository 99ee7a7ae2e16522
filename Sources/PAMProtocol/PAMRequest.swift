/// What `phrd` asks of the helper. Secrets are told as places in the frame, so that parsing copies none of them.

package enum PAMRequest: Equatable, Sendable {
    case authenticate(Authenticate)
    /// The answer to the helper's prompt.
    case answer(Range<Int>)

    package struct Authenticate: Equatable, Sendable {
        package let service: String
        package let user: String
        package let remote: String
        package let password: Range<Int>
        /// The second answer, when it came together with the password.
        package let code: Range<Int>?
        package let options: Options
    }

    package struct Options: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// Open a session, and close it when the connection ends.
        package static let session = Options(rawValue: 1)
        /// Further prompts may be handed back to the user.
        package static let prompts = Options(rawValue: 2)
        static let hasCode = Options(rawValue: 4)
    }

    package static let maximumSecretByteCount = 1024

    package init(parsing frame: [UInt8]) throws(PAMProtocolError) {
        let (kind, fields) = try PAMFrame.parse(frame)
        switch kind {
        case 1:
            guard fields.count == 6 else { throw .badFields }
            guard fields[0].count == 1, frame[fields[0].lowerBound] < 8 else { throw .badValue(field: 0) }
            let options = Options(rawValue: frame[fields[0].lowerBound])
            let service = try Self.name(frame[fields[1]], field: 1)
            let user = try Self.name(frame[fields[2]], field: 2)
            let remote = frame[fields[3]]
            guard remote.count <= 64, remote.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw .badValue(field: 3) }
            for place in [4, 5] { try Self.checkSecret(frame[fields[place]], field: place) }
            guard options.contains(.hasCode) || fields[5].isEmpty else { throw .badValue(field: 5) }
            self = .authenticate(
                Authenticate(
                    service: service, user: user, remote: String(decoding: remote, as: UTF8.self), password: fields[4],
                    code: options.contains(.hasCode) ? fields[5] : nil, options: options.subtracting(.hasCode)))
        case 2:
            guard fields.count == 1 else { throw .badFields }
            try Self.checkSecret(frame[fields[0]], field: 0)
            self = .answer(fields[0])
        default: throw .unknownKind(kind)
        }
    }

    /// A frame with a login; nil if a value does not fit the protocol, so that no helper would take it.
    package static func authenticate(
        service: String, user: String, remote: String, password: UnsafeRawBufferPointer, code: UnsafeRawBufferPointer?, options: Options
    ) -> [UInt8]? {
        guard isName(service.utf8), isName(user.utf8), remote.utf8.count <= 64, unsafe isSecret(password), unsafe code.map({ unsafe isSecret($0) }) ?? true
        else { return nil }
        let flags = unsafe code == nil ? options : options.union(.hasCode)
        return unsafe PAMFrame.encoded(
            kind: 1,
            [[flags.rawValue], Array(service.utf8), Array(user.utf8), Array(remote.utf8), password, code ?? UnsafeRawBufferPointer(start: nil, count: 0)])
    }

    package static func answer(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard unsafe isSecret(text) else { return nil }
        return unsafe PAMFrame.encoded(kind: 2, [text])
    }

    /// Letters, digits, dot, dash, underscore; PAM makes file names of services, and C strings of both.
    package static func isName(_ bytes: some Collection<UInt8>) -> Bool {
        (1...64).contains(bytes.count) && bytes.first != UInt8(ascii: ".") && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: ".-_".utf8.contains(byte)
                }
            }
    }

    /// A C string would end at a NUL: "secret\0anything" would count as "secret" (ProFTPD CVE-2009-3639).
    private static func isSecret(_ bytes: some Collection<UInt8>) -> Bool { bytes.count <= maximumSecretByteCount && !bytes.contains(0) }

    private static func name(_ bytes: ArraySlice<UInt8>, field: Int) throws(PAMProtocolError) -> String {
        guard isName(bytes) else { throw .badValue(field: field) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func checkSecret(_ bytes: ArraySlice<UInt8>, field: Int) throws(PAMProtocolError) {
        guard isSecret(bytes) else { throw .badValue(field: field) }
    }
}
