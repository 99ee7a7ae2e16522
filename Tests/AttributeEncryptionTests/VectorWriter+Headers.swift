// The headers of the vectors: policies of every form, and bytes that must be refused.

import AttributeEncryption
import CanonicalEncoding
import Testing

extension VectorSet {
    mutating func addHeaders() throws {
        let (doctor, friend) = ("bob-stmary", "bob-alice")
        try addHeader(
            "single", "one attribute", "stmary:doctor", ["stmary"],
            [
                ([doctor], "success"), (["carol-stmary"], "success"), (["dora-stmary"], "notSatisfied"), (["bob-stmary-epoch-2"], "wrongEpoch"),
                (["bob-stmary-epoch-2", doctor], "success"),
            ])
        try addHeader("and", "two attributes", "stmary:doctor AND stmary:cardiology", ["stmary"], [([doctor], "success"), (["carol-stmary"], "notSatisfied")])
        try addHeader("or", "either of two", "(stmary:nurse or stmary:cardiology)", ["stmary"], [([doctor], "success"), (["carol-stmary"], "success")])
        try addHeader(
            "nested", "alternatives with a value outside ASCII", "alice:role=Ärztin and (alice:care-team or alice:family)", ["alice"],
            [([friend], "success"), (["carol-alice"], "notSatisfied")])
        try addHeader(
            "threshold", "two of three, one of them a conjunction", "2 of (stmary:nurse, stmary:doctor, stmary:cardiology and stmary:clearance=4)", ["stmary"],
            [([doctor], "success"), (["carol-stmary"], "success"), (["dora-stmary"], "notSatisfied")])
        try addHeader(
            "threshold-inside", "thresholds inside each other", "2 of (stmary:a, 2 of (stmary:doctor, stmary:b, stmary:cardiology), stmary:clearance=4)",
            ["stmary"], [([doctor], "success"), (["carol-stmary"], "notSatisfied")])
        try addHeader("at-least", "a comparison", "stmary:clearance >= 3", ["stmary"], [([doctor], "success"), (["carol-stmary"], "notSatisfied")])
        try addHeader("between", "a range of dates", "stmary:since in 2024-01-01..2025-12-31", ["stmary"], [([doctor], "success")])
        try addHeader("below", "a comparison without its bound", "stmary:clearance < 5", ["stmary"], [([doctor], "success")])
        try addHeader(
            "largest", "up to the largest number, in a month in which the key is valid", "stmary:clearance > 65534", ["stmary"],
            [(["dora-stmary"], "success"), ([doctor], "notSatisfied")], month: "2026-03")
        try addHeader(
            "repeated", "an attribute that stands twice", "2 of (stmary:doctor and stmary:cardiology, stmary:doctor, stmary:nurse)", ["stmary"],
            [([doctor], "success"), (["carol-stmary"], "success")])
        try addHeader("valid", "the month of sealing", "stmary:doctor and valid now", ["stmary"], [([doctor], "success"), (["carol-stmary"], "success")])
        try addHeader(
            "valid-later", "a key whose validity is over by the time of opening", "stmary:nurse and valid in 2026-03", ["stmary"],
            [(["dora-stmary"], "expired"), (["carol-stmary"], "notSatisfied")])
        try addHeader(
            "revoked", "three members revoked", "stmary:doctor", ["stmary-revoking"], [([doctor], "success"), (["carol-stmary"], "revoked")])
        try addHeader(
            "hidden", "hidden names, one of them a comparison", "clinic:oncology and clinic:level >= 2", ["clinic"],
            [(["bob-clinic"], "success"), ([friend], "notSatisfied")])
        try addHeader("no-data", "no associated data", "lab:analyst", ["lab"], associatedData: "", [(["bob-lab"], "success")])
        try addTwoAuthorities()
    }

    private mutating func addTwoAuthorities() throws {
        let (doctor, friend) = ("bob-stmary", "bob-alice")
        let both = ["alice", "stmary"]
        try addHeader(
            "two-and", "attributes of two authorities", "stmary:doctor and alice:care-team", both,
            [
                ([doctor, friend], "success"), ([friend, doctor], "success"), ([doctor], "notSatisfied"), ([doctor, "carol-alice"], "wrongIdentity"),
                (["bob-stmary-epoch-2", friend], "wrongEpoch"),
            ])
        try addHeader("two-or", "either authority", "stmary:cardiology or alice:care-team", both, [([doctor], "success"), (["carol-alice"], "success")])
        try addHeader(
            "two-threshold", "two of three authorities", "2 of (alice:care-team, stmary:nurse, lab:analyst and lab:senior)", ["alice", "lab", "stmary"],
            [(["carol-alice", "carol-stmary"], "success"), ([friend, doctor, "bob-lab"], "notSatisfied")])
        try addHeader(
            "two-comparison", "a comparison and a month", "alice:care-team and stmary:clearance in 2..9 and valid in 2026-11", both,
            [([doctor, friend], "success")])
        try addHeader(
            "two-repeated", "an attribute that stands twice", "2 of (alice:care-team and stmary:doctor, stmary:nurse, stmary:doctor)", both,
            [([doctor, friend], "success"), (["carol-stmary"], "success")])
        try addHeader(
            "two-revoked", "members of both revoked", "(alice:care-team and stmary:doctor) or stmary:nurse", ["alice-revoking", "stmary-revoking"],
            [([doctor, friend], "success"), (["carol-alice", "carol-stmary"], "revoked")])
        try addHeader(
            "two-hidden", "one of the authorities hides its names", "clinic:oncology and stmary:doctor", ["clinic", "stmary"],
            [(["bob-clinic", doctor], "success"), ([doctor], "notSatisfied")])
    }

