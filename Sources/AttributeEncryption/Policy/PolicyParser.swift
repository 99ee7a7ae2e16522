// From the text of a policy to its tree, by recursive descent.

/// Grammar, `and` before `or`; keywords in either case:
///
///     policy    = term *("or" term)
///     term      = unit *("and" unit)
///     unit      = "(" policy ")" / number "of" "(" policy *("," policy) ")" / clause / validity
///     clause    = authority ":" (label ["=" value] / label compare number / label "in" number ".." number / validity)
///     compare   = ">=" / "<=" / ">" / "<"
///     validity  = "valid" ("in" month / "now")
///
/// A bare validity stands beside attributes in an `and` and binds every authority named there.
struct PolicyParser {
    private var scanner: PolicyScanner
    private var clauseCount = 0

    /// The tree as written, not in normal form.
    static func parse(_ text: String) throws(PolicyError) -> PolicyNode {
        guard text.utf8.count <= Policy.Limits.textByteCount else {
            throw PolicyError(.limit, "a policy has at most \(Policy.Limits.textByteCount) bytes")
        }
        var parser = PolicyParser(scanner: PolicyScanner(text))
        let node = try parser.policy(depth: 1)
        guard parser.scanner.isAtEnd else {
            throw parser.scanner.error("expected `and`, `or` or the end, found \(parser.scanner.found)")
        }
        return node
    }

    private init(scanner: PolicyScanner) {
        self.scanner = scanner
    }

    private mutating func policy(depth: Int) throws(PolicyError) -> PolicyNode {
        guard depth <= Policy.Limits.depth else {
            throw PolicyError(.limit, "a policy is nested at most \(Policy.Limits.depth) deep", column: scanner.column)
        }
        var terms = [try term(depth: depth)]
        while scanner.takeKeyword("or") { terms.append(try term(depth: depth)) }
        return terms.count == 1 ? terms[0] : .or(terms)
    }

    private mutating func term(depth: Int) throws(PolicyError) -> PolicyNode {
        var units: [PolicyNode] = []
        var validities: [(month: Month?, column: Int)] = []
        repeat {
            scanner.skipSpace()
            let column = scanner.column
            switch try unit(depth: depth) {
            case .node(let node): units.append(node)
            case .validity(let month): validities.append((month, column))
            }
            scanner.skipSpace()
        } while scanner.takeKeyword("and")
        guard !units.isEmpty else {
            throw PolicyError(
                .syntax, "`valid` needs attributes beside it: write AUTHORITY:valid, or join it to them by `and`", column: validities[0].column)
        }
        var node = units.count == 1 ? units[0] : .and(units)
        for validity in validities {
            try count(node.authorities.count)
            node = node.guarded { .clause(Clause(authority: $0, requirement: .valid(validity.month))) }
        }
        return node
    }

    private enum Unit {
        case node(PolicyNode)
        case validity(Month?)
    }

    private mutating func unit(depth: Int) throws(PolicyError) -> Unit {
        if scanner.take("(") {
            let node = try policy(depth: depth + 1)
            guard scanner.take(")") else { throw scanner.error("expected `)`, `and` or `or`, found \(scanner.found)") }
            return .node(node)
        }
        let column = scanner.column
        let word = scanner.word()
        if scanner.take(":") { return .node(try clause(scanner.authority(word, at: column))) }
        scanner.skipSpace()
        switch word.lowercased() {
        case "": throw scanner.error("expected an attribute such as alice:care-team, `(` or `2 of (`, found \(scanner.found)")
        case "valid": return .validity(try validity())
        case "not": throw PolicyError(.syntax, "there is no `not`: a policy can only ask for attributes", column: column)
        case "and", "or", "of", "in": throw PolicyError(.syntax, "expected an attribute before `\(word)`", column: column)
        default: break
        }
        if word.utf8.allSatisfy(AttributeSyntax.isDigit) { return .node(try threshold(word, at: column, depth: depth)) }
        throw scanner.error("expected `:` after the authority `\(word.prefix(24))`, found \(scanner.found)")
    }

