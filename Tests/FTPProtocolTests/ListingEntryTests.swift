// Lines of listings, for machines and for people.

import FTPProtocol
import Testing

@Suite struct ListingEntryTests {
    private let file = ListingEntry(
        name: "visit 1.json", kind: .file, size: 1234, modified: 1_795_484_520, permissions: "adfrw", unique: "a1b2")

    @Test func writesMachineLines() {
        #expect(file.machineLine() == "type=file;size=1234;modify=20261124014200;perm=adfrw;unique=a1b2; visit 1.json")
        #expect(file.machineLine(facts: [.size]) == "size=1234; visit 1.json")
        #expect(file.machineLine(facts: []) == " visit 1.json")
        #expect(ListingEntry(name: "d", kind: .directory, size: 9, permissions: "el").machineLine() == "type=dir;perm=el; d")
    }

    @Test func readsWhatItWrites() throws {
        let entries = [
            file, ListingEntry(name: " leading", kind: .directory), ListingEntry(name: "=;", kind: .file, size: 0),
            ListingEntry(name: "\u{301}", kind: .file, size: 1), ListingEntry(name: ".", kind: .currentDirectory),
            ListingEntry(name: "..", kind: .parentDirectory, modified: -1),
            ListingEntry(name: "big", kind: .file, size: UInt64(Int64.max)),
        ]
        for entry in entries { #expect(try ListingEntry.parse(machineLine: entry.machineLine()) == entry) }
    }

    @Test func readsForeignLines() throws {
        let entry = try ListingEntry.parse(machineLine: "Type=FILE;Size=5;Modify=20260102030405.123;UNIX.mode=0644;x.y=z; a")
        #expect(entry.kind == .file && entry.size == 5 && entry.modified == 1_767_323_045)
    }

    @Test(
        arguments: [
            ("type=file;size=1;", .noName), ("type=file;", .noName), ("type=file; ", .noName), ("size=1; a", .missingType), (" a", .missingType),
            ("type=OS.unix=slink:/etc; a", .unsupportedType("OS.unix=slink:/etc")), ("type=; a", .unsupportedType("")), ("type; a", .malformedFact("type")),
            ("type=file;size=-1; a", .malformedFact("size=-1")), ("type=file;size=9223372036854775808; a", .malformedFact("size=9223372036854775808")),
            ("type=file;modify=x; a", .malformedFact("modify=x")),
        ] as [(String, ListingError)])
    func refuses(line: String, expected: ListingError) {
        #expect(throws: expected) { try ListingEntry.parse(machineLine: line) }
    }

    @Test func writesUnixLines() {
        let now: Int64 = 1_795_484_520
        #expect(file.unixLine(now: now) == "-rw-r-----   1 phr      phr              1234 Nov 24 01:42 visit 1.json")
        #expect(file.unixLine(now: now + 200 * 86_400) == "-rw-r-----   1 phr      phr              1234 Nov 24  2026 visit 1.json")
        #expect(file.unixLine(now: now - 2 * 86_400) == "-rw-r-----   1 phr      phr              1234 Nov 24  2026 visit 1.json")
        let folder = ListingEntry(name: "inbox", kind: .directory, modified: 0, permissions: "el", owner: "a-very-long-owner")
        #expect(folder.unixLine(now: now) == "dr-xr-x---   1 a-very-long-owner phr                 0 Jan  1  1970 inbox")
    }

    @Test func speaksOfFacts() {
        let facts = ListingEntry.Facts(optionArgument: "Type;SIZE;unknown;")
        #expect(facts == [.type, .size])
        #expect(facts.optionText == "type;size;")
        #expect(facts.featureText == "type*;size*;modify;perm;unique;media-type;")
        #expect(ListingEntry.Facts(optionArgument: "") == [])
    }

    @Test func tellsMediaTypesWhenAsked() {
        let facts = ListingEntry.Facts(optionArgument: "type;media-type;")
        for (name, line) in [
            ("a.PDF", "type=file;media-type=application/pdf; a.PDF"), ("scan.dcm", "type=file;media-type=application/dicom; scan.dcm"),
            ("x", "type=file; x"), ("x.phr", "type=file; x.phr"), (".", "type=file; ."),
        ] { #expect(ListingEntry(name: name, kind: .file).machineLine(facts: facts) == line) }
        #expect(ListingEntry(name: "a.pdf", kind: .directory).machineLine(facts: facts) == "type=dir; a.pdf")
    }

    @Test func writesAHundredThousandLinesQuickly() {
        var bytes: [UInt8] = []
        let elapsed = ContinuousClock().measure {
            for _ in 0..<100_000 {
                file.appendMachineLine(to: &bytes)
                bytes.append(0x0A)
            }
        }
        #expect(bytes.count == 100_000 * (file.machineLine().utf8.count + 1))
        #expect(elapsed < .seconds(30), "unoptimised; optimised it takes less than a tenth of a second")
    }
}
