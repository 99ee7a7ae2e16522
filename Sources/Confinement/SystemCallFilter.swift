// The seccomp filter: what no thread of the server may ask of the kernel (seccomp(2), "Classic BPF").
private import CLinux
import Glibc

/// A list of refused calls: EPERM, as if privileges were missing. Calls of another architecture end the process.
package struct SystemCallFilter: Sendable {
    /// One instruction each: code, jumps and operand of `struct sock_filter`.
    private var program: [UInt64] = []

    // struct seccomp_data: number, architecture, instruction pointer, six arguments of 64 bits.
    private static let numberOffset: UInt32 = 0
    private static let architectureOffset: UInt32 = 4
    private static let firstArgumentOffset: UInt32 = 16
    /// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
    private static let namespaceFlags: UInt32 = 0x7E02_0000

    private enum Code {
        static let load: UInt16 = 0x20  // BPF_LD | BPF_W | BPF_ABS
        static let jumpIfEqual: UInt16 = 0x15  // BPF_JMP | BPF_JEQ | BPF_K
        static let jumpIfNotLess: UInt16 = 0x35  // BPF_JMP | BPF_JGE | BPF_K
        static let jumpIfAnySet: UInt16 = 0x45  // BPF_JMP | BPF_JSET | BPF_K
        static let end: UInt16 = 0x06  // BPF_RET | BPF_K
    }

    package init() {
        append(Code.load, Self.architectureOffset)
        append(Code.jumpIfEqual, phr_architecture, ifTrue: 1)
        append(Code.end, phr_return_kill)
        append(Code.load, Self.numberOffset)
        // The numbers of x32 are from 2^30; no number of aarch64 is.
        append(Code.jumpIfNotLess, 1 << 30, ifFalse: 1)
        append(Code.end, phr_return_kill)
        var index: Int32 = 0
        while case let number = phr_refused_call(index), number >= 0 {
            refuse(UInt32(number))
            index += 1
        }
        // Nothing is started: hooks and PAM have processes of their own.
        refuse(phr_call_execve)
        refuse(phr_call_execveat)
        // Its flags stand in memory, where a filter cannot look; without it the C library takes the older call.
        refuse(phr_call_clone3, ENOSYS)
        append(Code.jumpIfEqual, phr_call_clone, ifFalse: 3)
        append(Code.load, Self.firstArgumentOffset)
        append(Code.jumpIfAnySet, Self.namespaceFlags, ifFalse: 1)
        append(Code.end, UInt32(phr_return_error) | UInt32(EPERM))
        append(Code.end, UInt32(phr_return_allow))
    }

    /// Binds the calling thread and all that it starts from now on, for ever. `no_new_privs` must be set.
    package func install() throws {
        let code = unsafe program.withUnsafeBufferPointer { unsafe phr_install_filter($0.baseAddress, UInt16($0.count)) }
        guard code == 0 else { throw ConfinementError.system("the filter of system calls (seccomp)", errno) }
    }

    private mutating func refuse(_ number: UInt32, _ error: Int32 = EPERM) {
        append(Code.jumpIfEqual, number, ifFalse: 1)
        append(Code.end, UInt32(phr_return_error) | UInt32(error))
    }

    /// Jumps count instructions from the next one.
    private mutating func append(_ code: UInt16, _ operand: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
        program.append(UInt64(code) | UInt64(ifTrue) << 16 | UInt64(ifFalse) << 24 | UInt64(operand) << 32)
    }
}
