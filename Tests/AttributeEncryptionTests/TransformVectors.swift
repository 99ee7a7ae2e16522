// The published vectors of transform keys.

import AttributeEncryption
import CanonicalEncoding
import Foundation
import Testing

/// An element of `transform.json` of `Tests/Vectors/phr/attributes-v1`. Bytes are hexadecimal; names are those of `vectors.json`.
struct TransformVector: Codable {
    var keys: [String]
    var header: String
    var transformKey: String
    var retrievalKey: String
    var transformed: String

    static func read() throws -> [TransformVector] {
        try JSONDecoder().decode([TransformVector].self, from: Data(contentsOf: VectorFile.folder.appendingPathComponent("transform.json")))
    }

    /// Made anew, for `VectorWriter`; z is random.
    static func made(_ file: VectorFile) throws -> [TransformVector] {
        let samples = [(["bob-stmary"], "single"), (["bob-stmary"], "threshold"), (["bob-stmary", "bob-alice"], "two-and"), (["bob-clinic"], "hidden")]
        return try samples.map { keys, header in
            let (transform, retrieval) = try TransformKey.make(from: file.attributeKeys(keys))
            return TransformVector(
                keys: keys, header: header, transformKey: transform.encoded().hexadecimal, retrievalKey: retrieval.withEncoded { $0.hexadecimal },
                transformed: try transform.transform(bytes(file.header(header).header)).hexadecimal)
        }
    }
}

@Suite struct TransformVectorTests {
    @Test func transformKeysDoWhatTheVectorsSay() throws {
        let file = try VectorFile.read()
        let vectors = try TransformVector.read()
        try #require(vectors.count == 4)
        for vector in vectors {
            let header = try file.header(vector.header)
            let transform = try TransformKey(decoding: bytes(vector.transformKey))
            #expect(transform.encoded().hexadecimal == vector.transformKey)
            #expect(try transform.transform(bytes(header.header)).hexadecimal == vector.transformed)
            let retrieval = try RetrievalKey(decoding: bytes(vector.retrievalKey))
            let key = try retrieval.open(bytes(header.header), transformed: bytes(vector.transformed), associatedData: bytes(header.associatedData))
            #expect(key.hexadecimal == header.key)
        }
    }
}
