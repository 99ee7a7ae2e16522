// What secret data may not meet in machine code: decisions, traps and instructions whose time depends on their operands.
//
// x86-64. A conditional jump is accepted in one case: it goes backwards, and what it asks is the count of a loop. The count is in
// a register or a stack slot that is compared with a constant or stepped by one, starts from a constant, and is written in the
// loop by steps and moves alone. Memory accesses at secret addresses are not seen: the kernels have none by construction.

extension MachineFunction {
    /// Everything in the function that may take a time of its own, one line each. `isAllowed` knows what may be called.
    func findings(isAllowed: (String) -> Bool) -> [String] {
        instructions.indices.compactMap { index in
            let instruction = instructions[index], name = instruction.mnemonic
            let problem: String? =
                if instruction.isConditionalJump {
                    isCountedLoop(endingAt: index) ? nil : "conditional jump"
                } else if name.hasPrefix("ud2") || name.hasPrefix("int3") && !isPadding(index) { "trap" } else if name.contains("div") {
                    "division"
                } else if instruction.isIndirect { isMerged ? nil : "indirect jump or call" } else if let target = callee(index) {
                    isAllowed(target) ? nil : "call of \(target)"
                } else { nil }
            return problem.map { "\(symbol): \($0) at \(instruction)" }
        }
    }

    /// The functions that this one calls or whose address it takes.
    var references: [String] {
        instructions.compactMap { $0.symbol }.filter { $0 != symbol }
    }

    /// Functions that differ in constants become one with those as parameters: it calls what its callers name.
    private var isMerged: Bool { symbol.hasSuffix("Tm") }

    private func isPadding(_ index: Int) -> Bool { instructions[index...].allSatisfy { $0.mnemonic.hasPrefix("int3") } }

    /// What is called or jumped to outside of this function.
    private func callee(_ index: Int) -> String? {
        let instruction = instructions[index]
        guard instruction.mnemonic.hasPrefix("call") || instruction.mnemonic.hasPrefix("jmp") else { return nil }
        guard let target = instruction.symbol else { return "an unknown function" }
        return target == symbol ? nil : target
    }

    private func isCountedLoop(endingAt jump: Int) -> Bool {
        guard let target = instructions[jump].operands.first.flatMap(number), target <= instructions[jump].address,
            let head = instructions.firstIndex(where: { $0.address == target }), head < jump
        else { return false }
        // The comparison or step that the jump asks; moves keep the flags.
        guard let test = instructions[head..<jump].lastIndex(where: { !$0.keepsFlags }), instructions[test].testsCount else { return false }
        guard let start = instructions[test].destination, var place = origin(of: start, from: test, to: head)?.place else { return false }
        // Round the loop until the place is where it was: the count lives there at the head.
        for _ in 0..<4 {
            guard let (previous, isStepped) = origin(of: place, from: jump - 1, to: head) else { return false }
            if previous == place { return isStepped && startsFromConstant(place, before: head) }
            place = previous
        }
        return false
    }

    /// Where the value of a place stood at the instruction `first`, and whether it was stepped since; nil if anything else wrote it.
    private func origin(of place: String, from last: Int, to first: Int) -> (place: String, isStepped: Bool)? {
        var place = place, isStepped = false
        for instruction in instructions[first...last].reversed() where instruction.writes(place) {
            if instruction.isStep {
                isStepped = true
            } else if let source = instruction.steppedRegister {
                (place, isStepped) = (source, true)
            } else if let source = instruction.movedPlace {
                place = source
            } else {
                return nil
            }
        }
        return (place, isStepped)
    }

    private func startsFromConstant(_ place: String, before head: Int) -> Bool {
        var place = place
        for instruction in instructions[..<head].reversed() where instruction.writes(place) {
            if instruction.givesConstant { return true }
            guard let source = instruction.movedPlace else { return false }
            place = source
        }
        return false
    }
}

private func number(_ text: String) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
}

