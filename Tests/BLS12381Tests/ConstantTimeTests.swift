// The kernels that touch secrets, as compiled: no decision, trap or division in them, nor in anything that they call.
//
// Of optimised builds alone: without optimisation every addition calls and every call checks.

#if arch(x86_64) && !DEBUG

@testable import BLS12381
import Testing

@Suite struct ConstantTimeTests {
    /// Functions of the library with their code of their own. Those of the curves are written once and compiled for each field.
    private static let kernels = [
        // Base field.
        "fpAdd", "fpSub", "fpNeg", "fpDouble", "fpHalve", "fpMul", "fpSqr", "fpMulAdd", "fpMulSub", "fpMul12", "fpCmov", "fpCneg",
        "fpIsZero", "fpEqual", "fpSgn0", "fpIsLarger", "fpFromBytes", "fpFromWideBytes", "fpToBytes", "fpInv",
        // Extensions.
        "fp2Add", "fp2Sub", "fp2Neg", "fp2Double", "fp2Halve", "fp2Triple", "fp2Conj", "fp2Mul", "fp2Sqr", "fp2MulFp", "fp2MulXi",
        "fp2Mul12Xi", "fp2MulSub", "fp2Cmov", "fp2Cneg", "fp2IsZero", "fp2Equal", "fp2Sgn0", "fp2IsLarger", "fp2Inv", "fp2Norm",
        "fp2TripleMinusTwice", "fp2TriplePlusTwice", "fp2MulWide", "fp2MulWideOfSums", "wideMul", "wideSub", "wideSubPlain", "wideAdd",
        "wideReduce", "fp4Sqr", "fp6Mul", "fp6Inv", "fp12Mul", "fp12Sqr", "fp12MulBy014", "fp12MulByLines", "fp12Inv", "fp12Conj",
        "fp12Cmov", "fp12Equal", "fp12Frobenius", "fp12FrobeniusSquare", "cyclotomicSqr",
        // Scalars: arithmetic, decompositions, digits.
        "scalarSum", "scalarDifference", "scalarProduct", "divisionSteps", "divide", "divideByParameter", "nextDigit",
        // Pairing and powers.
        "lineDouble", "lineAdd", "lineEvaluate", "choosePower",
    ]
    /// Doubling in G1 has no code of its own: it is inlined, and made of kernels of the base field.
    private static let kernelsOfCurves = [
        "Fp": ["pointAdd", "pointAddMixed", "chooseMultiple"],
        "Fp2": ["pointAdd", "pointAddMixed", "chooseMultiple", "pointDouble"],
    ]
    /// Methods by their mangled places; that of SHA-256 takes a block.
    private static let methods = ["6ScalarV7inverse", "6ScalarV13splitBySquare", "6SHA256O8compress"]

    /// The loops over the digits of a number: their bounds follow from the window, their body is nextDigit, a kernel.
    private static let publicLoops = ["signedDigits"]

    /// What kernels call outside of the library: copies of a fixed length, and the arena.
    private static let system: Set = ["memcpy", "memmove", "memset", "swift_slowAlloc", "swift_slowDealloc", "explicit_bzero"]

    private static let library = "$s8BLS12381", tests = "$s13BLS12381Tests"
    private static let disassembly = Result { try Disassembly(prefixes: [library, tests]) }

    /// Swift's mangling of a name: its length and itself.
    private static func mangled(_ name: String) -> String { "\(name.utf8.count)\(name)" }

    private static func findings(_ roots: [MachineFunction], _ code: Disassembly) -> (findings: [String], checked: Set<String>) {
        var waiting = roots, checked: Set<String> = [], findings: [String] = []
        while let function = waiting.popLast() {
            guard !publicLoops.contains(where: { function.symbol.hasPrefix(library + mangled($0)) }) else { continue }
            guard checked.insert(function.symbol).inserted else { continue }
            findings += function.findings { code.functions[$0] != nil || system.contains($0) }
            waiting += function.references.compactMap { code.functions[$0] }
        }
        return (findings, checked)
    }

