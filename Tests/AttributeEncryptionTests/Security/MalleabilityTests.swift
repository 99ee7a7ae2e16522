// Headers that someone changed on the way: none opens, and none says more than that.

import AttributeEncryption
import BLS12381
import CanonicalEncoding
import Testing

@Suite struct MalleabilityTests {
    private let keys: [AttributeKey]
    private let headers: [[UInt8]]

    init() throws {
        let alice = try World.Authority("alice")
        let stmary = try World.Authority("stmary").revoking(5)
        keys = [try alice.issue(World.doctor, "care-team", "x"), try stmary.issue(World.doctor, "doctor", "cardiology", leaf: 40)]
        headers = try ["2 of (alice:care-team, alice:x, alice:y)", "(alice:care-team or alice:y) and stmary:doctor"].map { policy in
            try World.encapsulate(policy, alice, stmary).header
        }
    }

    private func outcome(_ header: [UInt8]) -> AttributeError.Code? {
        do {
            _ = try KeyEncapsulation.decapsulate(header, keys: keys, associatedData: World.associatedData, at: World.month)
            return nil
        } catch {
            return error.code
        }
    }

    /// The header with one field of its map changed.
    private func changing(_ header: [UInt8], _ field: UInt64, _ change: (CBOR) throws -> CBOR) throws -> [UInt8] {
        var fields = try #require(CBOR(decoding: header).mapValue)
        fields[field] = try change(try #require(fields[field]))
        return CBOR.map(fields).encoded()
    }

    private func changingElements(_ header: [UInt8], _ change: (inout [UInt8]) -> Void) throws -> [UInt8] {
        try changing(header, 3) { value in
            var bytes = try #require(value.bytesValue)
            change(&bytes)
            return .bytes(bytes)
        }
    }

    @Test func untouchedHeadersOpen() {
        for header in headers { #expect(outcome(header) == nil) }
    }

    @Test(arguments: [0, 1])
    func everyChangedByteIsNoticed(index: Int) {
        var random = SeededGenerator(seed: 81)
        let header = headers[index]
        for position in header.indices {
            var changed = header
            changed[position] ^= UInt8.random(in: 1...255, using: &random)
            #expect(outcome(changed) != nil, "byte \(position)")
        }
    }

    @Test(arguments: [0, 1])
    func everyTruncationIsMalformed(index: Int) {
        for count in headers[index].indices { #expect(outcome(Array(headers[index][..<count])) == .malformed, "\(count) bytes") }
    }

    /// In the masked message, the tag and the coordinates of points all changes look the same, unless they are no points any more.
    @Test(arguments: [0, 1])
    func changesBehindThePolicyLookAlike(index: Int) throws {
        for field in [4, 5] as [UInt64] {
            for position in 0..<32 {
                let header = try changing(headers[index], field) { value in
                    var bytes = try #require(value.bytesValue)
                    bytes[position] ^= 0x10
                    return .bytes(bytes)
                }
                #expect(outcome(header) == .tampered)
            }
        }
        let count = try #require(CBOR(decoding: headers[index]).mapValue?[3]?.bytesValue?.count)
        for position in stride(from: 3, to: count, by: 7) {
            let result = outcome(try changingElements(headers[index]) { $0[position] ^= 1 })
            #expect(result == .tampered || result == .malformed)
        }
    }

    @Test func otherSignsOfPointsAreNoticed() throws {
        for (index, starts) in [(0, [0, 96, 192, 240, 288]), (1, Array(stride(from: 0, to: 480, by: 240)).flatMap { [$0, $0 + 48, $0 + 144, $0 + 192] })] {
            for start in starts {
                let header = try changingElements(headers[index]) { $0[start] ^= 0x20 }
                #expect(outcome(header) == .tampered, "header \(index), byte \(start)")
            }
        }
    }

    @Test func swappedAndDuplicatedRowsAreNoticed() throws {
        func rows(_ change: @escaping (inout [ArraySlice<UInt8>]) -> Void, size: Int, from start: Int) -> (inout [UInt8]) -> Void {
            { elements in
                let tail = Array(elements[start...])
                var rows = stride(from: 0, to: tail.count, by: size).map { tail[$0..<$0 + size] }
                change(&rows)
                elements = Array(elements[..<start]) + rows.joined()
            }
        }
        let changes: [((inout [ArraySlice<UInt8>]) -> Void, AttributeError.Code)] = [
            ({ $0.swapAt(0, 1) }, .tampered), ({ $0[1] = $0[0] }, .tampered), ({ $0.append($0[0]) }, .malformed), ({ $0.removeLast() }, .malformed),
        ]
        for (index, size, start) in [(0, 48, 192), (1, 240, 0)] {
            for (change, code) in changes {
                let header = try changingElements(headers[index], rows(change, size: size, from: start))
                #expect(outcome(header) == code)
            }
        }
    }

    // MARK: Points that are none

    /// Infinity, a point outside the subgroup and a coordinate that is no residue, in the place of each element.
    @Test func malformedPointsAreRefusedInEveryPosition() throws {
        let small = ([0xC0] + [UInt8](repeating: 0, count: 47), try Self.outsider(48) { _ = try G1(compressed: $0) })
        let large = ([0xC0] + [UInt8](repeating: 0, count: 95), try Self.outsider(96) { _ = try G2(compressed: $0) })
        for (index, row, layout) in [(0, 0, [96, 96, 48, 48, 48]), (1, 0, [48, 96, 48, 48, 48, 96, 48, 48, 48, 96, 48, 48])] {
            var start = row
            let count = try #require(CBOR(decoding: headers[index]).mapValue?[3]?.bytesValue?.count)
            for size in layout where start + size <= count {
                for bad in size == 48 ? [small.0, small.1] : [large.0, large.1] {
                    let result = outcome(try changingElements(headers[index]) { $0.replaceSubrange(start..<start + size, with: bad) })
                    // An element of a row that is not used is compared, not paired.
                    #expect(result == .malformed || result == .tampered, "header \(index), byte \(start)")
                }
                start += size
            }
        }
    }

    @Test func malformedPointsOfUsedRowsAreNeverPaired() throws {
        let outsider = try Self.outsider(48) { _ = try G1(compressed: $0) }
        let infinite = try changingElements(headers[0]) { $0.replaceSubrange(0..<96, with: [0xC0] + [UInt8](repeating: 0, count: 95)) }
        #expect(outcome(infinite) == .malformed)
        let foreign = try changingElements(headers[1]) { $0.replaceSubrange(480..<528, with: outsider) }
        #expect(outcome(foreign) == .malformed)
    }

    @Test func anotherKeyOfAnAuthorityIsNoticed() throws {
        let other = try World.Authority("stmary")
        let foreign = try World.encapsulate("stmary:x and other:y", other, World.Authority("other")).header
        let header = try changing(headers[1], 2) { value in
            var authorities = try #require(value.arrayValue)
            var entry = try #require(authorities[1].mapValue)
            entry[5] = try #require(CBOR(decoding: foreign).mapValue?[2]?.arrayValue?[1].mapValue?[5])
            authorities[1] = .map(entry)
            return .array(authorities)
        }
        #expect(outcome(header) == .authorityChanged)
    }

    @Test func oneAuthorityUnderTwoNamesIsRefused() throws {
        let header = try changing(headers[1], 2) { value in
            let authorities = try #require(value.arrayValue)
            return .array([authorities[0], authorities[0]])
        }
        #expect(outcome(header) == .malformed)
    }

    @Test func unknownSuitesAreNamed() throws {
        for suite in [0, 4, 99, 300] as [UInt64] {
            #expect(outcome(try changing(headers[0], 0) { _ in .unsigned(suite) }) == .unsupportedSuite)
        }
        #expect(outcome(try changing(headers[0], 0) { _ in .unsigned(2) }) == .malformed)
        #expect(outcome(try changing(headers[1], 0) { _ in .unsigned(1) }) == .malformed)
    }

    @Test func headersBeyondTheLimitAreNotRead() {
        #expect(outcome([UInt8](repeating: 0, count: 1 << 18 + 1)) == .limitExceeded)
    }

    /// An encoding of a curve point that is not in the group.
    private static func outsider(_ count: Int, decode: ([UInt8]) throws -> Void) throws -> [UInt8] {
        for x in UInt8(0)...255 {
            let bytes = [0x80] + [UInt8](repeating: 0, count: count - 2) + [x]
            do {
                try decode(bytes)
            } catch BLS12381Error.notInSubgroup {
                return bytes
            } catch {
                continue
            }
        }
        throw CancellationError()
    }
}
