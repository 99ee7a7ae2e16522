/// One PAM transaction: authentication, account check, session.
import CPAM
import Glibc
import PAMProtocol

@safe struct PAMHandle: ~Copyable {
    // Made in `init`, ended in `deinit`, used by one thread.
    private let handle: OpaquePointer
    private let conversation: Conversation
    private let user: String
    private var status = PAM_SUCCESS

    struct Failure: Error { let code: Int32 }

    init(_ login: PAMRequest.Authenticate, conversation: Conversation) throws(Failure) {
        var callback = unsafe pam_conv(conv: converse, appdata_ptr: Unmanaged.passUnretained(conversation).toOpaque())
        var made: OpaquePointer?
        let code = unsafe pam_start(login.service, login.user, &callback, &made)
        guard code == PAM_SUCCESS, let handle = unsafe made else { throw Failure(code: code) }
        unsafe self.handle = unsafe handle
        self.conversation = conversation
        user = login.user
        // The server's answer waits, the same time for every reason and with no thread; a module's own delay would tell reasons apart.
        _ = unsafe phr_pam_disable_delay(handle)
        _ = unsafe pam_set_item(handle, PAM_TTY, "ftps")
        if !login.remote.isEmpty { _ = unsafe pam_set_item(handle, PAM_RHOST, login.remote) }
    }

    deinit { _ = unsafe pam_end(handle, status) }

    mutating func authenticate() -> PAMResponse {
        // "phrd" has no empty passwords, whatever the module thinks of them.
        status = unsafe pam_authenticate(handle, Int32(PAM_DISALLOW_NULL_AUTHTOK))
        conversation.end()
        if conversation.wantsNewPassword { return .mustChangePassword }
        if status != PAM_SUCCESS, conversation.hasRefused { return .denied }
        switch status {
        case PAM_SUCCESS: break
        // Whatever a module says of the account here, it may say without knowing the password; only the account check comes after that.
        case PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_CRED_INSUFFICIENT, PAM_CONV_ERR, PAM_MAXTRIES, PAM_PERM_DENIED, PAM_ACCT_EXPIRED, PAM_CRED_EXPIRED,
            PAM_NEW_AUTHTOK_REQD, PAM_AUTHTOK_EXPIRED, PAM_AUTHTOK_ERR:
            return .denied
        default: return failure("pam_authenticate")
        }
        status = unsafe pam_acct_mgmt(handle, 0)
        switch status {
        case PAM_SUCCESS: break
        // The program never calls pam_chauthtok: a password is not changed over FTP.
        case PAM_NEW_AUTHTOK_REQD: return .mustChangePassword
        case PAM_ACCT_EXPIRED, PAM_AUTHTOK_EXPIRED: return .expired
        case PAM_PERM_DENIED, PAM_AUTH_ERR, PAM_USER_UNKNOWN, PAM_MAXTRIES: return .locked
        default: return failure("pam_acct_mgmt")
        }
        // A module may put another user in place of the one who was named.
        var item: UnsafeRawPointer?
        guard unsafe pam_get_item(handle, PAM_USER, &item) == PAM_SUCCESS, let name = unsafe item else { return .failed("PAM forgot the user") }
        guard unsafe String(cString: name.assumingMemoryBound(to: CChar.self)) == user else { return .failed("PAM changed the user") }
        return .accepted([])
    }

    /// What follows a right password: credentials, the session if it is wanted, and the roles that come of it all.
    mutating func establish(opensSession: Bool) -> (answer: PAMResponse, hasSession: Bool) {
        let before = Groups.ofProcess()
        if opensSession {
            status = unsafe pam_setcred(handle, Int32(PAM_ESTABLISH_CRED))
            guard status == PAM_SUCCESS else { return (failure("pam_setcred"), false) }
            status = unsafe pam_open_session(handle, 0)
            guard status == PAM_SUCCESS else {
                defer { _ = unsafe pam_setcred(handle, Int32(PAM_DELETE_CRED)) }
                return (failure("pam_open_session"), false)
            }
        }
        // Modules such as pam_group give groups to the process; those that it had before are root's, not the user's.
        let given = Groups.ofProcess().subtracting(before)
        // Without a session no module was asked to say anything; what stands there then came from somewhere else.
        let named = opensSession ? unsafe pam_getenv(handle, PAMResponse.rolesVariable).map { unsafe String(cString: $0) } ?? "" : ""
        let roles = Groups.names(of: user).union(Groups.names(given)).union(named.split(separator: ",").map(String.init))
        return (.accepted(PAMResponse.roles(roles)), opensSession)
    }

    mutating func closeSession() {
        status = unsafe pam_close_session(handle, 0)
        _ = unsafe pam_setcred(handle, Int32(PAM_DELETE_CRED))
    }

    private func failure(_ call: String) -> PAMResponse {
        .failed("\(call): \(unsafe pam_strerror(handle, status).map { unsafe String(cString: $0) } ?? "error \(status)")")
    }
}
