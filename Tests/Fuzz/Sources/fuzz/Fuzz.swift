// The fuzzer's program: `fuzz TARGET [libFuzzer options] [corpus folders]`.

internal import CFuzzer
internal import Glibc

@main
struct Fuzz {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 1, let target = unsafe Targets.all[arguments[1]] else {
            print("usage: fuzz TARGET [options] [folders]; targets:", unsafe Targets.all.keys.sorted().joined(separator: " "))
            exit(64)
        }
        let rest = [arguments[0]] + arguments.dropFirst(2)
        var pointers = unsafe rest.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        let status = unsafe pointers.withUnsafeMutableBufferPointer { unsafe phr_fuzz_run(Int32(rest.count), $0.baseAddress!, target) }
        exit(status)
    }
}
