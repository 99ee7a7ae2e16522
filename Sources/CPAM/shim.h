#pragma once
#include <grp.h>
#include <pwd.h>
#include <security/pam_appl.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>

static inline void phr_pam_no_delay(int status, unsigned delay, void *data) { (void)status; (void)delay; (void)data; }

// A function as an item: Swift cannot turn it into the void pointer that pam_set_item takes.
static inline int phr_pam_disable_delay(pam_handle_t *handle) {
    return pam_set_item(handle, PAM_FAIL_DELAY, (const void *)phr_pam_no_delay);
}

// prctl is variadic.
static inline int phr_forbid_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// These stand behind _GNU_SOURCE, which cannot be set here (see CLinux): struct ucred is three numbers of 32 bits.
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

static inline int phr_peer_user(int descriptor, uid_t *user) {
    struct { int process; uid_t user; gid_t group; } credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 || length != sizeof credentials) return -1;
    *user = credentials.user;
    return 0;
}
