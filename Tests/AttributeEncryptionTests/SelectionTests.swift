import Testing

import AttributeEncryption

@Suite struct SelectionTests {
    @Test func takesTheFewestRows() throws {
        let structure = try AccessStructure(Policy(parsing: "(a:x and a:y) or a:z or 2 of (a:u, a:v, a:w)"), revocations: [:])
        func names(_ held: String...) -> [String]? {
            structure.tree.cheapestSelection { held.contains(structure.rows[$0].name) }?.map { structure.rows[$0.row].name }.sorted()
        }
        #expect(names("x", "y", "z") == ["z"])
        #expect(names("x", "y", "u") == ["x", "y"])
        #expect(names("x", "u") == nil)
        #expect(names("u", "w") == ["u", "w"])
    }

    @Test func countsOccurrences() throws {
        let structure = try AccessStructure(Policy(parsing: "2 of (a:x, a:x and b:y, a:x and c:z and b:x)"), revocations: [:])
        #expect(structure.rows.map(\.name) == ["x", "x", "x", "z", "x", "y"])
        #expect(structure.occurrences == [0, 1, 0, 0, 2, 0])
        #expect(structure.occurrenceCount == 3)
        #expect(structure.authorities == ["a", "b", "c"])
    }

    @Test func refusesWhatCannotBeSealed() throws {
        let open = try Policy(parsing: "a:x and valid now")
        #expect(throws: AttributeError(.unusablePolicy, "")) { try AccessStructure(open, revocations: [:]) }
        let all = try RevocationList(depth: 1, revoked: [0, 1])
        #expect(throws: AttributeError(.unusablePolicy, "")) { try AccessStructure(Policy(parsing: "a:x"), revocations: ["a": all]) }
        let many = try RevocationList(depth: 24, revoked: (0..<64).map { UInt32($0 << 18) })
        #expect(throws: AttributeError(.limitExceeded, "")) { try AccessStructure(Policy(parsing: "a:x"), revocations: ["a": many]) }
    }
}
