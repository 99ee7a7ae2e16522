// The machine code of the library in this very process: its executable, disassembled by the toolchain's llvm-objdump.

import Foundation

/// One instruction in AT&T syntax.
struct Instruction: CustomStringConvertible {
    var address: Int
    var mnemonic: String
    var operands: [String]
    /// The symbol that the disassembler names, without an offset: what is called, jumped to or whose address is taken.
    var symbol: String?

    var description: String { "\(String(address, radix: 16)): \(mnemonic) \(operands.joined(separator: ", "))" }
}

/// The code of one symbol.
struct MachineFunction {
    var symbol: String
    var instructions: [Instruction]
}

/// Functions by their mangled symbols.
struct Disassembly {
    var functions: [String: MachineFunction] = [:]

    /// The functions of this process whose symbols start with one of `prefixes`.
    init(prefixes: [String]) throws {
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"), tool = Self.tool()
        // ADDRESS FLAGS SECTION SIZE [VISIBILITY] SYMBOL
        var ends: [String: Int] = [:]
        let starts = prefixes.map { Array(" \($0)".utf8) }
        for line in try Self.lines(of: [tool, "--syms", program]) {
            guard let space = line.lastIndex(of: UInt8(ascii: " ")), starts.contains(where: line[space...].starts(with:)) else { continue }
            let fields = Substring(line).split(whereSeparator: \.isWhitespace)
            guard let symbol = fields.last, let place = fields.firstIndex(of: ".text") else { continue }
            guard let address = Int(fields[0], radix: 16), let size = Int(fields[place + 1], radix: 16) else { continue }
            ends[String(symbol)] = address + size
        }
        guard !ends.isEmpty else { return }
        // One argument has a length limit of its own.
        let symbols = ends.keys.sorted()
        let wanted = stride(from: 0, to: symbols.count, by: 100).map {
            "--disassemble-symbols=" + symbols[$0..<min($0 + 100, symbols.count)].joined(separator: ",")
        }
        var current: String?
        for line in try Self.lines(of: [tool, "--disassemble", "--no-show-raw-insn", program] + wanted).map(Substring.init) {
            if line.hasSuffix(">:"), let start = line.firstIndex(of: "<") {
                let symbol = String(line[line.index(after: start)...].dropLast(2))
                current = symbol
                functions[symbol] = MachineFunction(symbol: symbol, instructions: [])
            } else if let current, let end = ends[current], let instruction = Instruction(line: line), instruction.address < end {
                functions[current]?.instructions.append(instruction)
            }
        }
    }

    /// The disassembler beside the compiler, else the one in the path.
    private static func tool() -> String {
        for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":") {
            let compiler = URL(fileURLWithPath: "\(folder)/swift").resolvingSymlinksInPath()
            let tool = compiler.deletingLastPathComponent().appendingPathComponent("llvm-objdump").path
            if FileManager.default.isExecutableFile(atPath: compiler.path), FileManager.default.isExecutableFile(atPath: tool) { return tool }
        }
        return "llvm-objdump"
    }

    /// Lines of bytes: a program has a hundred thousand symbols, of which few are wanted.
    private static func lines(of command: [String]) throws -> [Substring.UTF8View] {
        let output = try Program.run(command)
        guard output.status == 0 else { throw DisassemblerFailure(command: command, errors: output.errors) }
        return output.text.utf8.split(separator: UInt8(ascii: "\n"))
    }
}

struct DisassemblerFailure: Error {
    var command: [String]
    var errors: String
}

extension Instruction {
    /// From a line such as "  1f0d0: callq 0x1f0d0 <symbol+0x10> # comment"; nil for other lines.
    fileprivate init?(line: Substring) {
        guard let colon = line.firstIndex(of: ":"), let address = Int(line[..<colon].drop(while: \.isWhitespace), radix: 16) else { return nil }
        var rest = line[line.index(after: colon)...].drop(while: \.isWhitespace)
        if let open = rest.firstIndex(of: "<"), let close = rest.lastIndex(of: ">") {
            // An offset, or the table that leads to another library.
            symbol = rest[rest.index(after: open)..<close].split { $0 == "+" || $0 == "@" }.first.map(String.init)
        }
        rest = rest.prefix { $0 != "<" && $0 != "#" }
        guard let mnemonic = rest.split(whereSeparator: \.isWhitespace).first else { return nil }
        self.address = address
        self.mnemonic = String(mnemonic)
        operands = Self.split(rest.dropFirst(mnemonic.count))
    }

    /// Operands between commas, but not those inside of an address.
    private static func split(_ text: Substring) -> [String] {
        var operands: [String] = [""], depth = 0
        for character in text where !character.isWhitespace {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 { operands.append("") } else { operands[operands.count - 1].append(character) }
        }
        return operands == [""] ? [] : operands
    }
}
