/// Answers what PAM asks: first the password, then the one-time code, then what the user is asked for.
import CPAM
import Glibc
import PAMProtocol

/// Lives as long as the PAM handle, which points to it. One thread.
final class Conversation {
    private static let maximumPrompts = 4

    private var frame: [UInt8]
    private let login: PAMRequest.Authenticate
    private var prompts = 0
    /// Whether PAM asked for more than there was; modules have many codes for that.
    private(set) var hasRefused = false
    /// Whether a module wanted to change the password in the middle of the login.
    private(set) var wantsNewPassword = false

    init(frame: consuming [UInt8], login: PAMRequest.Authenticate) {
        self.frame = frame
        self.login = login
    }

    deinit { Wire.wipe(&frame) }

    /// Wipes the password as soon as PAM needs it no more.
    func end() { Wire.wipe(&frame) }

    /// One round of PAM's questions; nil refuses it.
    fileprivate func answers(_ count: Int, _ messages: UnsafeMutablePointer<UnsafePointer<pam_message>?>) -> UnsafeMutablePointer<pam_response>? {
        guard (1...Int(PAM_MAX_NUM_MSG)).contains(count), let list = unsafe calloc(count, MemoryLayout<pam_response>.stride) else { return nil }
        let responses = unsafe list.bindMemory(to: pam_response.self, capacity: count)
        for number in 0..<count {
            guard let message = unsafe messages[number] else { continue }
            switch unsafe message.pointee.msg_style {
            case PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON:
                guard let answer = unsafe answer(to: message.pointee.msg) else {
                    unsafe Self.release(responses, count)
                    hasRefused = true
                    return nil
                }
                unsafe responses[number].resp = unsafe answer
            default: break  // Texts for a human at a terminal.
            }
        }
        return unsafe responses
    }

    /// A C string that PAM frees.
    private func answer(to prompt: UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>? {
        prompts += 1
        guard prompts <= Self.maximumPrompts else { return nil }
        if prompts == 1 { return unsafe copy(frame, login.password) }
        if prompts == 2, let code = login.code { return unsafe copy(frame, code) }
        guard login.options.contains(.prompts) else { return nil }
        let text = unsafe prompt.map { unsafe String(cString: $0) } ?? ""
        // The prompts of pam_krb5 and pam_ldap. A password is never changed over FTP.
        if text.lowercased().contains("new password") {
            wantsNewPassword = true
            return nil
        }
        guard (try? Wire.send(.needsAnswer(text))) != nil, var reply = try? Wire.receive(limit: 60_000) else { return nil }
        defer { Wire.wipe(&reply) }
        guard case .answer(let place)? = try? PAMRequest(parsing: reply) else { return nil }
        return unsafe copy(reply, place)
    }

    private func copy(_ bytes: [UInt8], _ place: Range<Int>) -> UnsafeMutablePointer<CChar>? {
        unsafe bytes.withUnsafeBytes { unsafe strndup($0.baseAddress!.assumingMemoryBound(to: CChar.self) + place.lowerBound, place.count) }
    }

    private static func release(_ responses: UnsafeMutablePointer<pam_response>, _ count: Int) {
        for number in 0..<count {
            guard let text = unsafe responses[number].resp else { continue }
            unsafe explicit_bzero(text, strlen(text))
            unsafe free(text)
        }
        unsafe free(responses)
    }
}

/// PAM's callback; `data` is the conversation, which the caller of PAM keeps alive.
func converse(
    count: Int32, messages: UnsafeMutablePointer<UnsafePointer<pam_message>?>?, responses: UnsafeMutablePointer<UnsafeMutablePointer<pam_response>?>?,
    data: UnsafeMutableRawPointer?
) -> Int32 {
    guard let messages = unsafe messages, let responses = unsafe responses, let data = unsafe data else { return PAM_CONV_ERR }
    let conversation = unsafe Unmanaged<Conversation>.fromOpaque(data).takeUnretainedValue()
    guard let answers = unsafe conversation.answers(Int(count), messages) else { return PAM_CONV_ERR }
    unsafe responses.pointee = unsafe answers
    return PAM_SUCCESS
}
