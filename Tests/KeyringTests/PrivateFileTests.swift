// Replacing a file: whole or not at all, whichever step fails.

import Foundation
import Keyring
import Testing

@Suite struct PrivateFileTests {
    @Test(arguments: PrivateFile.Step.allCases)
    func keepsTheOldFileWhenAStepFails(step: PrivateFile.Step) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/f"
        try PrivateFile.replace(path, with: Array("old".utf8))
        let error = KeyringError.cannotWrite(path: path, reason: "no space left on device")
        #expect(throws: error) {
            try PrivateFile.replace(path, with: Array("new".utf8)) { (now: PrivateFile.Step) throws(KeyringError) in if now == step { throw error } }
        }
        // The folder's sync comes after the rename: then the new file is there, and it is whole.
        #expect(try PrivateFile.read(path) == Array((step == .syncFolder ? "new" : "old").utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["f"])
    }

    @Test func failsWithoutAFolder() throws {
        let folder = try TemporaryFolder()
        #expect(throws: KeyringError.self) { try PrivateFile.replace(folder.path + "/none/f", with: [1]) }
        try FileManager.default.createDirectory(atPath: folder.path + "/d", withIntermediateDirectories: false)
        #expect(throws: KeyringError.self) { try PrivateFile.replace(folder.path + "/d", with: [1]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["d"])
    }

    @Test func makesFoldersForTheUserAlone() throws {
        let folder = try TemporaryFolder()
        try PrivateFile.makeFolder(folder.path + "/a/b/c")
        #expect(try mode(folder.path + "/a/b/c") == 0o700)
        try PrivateFile.makeFolder(folder.path + "/a/b/c")
        try write(Data(), to: URL(fileURLWithPath: folder.path + "/file"))
        #expect(throws: KeyringError.self) { try PrivateFile.makeFolder(folder.path + "/file/x") }
    }
}

@Suite struct PassphraseSourceTests {
    @Test(arguments: [("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"), ("two\nlines\n", "two\nlines"), (" a ", " a ")])
    func readsFiles(content: String, expected: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pp"
        try write(Data(content.utf8), to: URL(fileURLWithPath: path))
        #expect(try PassphraseSource.file(path).read(prompt: "").withBytes { $0 } == Array(expected.utf8))
    }

    @Test func refusesExposedEmptyAndMissingFiles() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/pp"
        #expect(throws: KeyringError.missing(path: path)) { try PassphraseSource.file(path).read(prompt: "") }
        try write(Data("\n".utf8), to: URL(fileURLWithPath: path))
        #expect(throws: KeyringError.emptyPassphrase) { try PassphraseSource.file(path).read(prompt: "") }
        try write(Data("x".utf8), to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: KeyringError.exposed(path: path, reason: "can be read or changed by others")) { try PassphraseSource.file(path).read(prompt: "") }
    }

    @Test func readsDescriptors() throws {
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: Data("from a pipe\n".utf8))
        try pipe.fileHandleForWriting.close()
        let source = PassphraseSource.descriptor(pipe.fileHandleForReading.fileDescriptor)
        #expect(try source.read(prompt: "").withBytes { $0 } == Array("from a pipe".utf8))
        #expect(throws: KeyringError.self) { try PassphraseSource.descriptor(9_999).read(prompt: "") }
    }

    @Test func choosesTheMostParticularSource() {
        #expect(PassphraseSource.choose(descriptor: 3, file: "a", environment: "b") == .descriptor(3))
        #expect(PassphraseSource.choose(descriptor: nil, file: "a", environment: "b") == .file("a"))
        #expect(PassphraseSource.choose(descriptor: nil, file: nil, environment: "b") == .file("b"))
        #expect(PassphraseSource.choose(descriptor: nil, file: nil, environment: "") == .terminal)
    }
}
