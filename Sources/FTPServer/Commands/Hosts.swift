// HOST (RFC 7151): the client names the host it came for, before it logs in.
import FTPProtocol
import Logging
import Transport

extension ControlSession {
    func host(_ command: Command) async {
        guard login == nil, pendingUser == nil else { return await send(Reply(503, "HOST comes before USER; REIN starts over")) }
        guard let argument = HostArgument(command.argument!) else {
            return await send(Reply(501, "HOST needs a host name, an IPv4 address or an IPv6 address in []"))
        }
        guard let named = settings.hosts.find(argument.name) ?? (context.certifies(argument.name) ? .server : nil) else {
            return await send(Reply(504, "There is no host of this name here"))
        }
        // RFC 7151 §3.2: the TLS handshake has settled the host already.
        if let tls = connection.tls, tls.requestedName != nil, tls.host != named {
            await server.observer?.connectionRefused(.hostContradictsSNI, peer: peer)
            return await send(Reply(504, "TLS was set up for another host (SNI); connect again for this one"))
        }
        chosenHost = named
        mustRepeatHost = false
        await send(Reply(220, "Host accepted"))
    }

    /// The host that the session is for: by HOST under TLS, or by SNI. Both are the client's own words.
    var hostName: TLSHostName { chosenHost ?? connection.tls.flatMap { $0.requestedName == nil ? nil : $0.host } ?? .server }

    /// After the handshake: anybody on the wire may have written a HOST in clear, and without SNI nothing in the handshake confirms it.
    func forgetHostInClear(_ requestedName: String?) {
        mustRepeatHost = requestedName == nil && chosenHost != nil && chosenHost != .server
        chosenHost = nil
    }

    /// What the authenticator may know of the client.
    var origin: LoginOrigin {
        let certificate = connection.tls.flatMap { tls in
            tls.peerCertificate.map { ClientCertificate(facts: $0, isVerified: tls.isPeerVerified) }
        }
        return LoginOrigin(peer: peer, tlsVersion: connection.tls?.version ?? "", host: hostName, certificate: certificate)
    }
}
