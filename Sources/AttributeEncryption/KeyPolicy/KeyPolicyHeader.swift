// The bytes that stand before an entry for everyone whose key's policy it satisfies.

internal import BLS12381
internal import CanonicalEncoding

/// A header of suite 3, read as far as needs no curve arithmetic.
struct KeyPolicyHeader {
    private static let place = "key-policy header"

    /// Sorted, each once.
    let attributes: [GrantedAttribute]
    let fingerprint: [UInt8]
    let epoch: UInt64
    /// What is hashed to the curve for each element, sorted by bytes.
    let names: [String]
    var elements: [UInt8] = []
    /// W
    var maskedMessage: [UInt8] = []
    var tag: [UInt8] = []

    /// - Throws: `malformed` for no attributes, `limitExceeded` for too many.
    init(attributes: [GrantedAttribute], fingerprint: [UInt8], epoch: UInt64) throws(AttributeError) {
        guard !attributes.isEmpty else { throw AttributeError(.malformed, "\(Self.place): an entry has at least one attribute") }
        let tooMany = AttributeError(.limitExceeded, "\(Self.place): too many attributes", hint: "numbers and dates take 17 names each")
        guard attributes.count <= AttributeKey.Summary.attributeLimit else { throw tooMany }
        let names = Set(attributes.flatMap(\.names))
        guard names.count <= KeyElements.nameLimit else { throw tooMany }
        self.attributes = attributes
        self.fingerprint = fingerprint
        self.epoch = epoch
        self.names = names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// - Throws: `limitExceeded`, `malformed`, `unsupportedSuite`.
    init(decoding bytes: [UInt8]) throws(AttributeError) {
        guard bytes.count <= EncapsulationHeader.byteLimit else {
            throw AttributeError(.limitExceeded, "\(Self.place): more than \(EncapsulationHeader.byteLimit) bytes")
        }
        var fields = try FieldReader(bytes, of: Self.place, limit: EncapsulationHeader.byteLimit)
        let suite = try fields.unsigned(0)
        guard suite == UInt64(Suite.keyPolicy.rawValue) else {
            throw AttributeError(.unsupportedSuite, "\(Self.place): suite \(suite) is not that of entries with attributes")
        }
        var attributes: [GrantedAttribute] = []
        for value in try fields.array(1) {
            guard let text = value.textValue, let attribute = try? GrantedAttribute(parsing: text) else {
                throw AttributeError(.malformed, "\(Self.place): not a list of attributes")
            }
            attributes.append(attribute)
        }
        guard zip(attributes, attributes.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw AttributeError(.malformed, "\(Self.place): attributes are sorted, each once")
        }
        let fingerprint = try fields.bytes(2, count: 32)
        let epoch = try fields.unsigned(3)
        try self.init(attributes: attributes, fingerprint: fingerprint, epoch: epoch)
        elements = try fields.bytes(4, count: 96 + 48 * names.count)
        maskedMessage = try fields.bytes(5, count: FujisakiOkamoto.byteCount)
        tag = try fields.bytes(6, count: FujisakiOkamoto.byteCount)
        try fields.finish()
    }

    func encoded() -> [UInt8] {
        var fields = preambleFields
        fields[4] = .bytes(elements)
        fields[5] = .bytes(maskedMessage)
        fields[6] = .bytes(tag)
        return CBOR.map(fields).encoded()
    }

    /// Suite, attributes and authority: what the coins, the key and the tag are bound to.
    var preamble: [UInt8] { CBOR.map(preambleFields).encoded() }

    var transformInputs: KeyEncapsulation.TransformInputs { .init(preamble: preamble, maskedMessage: maskedMessage, tag: tag) }

    private var preambleFields: [UInt64: CBOR] {
        [
            0: .unsigned(UInt64(Suite.keyPolicy.rawValue)), 1: .array(attributes.map { .text($0.text) }), 2: .bytes(fingerprint), 3: .unsigned(epoch),
        ]
    }

    /// The group elements for coins: the same each time.
    func makeElements(_ coins: CoinScalars) -> (elements: [UInt8], secret: Scalar) {
        var source = coins
        let secret = source.next()
        let header = KeyPolicyFABEO<BLSGroup>.header(attributes: names.map { AttributeName.message($0, authority: fingerprint) }, secret: secret)
        return (header.secret.compressed + Array(G1.compressed(header.attributes).joined()), secret)
    }

    /// Position of a name among the elements.
    func index(of name: String) -> Int? { names.firstIndex(of: name) }

    func secretElement() throws(AttributeError) -> G2 {
        guard let point = try? G2(compressed: Array(elements[..<96])), !point.isIdentity else { throw Self.invalidPoint }
        return point
    }

    func attributeElement(_ index: Int) throws(AttributeError) -> G1 {
        let start = 96 + 48 * index
        guard let point = try? G1(compressed: Array(elements[start..<start + 48])), !point.isIdentity else { throw Self.invalidPoint }
        return point
    }

    private static var invalidPoint: AttributeError { AttributeError(.malformed, "\(place): an element is no point of the group") }
}
