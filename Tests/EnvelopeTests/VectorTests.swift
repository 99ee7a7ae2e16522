import CanonicalEncoding
import Crypto
import Envelope
import Foundation
import Testing

@Suite struct VectorTests {
    /// Files of version 1 open for ever, and bad ones are refused for the reason published.
    @Test(arguments: try Vector.all()) func isReadAsPublished(vector: Vector) throws {
        guard vector.expect == "success" else {
            #expect(refusal { _ = try vector.open() }?.rawValue == vector.expect)
            return
        }
        let (layout, reader, plaintext) = try vector.open()
        #expect(plaintext.count == vector.plaintextByteCount)
        #expect(SHA256.hash(data: plaintext).hexadecimal == vector.plaintextSHA256)
        #expect(reader.metadata.originalName == vector.originalName)
        #expect(layout.objectID.hexadecimal == vector.objectID)
        #expect(layout.members.count == vector.memberCount)
        #expect(layout.headerRevision == vector.headerRevision)
        #expect(layout.headersDigest.hexadecimal == vector.headersDigest)
        #expect(layout.footerHash.hexadecimal == vector.envelopeRoot)
    }

    @Test(arguments: try BundleVector.all()) func keyBundleIsReadAsPublished(vector: BundleVector) throws {
        let code = refusal {
            let bundle = try KeyBundle(decoding: [UInt8](hexadecimal: vector.bundle) ?? [])
            if let previous = vector.previous { try bundle.verify(following: KeyBundle(decoding: [UInt8](hexadecimal: previous) ?? [])) }
        }
        #expect(code?.rawValue ?? "success" == vector.expect)
    }

    @Test func everyFileIsDescribed() throws {
        let described = Set(try Vector.all().map { "\($0.name).phr" })
        let files = try FileManager.default.contentsOfDirectory(atPath: Vector.folder.path).filter { $0.hasSuffix(".phr") }
        #expect(described == Set(files))
        #expect(described.count >= 30)
    }

    /// A reader in another language and with other libraries comes to the same results.
    /// `scripts/test` installs what it needs: PyPI's cryptography, 48 or later.
    @Test func anIndependentReaderAgrees() throws {
        let output = try Python.run(script: "read_envelope.py", ["--vectors", Vector.folder.path])
        #expect(output.status == 0, "\(output.text)")
        #expect(output.text.contains("\(try Vector.all().count + BundleVector.all().count) vectors"))
    }
}

/// The Python beside the toolchain, if there is one.
enum Python {
    static func run(script: String, _ arguments: [String]) throws -> (status: Int32, text: String) {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Scripts/\(script)")
            .path
        return try run([path] + arguments)
    }

    static func run(_ arguments: [String]) throws -> (status: Int32, text: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
