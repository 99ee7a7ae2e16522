// Profiles on disk, and output files that appear only when whole.

import Client
import Foundation
import Testing

@Suite struct ProfileStoreTests {
    private func home() -> String { FileManager.default.temporaryDirectory.path + "/phr-home-\(UUID().uuidString)" }

    private func profile(_ checkpoint: String? = nil, records: [String: (UInt64, UInt64)] = [:]) -> Profile {
        var profile = Profile(server: "ftps://alice@h:21", trust: Profile.Trust())
        profile.checkpoint = checkpoint
        profile.records = records.mapValues { Profile.SeenRecord(version: $0.0, headerRevision: $0.1) }
        return profile
    }

    private func note(_ size: Int) -> String { "origin\n\(size)\nroot\n" }
    private func size(_ note: String) -> UInt64 { UInt64(note.split(separator: "\n")[1]) ?? 0 }

    @Test func keepsProfiles() throws {
        let home = home()
        defer { try? FileManager.default.removeItem(atPath: home) }
        let store = ProfileStore(home: home)
        #expect(!store.exists("default"))
        #expect(throws: ClientError(.configuration, "")) { try store.load("default") }
        try store.create(profile(note(3)), as: "default")
        #expect(try store.load("default") == profile(note(3)))
        let attributes = try FileManager.default.attributesOfItem(atPath: home + "/profiles/default.json")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test(arguments: ["", "../x", "a/b", "a b", "ü", String(repeating: "x", count: 65)])
    func refusesNames(name: String) {
        #expect(throws: ClientError(.usage, "")) { try ProfileStore(home: home()).create(profile(), as: name) }
    }

    @Test func neverGoesBackWhenTwoRunsEnd() throws {
        let home = home()
        defer { try? FileManager.default.removeItem(atPath: home) }
        let store = ProfileStore(home: home)
        try store.create(profile(note(10), records: ["a": (1, 0), "b": (2, 1)]), as: "p")
        try store.merge(profile(note(7), records: ["a": (1, 2), "b": (1, 9), "c": (1, 0)]), as: "p", sizeOf: size)
        var stored = try store.load("p")
        #expect(stored.checkpoint == note(10))
        #expect(stored.records == profile(records: ["a": (1, 2), "b": (2, 1), "c": (1, 0)]).records)
        try store.merge(profile(note(12)), as: "p", sizeOf: size)
        stored = try store.load("p")
        #expect(stored.checkpoint == note(12) && stored.records.count == 3)
    }

    @Test func manyRunsLoseNothing() async throws {
        let home = home()
        defer { try? FileManager.default.removeItem(atPath: home) }
        let store = ProfileStore(home: home)
        try store.create(profile(), as: "p")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let seen = profile(note(number), records: ["r\(number)": (1, 0)])
                group.addTask {
                    try store.merge(seen, as: "p") { UInt64($0.split(separator: "\n")[1]) ?? 0 }
                }
            }
            try await group.waitForAll()
        }
        let stored = try store.load("p")
        #expect(stored.records.count == 40 && stored.checkpoint == note(39))
    }

    @Test func refusesDamagedAndExposedProfiles() throws {
        let home = home()
        defer { try? FileManager.default.removeItem(atPath: home) }
        let store = ProfileStore(home: home)
        try store.create(profile(), as: "p")
        let file = home + "/profiles/p.json"
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(throws: ClientError(.configuration, "")) { try store.load("p") }
        try Data("{".utf8).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        #expect(throws: ClientError(.configuration, "")) { try store.load("p") }
    }

    @Test func knowsItsHome() throws {
        #expect(try ProfileStore.home(environment: ["PHR_HOME": "/x", "HOME": "/h"]) == "/x")
        #expect(try ProfileStore.home(environment: ["PHR_HOME": "", "HOME": "/h"]) == "/h/.phr")
        #expect(throws: ClientError(.configuration, "")) { try ProfileStore.home(environment: [:]) }
    }

    @Test func checksWhatIsToBeTrusted() throws {
        let home = home()
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: home) }
        let file = home + "/ca.pem"
        for (text, isGood) in [
            ("-----BEGIN CERTIFICATE-----\nx", true), ("nothing", false), ("-----BEGIN CERTIFICATE-----\n-----BEGIN \("PRIVATE KEY")-----", false),
        ] {
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let trust = try? Profile.Trust.make(authoritiesFile: file, pin: nil)
            #expect((trust != nil) == isGood)
        }
        let pin = String(repeating: "Ab", count: 32)
        #expect(try Profile.Trust.make(authoritiesFile: nil, pin: pin).pin == pin.lowercased())
        for bad in ["", "ab", pin + "0", String(repeating: "g", count: 64)] {
            #expect(throws: ClientError(.usage, "")) { try Profile.Trust.make(authoritiesFile: nil, pin: bad) }
        }
    }
}

@Suite struct OutputFileTests {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/phr-output-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func names(_ folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder).sorted() }

    @Test func appearsOnlyWhenWhole() throws {
        try inFolder { folder in
            let file = try OutputFile(folder + "/a", mayReplace: false)
            try file.write([1, 2, 3])
            #expect(!FileManager.default.fileExists(atPath: folder + "/a"))
            file.setModificationTime(1_700_000_000)
            try file.commit()
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/a")) == Data([1, 2, 3]))
            let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/a")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect((attributes[.modificationDate] as? Date)?.timeIntervalSince1970 == 1_700_000_000)
            #expect(try names(folder) == ["a"])
        }
    }

    @Test func leavesNothingBehind() throws {
        try inFolder { folder in
            do {
                let file = try OutputFile(folder + "/a", mayReplace: false)
                try file.write([1, 2, 3])
            }
            #expect(try names(folder) == [])
        }
    }

    @Test func replacesOnlyWhenTold() throws {
        try inFolder { folder in
            try Data([9]).write(to: URL(fileURLWithPath: folder + "/a"))
            #expect(throws: ClientError(.cannotWrite, "")) { _ = try OutputFile(folder + "/a", mayReplace: false) }
            let file = try OutputFile(folder + "/a", mayReplace: true)
            try file.write([1])
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/a")) == Data([9]))
            try file.commit()
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/a")) == Data([1]))
        }
    }

    @Test func refusesFoldersLinksAndMissingFolders() throws {
        try inFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/d", withIntermediateDirectories: false)
            try FileManager.default.createSymbolicLink(atPath: folder + "/l", withDestinationPath: "/dev/null")
            for name in ["/d", "/l", "/none/x"] {
                #expect(throws: ClientError(.cannotWrite, "")) { _ = try OutputFile(folder + name, mayReplace: true) }
            }
        }
    }
}
