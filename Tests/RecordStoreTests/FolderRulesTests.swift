// Patterns for names.
import RecordStore
import Testing

@Suite struct FolderRulesTests {
    @Test(arguments: [
        ("*", "", true), ("*.hl7", "a.HL7", true), ("*.hl7", ".hl7", true), ("*.hl7", "hl7", false), ("a?c", "abc", true), ("a?c", "ac", false),
        ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxa", false), ("HIPAA.*.dat", "hipaa.x.y.dat", true), ("?", "ü", true), ("", "a", false), ("**", "a", true),
        ("*.tar.gz", "a.tar.gz.gz", false), ("*ab", "aab", true),
    ])
    func aPatternMatches(pattern: String, name: String, matches: Bool) {
        var rules = FolderRules()
        rules.allowedNames = [pattern]
        #expect((rules.objection(to: name) == nil) == matches)
    }

    /// No pattern takes exponential time.
    @Test func costlyPatternsEnd() {
        var rules = FolderRules()
        rules.forbiddenNames = [String(repeating: "*a", count: 120) + "b"]
        let start = ContinuousClock.now
        #expect(rules.objection(to: String(repeating: "a", count: 255)) == nil)
        #expect(ContinuousClock.now - start < .seconds(2))
    }
}
