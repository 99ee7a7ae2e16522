/// One login from the request to the end of PAM's session.
import Glibc
import PAMProtocol

enum OneLogin {
    /// Answers one request. Returns the exit code: 0 if it was accepted.
    static func serve(service: String) -> Int32 {
        guard var frame = try? Wire.receive(limit: 10_000) else { return 1 }
        guard case .authenticate(let login)? = try? PAMRequest(parsing: frame), login.service == service else {
            Wire.wipe(&frame)
            try? Wire.send(.failed("not a login for the service of this helper; phrd's auth.pam_service and its --service must agree"))
            return 1
        }
        let conversation = Conversation(frame: frame, login: login)
        frame = []
        do {
            var pam = try PAMHandle(login, conversation: conversation)
            var answer = pam.authenticate()
            var hasSession = false
            if answer == .accepted([]) {
                (answer, hasSession) = pam.establish(opensSession: login.options.contains(.session))
            }
            try Wire.send(answer)
            guard hasSession else { return if case .accepted = answer { 0 } else { 1 } }
            alarm(0)
            Wire.waitForEnd()
            alarm(30)
            pam.closeSession()
            return 0
        } catch let error as PAMHandle.Failure {
            try? Wire.send(.failed("pam_start: error \(error.code)"))
        } catch {
            // The other side is gone.
        }
        return 1
    }
}