    // MARK: Refusals

    mutating func addRefusals() throws {
        let one = try file.header("and"), two = try file.header("two-and"), revoked = try file.header("revoked"), threshold = try file.header("threshold")
        try refuse("other-data", "other associated data", one.header, "tampered", associatedData: "00")
        try refuse("changed-tag", "a byte of the tag", changed(one) { try flip(&$0, 5, at: 31) }, "tampered")
        try refuse("changed-mask", "a byte of W", changed(one) { try flip(&$0, 4, at: 0) }, "tampered")
        try refuse("swapped-rows", "C3 of two rows that are used", changed(one) { try swap(&$0, 192, 240, count: 48) }, "tampered")
        try refuse("swapped-rows-2", "two rows of suite 2", changed(two) { try swap(&$0, 0, 240, count: 240) }, "tampered")
        try refuse(
            "changed-unused", "C3 of a row that the reader does not use",
            changed(threshold) { fields in
                // The row of `nurse` gets the point of the one before.
                var elements = try #require(fields[3]?.bytesValue)
                elements.replaceSubrange(336..<384, with: elements[288..<336])
                fields[3] = .bytes(elements)
            }, "tampered")
        try refuse("other-policy", "another policy over as many rows", changed(one) { $0[1] = .text("stmary:cardiology or stmary:doctor") }, "tampered")
        try refuse(
            "dropped-revocation", "the revoked members taken out, with the rows of those who are not",
            changed(revoked) { fields in
                fields[2] = try file.header("single").fields()[2]
                let elements = try #require(fields[3]?.bytesValue)
                fields[3] = .bytes(Array(elements[..<240]))
            }, "tampered", keys: ["carol-stmary"])
        try refuse("not-canonical", "a policy not in normal form", changed(one) { $0[1] = .text("stmary:doctor and stmary:cardiology") }, "malformed")
        try refuse(
            "open-month", "a month of sealing that is left open", changed(one) { $0[1] = .text("stmary:cardiology and stmary:valid now") }, "unusablePolicy")
        try refuse("short-elements", "a point too few", changed(one) { try cut(&$0, 48) }, "malformed")
        try refuse("bad-point", "an element that is no point", changed(one) { try flip(&$0, 3, at: 0) }, "malformed")
        try refuse("later-suite", "a suite that is not known", changed(one) { $0[0] = .unsigned(9) }, "unsupportedSuite")
        try refuse("wrong-suite", "suite 2 for one authority", changed(one) { $0[0] = .unsigned(2) }, "malformed")
        try refuse("missing-authority", "an authority too few", changed(two) { $0[2] = .array(Array(try #require($0[2]?.arrayValue).dropLast())) }, "malformed")
        try refuse(
            "unsorted-leaves", "revoked leaves out of order",
            changed(revoked) { fields in
                var authority = try #require(fields[2]?.arrayValue?.first?.mapValue)
                authority[4] = .array([3, 0, 41].map { .unsigned($0) })
                fields[2] = .array([.map(authority)])
            }, "malformed")
        try refuse(
            "other-points", "points of another authority under a known fingerprint",
            changed(two) { fields in
                var entries = try #require(fields[2]?.arrayValue)
                var first = try #require(entries[0].mapValue)
                first[5] = entries[1][5]
                entries[0] = .map(first)
                fields[2] = .array(entries)
            }, "authorityChanged")
        try refuse("unknown-field", "a field that is not defined", changed(one) { $0[6] = .unsigned(0) }, "malformed")
        try refuse("trailing-byte", "a byte behind the header", one.header + "00", "malformed")
    }

    private mutating func refuse(
        _ name: String, _ comment: String, _ header: String, _ expect: String, keys: [String] = ["bob-stmary", "bob-alice"],
        associatedData: String = associatedData
    ) throws {
        file.refusals.append(
            RefusalVector(name: name, comment: comment, header: header, associatedData: associatedData, month: Self.month, keys: keys, expect: expect))
    }

    private func changed(_ vector: HeaderVector, _ change: (inout [UInt64: CBOR]) throws -> Void) throws -> String {
        var fields = try vector.fields()
        try change(&fields)
        return CBOR.map(fields).encoded().hexadecimal
    }

    private func flip(_ fields: inout [UInt64: CBOR], _ key: UInt64, at offset: Int) throws {
        var value = try #require(fields[key]?.bytesValue)
        value[offset] ^= 1
        fields[key] = .bytes(value)
    }

    private func swap(_ fields: inout [UInt64: CBOR], _ first: Int, _ second: Int, count: Int) throws {
        var elements = try #require(fields[3]?.bytesValue)
        let part = Array(elements[first..<first + count])
        elements.replaceSubrange(first..<first + count, with: elements[second..<second + count])
        elements.replaceSubrange(second..<second + count, with: part)
        fields[3] = .bytes(elements)
    }

    private func cut(_ fields: inout [UInt64: CBOR], _ count: Int) throws {
        fields[3] = .bytes(Array(try #require(fields[3]?.bytesValue).dropLast(count)))
    }
}

extension HeaderVector {
    fileprivate func fields() throws -> [UInt64: CBOR] { try #require(CBOR(decoding: bytes(header)).mapValue) }
}
