// Asks PAM through the helper `phrd-pam`: this process links no PAM module and needs no privilege.
import Glibc
import PAMProtocol

/// Where the helper is, and how it is asked. All calls block, up to the time limit.
package struct PAMHelper: Sendable {
    package enum SecondFactor: String, CaseIterable, Sendable {
        /// A password is a password; a second prompt of PAM is refused.
        case none
        /// PASS may be `password+code`, the code being digits.
        case append
        /// The prompt goes to the user, who answers with another PASS.
        case prompt
    }

    /// Whom PAM is asked about when the site has no such account: it takes as long, and locks nobody out.
    package static let unknownUser = "phrd.unknown"

    private let path: String
    private let service: String
    private let secondFactor: SecondFactor
    private let opensSession: Bool
    private let limit: Duration
    private let interruption = PAMInterruption()

    /// - Parameter path: the socket of `phrd-pam --listen`, or of a service that runs one helper a connection.
    package init(path: String, service: String, secondFactor: SecondFactor = .none, opensSession: Bool = false, limit: Duration = .seconds(45)) {
        self.path = path
        self.service = service
        self.secondFactor = secondFactor
        self.opensSession = opensSession
        self.limit = limit
    }

    package static func isServiceName(_ name: String) -> Bool { PAMRequest.isName(name.utf8) }

    /// Ends all calls that wait, and all later ones: the server goes down. Sessions that PAM has opened stay open.
    package func interrupt() { interruption.interrupt() }

    /// Begins a login. `isDecoy` asks about nobody, with the same password, for the time that it takes.
    package func begin(user: String, password: Password, remote: String, isDecoy: Bool) -> PAMAnswer {
        guard !password.isEmpty else { return .refused(.denied) }
        var options: PAMRequest.Options = []
        if opensSession, !isDecoy { options.insert(.session) }
        if secondFactor == .prompt { options.insert(.prompts) }
        let name = isDecoy ? Self.unknownUser : user
        let frame = unsafe password.withBytes { bytes in
            let split = unsafe secondFactor == .append ? Self.codeCount(bytes) : nil
            let main = unsafe UnsafeRawBufferPointer(rebasing: bytes.dropLast(split.map { $0 + 1 } ?? 0))
            let code = unsafe split.map { unsafe UnsafeRawBufferPointer(rebasing: bytes.suffix($0)) }
            return unsafe PAMRequest.authenticate(service: service, user: name, remote: remote, password: main, code: code, options: options)
        }
        guard let frame else { return .refused(.denied) }
        do {
            let connection = try PAMConnection(path: path, limit: limit, interruption: interruption)
            return Self.answer(try connection.exchange(frame), connection, opensSession: opensSession)
        } catch {
            return .refused(.helper("\(error)"))
        }
    }

    /// Goes on with the user's answer to a prompt.
    package func answer(_ text: Password, to connection: PAMConnection) -> PAMAnswer {
        guard let frame = unsafe text.withBytes({ unsafe PAMRequest.answer($0) }) else { return .refused(.denied) }
        do {
            return Self.answer(try connection.exchange(frame), connection, opensSession: opensSession)
        } catch {
            return .refused(.helper("\(error)"))
        }
    }

    private static func answer(_ response: PAMResponse, _ connection: PAMConnection, opensSession: Bool) -> PAMAnswer {
        switch response {
        case .accepted(let roles): .accepted(session: opensSession ? connection : nil, roles: Set(roles))
        case .denied: .refused(.denied)
        case .expired: .refused(.expired)
        case .locked: .refused(.locked)
        case .mustChangePassword: .refused(.mustChangePassword)
        case .needsAnswer(let prompt): .prompt(prompt, connection)
        case .failed(let text): .refused(.helper(text))
        }
    }

    /// How many digits stand behind the last plus sign: 6 to 8 are a one-time code (RFC 4226 §5.3), anything else is the password's.
    static func codeCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let plus = unsafe bytes.lastIndex(of: UInt8(ascii: "+")) else { return nil }
        let code = unsafe bytes[(plus + 1)...]
        guard plus > 0, unsafe (6...8).contains(code.count), unsafe code.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return unsafe code.count
    }
}

package enum PAMAnswer: Sendable {
    /// With the connection that keeps PAM's session open, if there is one, and the user's roles.
    case accepted(session: PAMConnection?, roles: Set<String>)
    case prompt(String, PAMConnection)
    case refused(PAMRefusal)
}

package enum PAMRefusal: Equatable, Sendable {
    case denied
    /// What PAM's account check says, of somebody who knew the password.
    case expired, locked, mustChangePassword
    /// The helper or PAM does not work.
    case helper(String)
}
