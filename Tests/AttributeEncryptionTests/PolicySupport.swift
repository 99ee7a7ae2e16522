import AttributeEncryption

/// SplitMix64: the same cases in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

extension PolicyNode {
    /// The clauses of random formulas: six over three authorities, bit i of a held set stands for the i-th.
    static let sampleClauses = ["a:x", "a:y", "b:x", "b:y", "c:x", "c:y"].map { text in
        Clause(authority: String(text.prefix(1)), requirement: .attribute(String(text.suffix(1))))
    }

    static func random(leaves: Int, clauses: [Clause] = sampleClauses, using random: inout some RandomNumberGenerator) -> PolicyNode {
        guard leaves > 1 else { return .clause(clauses.randomElement(using: &random)!) }
        var children: [PolicyNode] = []
        var remaining = leaves
        while remaining > 0 {
            let part = Int.random(in: 1...max(1, min(remaining, leaves - 1)), using: &random)
            children.append(.random(leaves: part, clauses: clauses, using: &random))
            remaining -= part
        }
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: return .and(children)
        case 2, 3: return .or(children)
        default: return .threshold(Int.random(in: 1...children.count, using: &random), of: children)
        }
    }

    func shuffled(using random: inout some RandomNumberGenerator) -> PolicyNode {
        func shuffle(_ children: [PolicyNode], _ random: inout some RandomNumberGenerator) -> [PolicyNode] {
            var result: [PolicyNode] = []
            for child in children { result.append(child.shuffled(using: &random)) }
            return result.shuffled(using: &random)
        }
        switch self {
        case .clause: return self
        case .and(let children): return .and(shuffle(children, &random))
        case .or(let children): return .or(shuffle(children, &random))
        case .threshold(let count, of: let children): return .threshold(count, of: shuffle(children, &random))
        }
    }

    func isSatisfied(by held: UInt8) -> Bool {
        isSatisfied { clause in Self.sampleClauses.firstIndex(of: clause).map { held >> $0 & 1 == 1 } ?? false }
    }

    func isSatisfied(_ holds: (Clause) -> Bool) -> Bool {
        switch self {
        case .clause(let clause): holds(clause)
        case .and(let children): children.allSatisfy { $0.isSatisfied(holds) }
        case .or(let children): children.contains { $0.isSatisfied(holds) }
        case .threshold(let count, of: let children): children.count { $0.isSatisfied(holds) } >= count
        }
    }
}
