// Paths: where they lead, and where they must not.

import FTPProtocol
import Testing

@Suite struct VirtualPathTests {
    @Test(arguments: [
        ("/", "/"), ("/a/b", "/a/b"), ("//a///b//", "/a/b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/../../b", "/b"), ("/a/b/..", "/a"),
        ("/.../x", "/.../x"), ("/a b", "/a b"), ("/a\\b", "/a\\b"), ("/%2e%2e/x", "/%2e%2e/x"), ("/~root", "/~root"), ("/日本/é", "/日本/é"),
    ])
    func normalises(text: String, expected: String) throws {
        #expect(try VirtualPath(absolute: text).description == expected)
    }

    @Test(arguments: [("", "/a/b"), (".", "/a/b"), ("..", "/a"), ("c", "/a/b/c"), ("../c", "/a/c"), ("/c", "/c"), ("../../../..", "/"), ("c/", "/a/b/c")])
    func resolvesRelative(argument: String, expected: String) throws {
        #expect(try VirtualPath(absolute: "/a/b").resolving(argument).description == expected)
    }

    @Test(arguments: ["a\0b", "a\u{1}b", "a\rb", "a\nb", "a\u{7F}b", "a\u{85}b"])
    func refusesControlCharacters(text: String) {
        #expect(throws: PathError.controlCharacter) { try VirtualPath.root.resolving(text) }
    }

    @Test(arguments: ["..\\x", "x\\..\\y", "a\\..", ".\\x", "a\\.", "\\..", "\\..\\etc"])
    func refusesDotsBehindBackslashes(text: String) {
        #expect(throws: PathError.hiddenDots) { try VirtualPath.root.resolving(text) }
        #expect(!VirtualPath.isName(text))
    }

    @Test func boundsLengths() throws {
        let longest = String(repeating: "x", count: 255)
        #expect(try VirtualPath.root.resolving(longest).last == longest)
        #expect(throws: PathError.componentTooLong(limit: 255)) { try VirtualPath.root.resolving(longest + "x") }
        #expect(throws: PathError.componentTooLong(limit: 255)) { try VirtualPath.root.resolving(String(repeating: "é", count: 128)) }
        let deep = String(repeating: "/x", count: 64)
        #expect(try VirtualPath(absolute: deep).components.count == 64)
        #expect(throws: PathError.tooDeep(limit: 64)) { try VirtualPath(absolute: deep + "/y") }
        #expect(throws: PathError.tooLong(limit: 4096)) { try VirtualPath.root.resolving(String(repeating: "/", count: 4097)) }
        let wide = try VirtualPath(absolute: String(repeating: "/" + longest, count: 15))
        #expect(throws: PathError.tooLong(limit: 4096)) { try wide.resolving(longest + "/" + longest) }
    }

    @Test func wantsAbsolute() {
        #expect(throws: PathError.notAbsolute) { try VirtualPath(absolute: "a") }
        #expect(throws: PathError.notAbsolute) { try VirtualPath(absolute: "") }
    }

    @Test func walks() throws {
        let path = try VirtualPath(absolute: "/records/alice/x")
        #expect(path.parent.description == "/records/alice")
        #expect(VirtualPath.root.parent == .root)
        #expect(path.isWithin(try VirtualPath(absolute: "/records")))
        #expect(!path.isWithin(try VirtualPath(absolute: "/rec")))
        #expect(path.components(below: path.parent).map(Array.init) == ["x"])
        #expect(try path.parent.appending("x") == path)
    }

    @Test(arguments: ["", ".", "..", "a/b", "/", "/a", "a\0", "../x"])
    func appendsNamesOnly(name: String) {
        #expect(throws: PathError.notAName) { try VirtualPath.root.appending(name) }
    }

    @Test(arguments: ["/", "/a", "/say \"hi\"", "/\"", "/a/\"\"/b", "/a\"\u{655}b", "/\u{655}", "/x/\u{301}y"])
    func quotes(text: String) throws {
        let path = try VirtualPath(absolute: text)
        #expect(try VirtualPath.parse(quoted: path.quoted + " is the current folder") == path)
    }

    @Test(arguments: ["", "/a", "\"/a", "\"a\"", "\"/a\"\"", "\"/a\u{1}\""])
    func refusesBadQuotes(text: String) {
        #expect(throws: PathError.self) { try VirtualPath.parse(quoted: text) }
    }

    @Test func neverLeavesTheRoot() throws {
        var generator = SplitMix(state: 2)
        for _ in 0..<5_000 {
            let parts = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in ["..", ".", "", "a", "b\\c", "..."].randomElement(using: &generator)! }
            let path = try VirtualPath(absolute: "/x").resolving(parts.joined(separator: "/"))
            #expect(path.components.allSatisfy(VirtualPath.isName))
            #expect(try VirtualPath(absolute: path.description) == path)
        }
    }
}