    @Test func kernelsDoNotBranch() throws {
        let code = try Self.disassembly.get()
        var roots: [MachineFunction] = []
        func collect(_ name: String, _ isKernel: (MachineFunction) -> Bool) {
            let found = code.functions.values.filter(isKernel)
            #expect(!found.isEmpty, "no code of \(name)")
            roots += found
        }
        for name in Self.kernels {
            collect(name) { $0.symbol.hasPrefix(Self.library + Self.mangled(name)) }
        }
        for (field, names) in Self.kernelsOfCurves {
            let suffix = "AA\(Self.mangled(field))V_Tg5"
            for name in names {
                collect("\(name)<\(field)>") { $0.symbol.hasPrefix(Self.library + Self.mangled(name)) && $0.symbol.hasSuffix(suffix) }
            }
            collect("CombTable<\(field)>.multiply") {
                $0.symbol.hasPrefix(Self.library + "9CombTableC8multiply") && $0.symbol.contains("U_") && $0.symbol.hasSuffix(suffix)
            }
        }
        for name in Self.methods { collect(name) { $0.symbol.hasPrefix(Self.library + name) } }
        let (findings, checked) = Self.findings(roots, code)
        #expect(findings == [])
        #expect(checked.count >= Self.kernels.count)
    }

    /// Temporaries may be secret: who frees memory overwrites it first. A table's points are public.
    @Test func memoryIsOverwrittenBeforeItIsFreed() throws {
        let code = try Self.disassembly.get()
        let freeing = code.functions.values.filter { $0.references.contains("swift_slowDealloc") }
        #expect(freeing.count > 20)
        let careless = freeing.filter { !$0.references.contains("explicit_bzero") }.map(\.symbol)
        #expect(careless.filter { !$0.hasPrefix(Self.library + "9CombTableC") } == [])
    }

    /// What is computed with a secret stays in the arena: no array holds a copy when it is gone.
    @Test func secretsStayInTheArena() throws {
        let code = try Self.disassembly.get()
        for place in ["2GTV5power", "2GTV5TableC5power", "11windowedSum", "9CombTableC8multiply", "6ScalarV8reducing", "6ScalarV7inverse"] {
            let functions = code.functions.values.filter { $0.symbol.hasPrefix(Self.library + place) }
            let allocating = functions.filter { !$0.references.allSatisfy { !$0.hasPrefix("swift_allocObject") } }
            #expect(!functions.isEmpty && allocating.isEmpty, "\(place): \(allocating.map(\.symbol))")
        }
    }

    /// The same check finds what it is for.
    @Test func findsBranchesOnSecrets() throws {
        _ = (branchingSelect(1, 2, 3), secretLoop(3), secretStart(3), leavingEarly([1], [1]), trapping(1, 2), dividing(7, 2), publicLoop(5))
        let code = try Self.disassembly.get()
        func findings(_ name: String) throws -> [String] {
            let function = try #require(code.functions.values.first { $0.symbol.hasPrefix(Self.tests + Self.mangled(name)) }, "\(name)")
            return function.findings { _ in true }
        }
        for (name, problem) in [
            ("branchingSelect", "conditional jump"), ("secretLoop", "conditional jump"), ("secretStart", "conditional jump"),
            ("leavingEarly", "conditional jump"), ("trapping", "trap"), ("dividing", "division"),
        ] {
            #expect(try findings(name).contains { $0.contains(problem) }, "\(name)")
        }
        #expect(try findings("publicLoop") == [])
    }
}

// What must be found, and what not. Calls keep the compiler from replacing a branch by a conditional move.

@inline(never) private func step(_ value: UInt64) -> UInt64 { value &* 0x9e37_79b9_7f4a_7c15 ^ value &>> 31 }

@inline(never) func branchingSelect(_ secret: UInt64, _ a: UInt64, _ b: UInt64) -> UInt64 {
    secret & 1 == 1 ? step(a) : b
}

@inline(never) func secretLoop(_ secret: UInt64) -> UInt64 {
    var value: UInt64 = 1, i: UInt64 = 0
    while i < secret {
        value = step(value)
        i &+= 1
    }
    return value
}

@inline(never) func secretStart(_ secret: UInt64) -> UInt64 {
    var value: UInt64 = 1, rest = secret | 1
    repeat {
        value = step(value)
        rest &-= 1
    } while rest != 0
    return value
}

@inline(never) func leavingEarly(_ a: [UInt64], _ b: [UInt64]) -> Bool {
    for i in a.indices where a[i] != b[i] { return false }
    return true
}

@inline(never) func trapping(_ a: UInt64, _ b: UInt64) -> UInt64 { a + b }

@inline(never) func dividing(_ a: UInt64, _ b: UInt64) -> UInt64 { a / (b | 1) }

@inline(never) func publicLoop(_ secret: UInt64) -> UInt64 {
    var value = secret
    for _ in 0..<59 { value = step(value) }
    return value
}

#endif