    private mutating func threshold(_ number: String, at column: Int, depth: Int) throws(PolicyError) -> PolicyNode {
        guard scanner.takeKeyword("of") else { throw scanner.error("expected `of` or `:` after `\(number.prefix(24))`, found \(scanner.found)") }
        scanner.skipSpace()
        guard scanner.take("(") else { throw scanner.error("expected `(` after `of`, found \(scanner.found)") }
        var children = [try policy(depth: depth + 1)]
        while scanner.take(",") { children.append(try policy(depth: depth + 1)) }
        guard scanner.take(")") else { throw scanner.error("expected `,` or `)`, found \(scanner.found)") }
        guard let count = Int(number), (1...children.count).contains(count) else {
            throw PolicyError(.value, "expected a number of 1 to \(children.count) before `of`: as many as stand in the parentheses", column: column)
        }
        return .threshold(count, of: children)
    }

    private mutating func clause(_ authority: String) throws(PolicyError) -> PolicyNode {
        try count(1)
        return .clause(Clause(authority: authority, requirement: try requirement()))
    }

    private mutating func count(_ clauses: Int) throws(PolicyError) {
        clauseCount += clauses
        guard clauseCount <= Policy.Limits.rowCount else {
            throw PolicyError(.limit, "a policy has at most \(Policy.Limits.rowCount) clauses", column: scanner.column)
        }
    }

    private mutating func requirement() throws(PolicyError) -> Requirement {
        if scanner.next == AttributeSyntax.reservedMark { return .attribute(try hiddenName()) }
        let start = scanner
        if scanner.word() == AttributeSyntax.validityLabel { return .valid(try validity()) }
        scanner = start
        let label = try scanner.label()
        let end = scanner
        scanner.skipSpace()
        let column = scanner.column
        if scanner.take(">=") { return try range(label, column) { bound in (bound.number, NumericValue.largestNumber) } }
        if scanner.take("<=") { return try range(label, column) { bound in (0, bound.number) } }
        if scanner.take(">") { return try range(label, column) { bound in (bound.number + 1, NumericValue.largestNumber) } }
        if scanner.take("<") { return try range(label, column) { bound in (0, bound.number - 1) } }
        if scanner.take("=") {
            scanner.skipSpace()
            return .attribute(AttributeName.plain(label, try scanner.value()))
        }
        if scanner.takeKeyword("in") { return try interval(label, column) }
        scanner = end
        return .attribute(label)
    }

    private mutating func range(_ label: String, _ column: Int, _ bounds: (NumericValue) -> (Int, Int)) throws(PolicyError) -> Requirement {
        scanner.skipSpace()
        let bound = try scanner.number()
        let (low, high) = bounds(bound)
        guard low <= high else { throw PolicyError(.value, "nothing meets this comparison: values end at \(bound.text)", column: column) }
        return Self.range(label, NumericValue(low, like: bound), NumericValue(high, like: bound))
    }

    private mutating func interval(_ label: String, _ column: Int) throws(PolicyError) -> Requirement {
        scanner.skipSpace()
        let from = try scanner.number()
        scanner.skipSpace()
        guard scanner.take("..") else { throw scanner.error("expected `..` and the end of the range, found \(scanner.found)") }
        scanner.skipSpace()
        let to = try scanner.number()
        guard from.isDate == to.isDate else { throw PolicyError(.value, "a range goes from date to date or from integer to integer", column: column) }
        guard from.number <= to.number else { throw PolicyError(.value, "the range ends before it begins", column: column) }
        return Self.range(label, from, to)
    }

    /// One number is the plain attribute.
    private static func range(_ label: String, _ from: NumericValue, _ to: NumericValue) -> Requirement {
        from == to ? .attribute(AttributeName.plain(label, from.text)) : .range(label: label, from: from, to: to)
    }

    private mutating func validity() throws(PolicyError) -> Month? {
        scanner.skipSpace()
        if scanner.takeKeyword("now") { return nil }
        guard scanner.takeKeyword("in") else { throw scanner.error("expected `in` and a month, or `now`, found \(scanner.found)") }
        scanner.skipSpace()
        return try scanner.month()
    }

    private mutating func hiddenName() throws(PolicyError) -> String {
        let column = scanner.column
        let name = scanner.run { $0 == AttributeSyntax.reservedMark || AttributeSyntax.isWordScalar($0) }
        guard AttributeSyntax.isHiddenName(name) else {
            throw PolicyError(.syntax, "expected `~h` and 32 hexadecimal digits: other names with `~` are reserved", column: column)
        }
        return name
    }
}