extension Instruction {
    var isConditionalJump: Bool {
        mnemonic.hasPrefix("j") && !mnemonic.hasPrefix("jmp") || mnemonic.hasPrefix("loop")
    }

    fileprivate var isIndirect: Bool {
        (mnemonic.hasPrefix("jmp") || mnemonic.hasPrefix("call")) && operands.first?.hasPrefix("*") == true
    }

    private var isMove: Bool { ["mov", "movq", "movl"].contains(mnemonic) }

    /// Moves, addresses and nothing else.
    fileprivate var keepsFlags: Bool { mnemonic.hasPrefix("mov") || mnemonic.hasPrefix("lea") || mnemonic.hasPrefix("nop") }

    /// The last operand, registers under their 64-bit names.
    fileprivate var destination: String? { operands.last.map(Self.place) }

    /// Adds a constant to its destination.
    fileprivate var isStep: Bool {
        let isUnary = mnemonic.hasPrefix("inc") || mnemonic.hasPrefix("dec")
        let isBinary = ["add", "addq", "addl", "sub", "subq", "subl"].contains(mnemonic) && operands.first?.hasPrefix("$") == true
        return isUnary || isBinary
    }

    fileprivate var testsCount: Bool {
        isStep || mnemonic.hasPrefix("cmp") && !mnemonic.hasPrefix("cmpx") && operands.count == 2 && operands[0].hasPrefix("$")
    }

    /// A register or stack slot whose value is moved unchanged.
    fileprivate var movedPlace: String? {
        guard isMove, let source = operands.first, source.hasPrefix("%") || source.isStackSlot else { return nil }
        return Self.place(source)
    }

    /// The register whose sum with a constant is the result.
    fileprivate var steppedRegister: String? {
        guard mnemonic.hasPrefix("lea"), let address = operands.first, let open = address.firstIndex(of: "("), !address.contains(",") else {
            return nil
        }
        return Self.place(String(address[address.index(after: open)...].dropLast()))
    }

    fileprivate var givesConstant: Bool {
        isMove && operands.first?.hasPrefix("$") == true || mnemonic.hasPrefix("movabs")
            || mnemonic.hasPrefix("xor") && operands.count == 2 && operands[0] == operands[1]
    }

    fileprivate func writes(_ place: String) -> Bool {
        if mnemonic.hasPrefix("call") { return Self.lostInCalls.contains(place) }
        if mnemonic.hasPrefix("rep") || mnemonic.hasPrefix("cqto") || mnemonic.hasPrefix("xchg") || mnemonic.contains("mul") && operands.count != 2 {
            // Several results: all of the operands and the registers that are not named.
            return operands.map(Self.place).contains(place) || ["%rax", "%rcx", "%rdx", "%rsi", "%rdi"].contains(place)
        }
        let onlyReads = ["cmp", "test", "push", "j", "nop"].contains(where: mnemonic.hasPrefix)
        return !onlyReads && destination == place
    }

    private static let lostInCalls: Set = ["%rax", "%rcx", "%rdx", "%rsi", "%rdi", "%r8", "%r9", "%r10", "%r11"]

    /// An operand with its registers under their 64-bit names; memory as it is written.
    private static func place(_ operand: String) -> String {
        guard operand.hasPrefix("%") else { return operand }
        let name = operand.dropFirst()
        if name.first == "r", name.dropFirst().first?.isNumber == true { return "%r" + name.dropFirst().prefix(while: \.isNumber) }
        let letters = name.hasPrefix("r") || name.hasPrefix("e") ? name.dropFirst() : name
        let base = ["al": "ax", "bl": "bx", "cl": "cx", "dl": "dx", "sil": "si", "dil": "di"][String(letters)] ?? String(letters)
        return base.count == 2 ? "%r" + base : operand
    }
}

extension String {
    fileprivate var isStackSlot: Bool { hasSuffix("(%rbp)") || hasSuffix("(%rsp)") }
}
