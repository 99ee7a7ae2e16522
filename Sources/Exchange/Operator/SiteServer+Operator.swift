// The running server answers its operator, and how a command reaches it.
import Audit
import FTPServer
import Foundation
import Logging
import Transport

extension Site {
    fileprivate static func operatorPath(_ configuration: Configuration) -> String { configuration.storage.data + "/operator.socket" }

    /// Asks the server that runs on the same data. Blocks.
    package static func ask(_ request: OperatorRequest, _ configuration: Configuration) throws -> OperatorAnswer {
        let data = configuration.storage.data
        let bytes: [UInt8]
        do {
            bytes = try OperatorPoint.ask(Array(try JSONEncoder().encode(request)), at: operatorPath(configuration), within: .seconds(20))
        } catch TransportError.system(_, let code) where code == ENOENT || code == ECONNREFUSED {
            throw SiteError("no server runs on \(data)")
        } catch TransportError.system(_, let code) where code == EACCES || code == EPERM {
            throw SiteError("\(data) is another user's: run this as root, or as the server's user")
        } catch TransportError.timedOut {
            throw SiteError("the server on \(data) does not answer; look at its log")
        } catch TransportError.truncated {
            throw SiteError("the server on \(data) ended before it answered, or does not take orders from this user")
        }
        guard let answer = try? JSONDecoder().decode(OperatorAnswer.self, from: Data(bytes)) else {
            throw SiteError("the server on \(data) is of another version; restart it")
        }
        if let problem = answer.problem { throw SiteError(problem) }
        return answer
    }
}

extension SiteServer {
    /// Lets the operator ask. Without it the server still serves.
    func listenToOperator() -> OperatorPoint? {
        do {
            let point = try OperatorPoint(path: Site.operatorPath(site.configuration))
            try point.start { [self] in await answer($0) }
            return point
        } catch {
            logger.warning("phrd who and phrd kick cannot reach this server", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private func answer(_ bytes: [UInt8]) async -> [UInt8] {
        var answer = OperatorAnswer()
        switch try? JSONDecoder().decode(OperatorRequest.self, from: Data(bytes)) {
        case .who: answer.sessions = await server.sessions.map { SessionReport($0, now: Date()) }
        case .kick(let choice, let name): answer = await kick(choice, operator: name)
        case nil: answer.problem = "the server does not understand the request: it is of another version"
        }
        return (try? JSONEncoder().encode(answer)).map(Array.init) ?? []
    }

    private func kick(_ choice: OperatorRequest.Choice, operator name: String) async -> OperatorAnswer {
        guard let isMeant = choice.predicate else { return OperatorAnswer(problem: "that is no network") }
        let ended = await server.kick(saying: "The operator ended this session", isMeant)
        for session in ended {
            logger.notice(
                "session ended by the operator",
                metadata: ["session.id": "\(session.id)", "session.peer": "\(session.peer)", "session.user": "\(session.account ?? "-")"])
            await site.record(
                .sessionEnded, actor: .init(account: name, role: "operator"), object: .init(path: session.peer.host, owner: session.account))
        }
        return OperatorAnswer(sessions: ended.map { SessionReport($0, now: Date()) })
    }
}
