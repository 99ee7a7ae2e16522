// What a process gives up for ever: capabilities, system calls. Numbers and variadic calls; the rules stand in Confinement.
#pragma once
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern int setgroups(size_t count, const gid_t *groups);

static inline int phr_prctl(int option, unsigned long first, unsigned long second) { return prctl(option, first, second, 0UL, 0UL); }

// Masks of the capabilities 0 to 63.
static inline int phr_get_capabilities(uint64_t *permitted) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0, 0, 0}, {0, 0, 0}};
    if (syscall(SYS_capget, &header, data) != 0) return -1;
    *permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
    return 0;
}

static inline int phr_set_capabilities(uint64_t mask) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    uint32_t low = (uint32_t)mask, high = (uint32_t)(mask >> 32);
    struct __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
    return (int)syscall(SYS_capset, &header, data);
}

// Instructions as the kernel lays them out: struct sock_filter is eight bytes.
static inline int phr_install_filter(const uint64_t *program, unsigned short count) {
    struct sock_fprog filter = {count, (struct sock_filter *)program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0UL, 0UL);
}

// For tests: a call by its number.
static inline long phr_system_call(long number, long first) { return syscall(number, first, 0L, 0L, 0L, 0L, 0L); }

#if defined(__x86_64__)
static const uint32_t phr_architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
static const uint32_t phr_architecture = AUDIT_ARCH_AARCH64;
#else
#error "the filter of system calls is for x86-64 and aarch64"
#endif

enum {
    phr_return_allow = SECCOMP_RET_ALLOW,
    phr_return_error = SECCOMP_RET_ERRNO,
};
static const uint32_t phr_return_kill = SECCOMP_RET_KILL_PROCESS;

static const uint32_t phr_call_execve = __NR_execve, phr_call_execveat = __NR_execveat, phr_call_clone = __NR_clone, phr_call_clone3 = __NR_clone3;

// The calls that a server of files has no use for, by number; -1 behind the last.
static inline long phr_refused_call(int index) {
    static const long calls[] = {
        // Looking into and driving other processes.
        __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_pidfd_getfd, __NR_kcmp, __NR_perf_event_open,
        // File systems and namespaces.
        __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_move_mount, __NR_open_tree, __NR_fsopen, __NR_fsconfig, __NR_fsmount,
        __NR_fspick, __NR_mount_setattr, __NR_setns, __NR_unshare, __NR_open_by_handle_at, __NR_swapon, __NR_swapoff, __NR_quotactl, __NR_acct,
        // The kernel: its modules, its programs, its keys, its clock, its name.
        __NR_kexec_load,
#ifdef __NR_kexec_file_load
        __NR_kexec_file_load,
#endif
        __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_bpf, __NR_reboot, __NR_syslog, __NR_add_key, __NR_request_key, __NR_keyctl,
        __NR_settimeofday, __NR_clock_settime, __NR_clock_adjtime, __NR_adjtimex, __NR_sethostname, __NR_setdomainname, __NR_vhangup,
        // Ways around a filter, or often abused.
        __NR_userfaultfd, __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register, __NR_personality, __NR_lookup_dcookie,
#if defined(__x86_64__)
        __NR_iopl, __NR_ioperm, __NR_modify_ldt, __NR_uselib, __NR__sysctl, __NR_ustat, __NR_sysfs,
#endif
    };
    return index >= 0 && (unsigned)index < sizeof calls / sizeof calls[0] ? calls[index] : -1;
}
