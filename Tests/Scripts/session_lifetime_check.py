"""A control connection's TLS session can be resumed as long as the connection lives, whatever its life time and whatever happens to others.

session_lifetime_check.py PORT AUTHORITY SECONDS: a server on 127.0.0.1 whose TLS sessions live so many seconds.
"""
import socket
import ssl
import sys
import time
from types import SimpleNamespace

from raw_client import Client

port, authority, lifetime = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
site = SimpleNamespace(host="127.0.0.1", port=port, authority=authority, password=lambda user: "right")


class Versioned(Client):
    """A client of one TLS version, with or without tickets, that may resume a session on its control connection too."""

    def __init__(self, version, tickets, former=None):
        self.version, self.tickets, self.former = version, tickets, former
        super().__init__(site)

    def handshake(self):
        if self.former:
            self.context = self.former.context
        self.context.minimum_version = self.context.maximum_version = self.version
        if not self.tickets:
            self.context.options |= ssl.OP_NO_TICKET
        session = self.former.socket.session if self.former else None
        self.socket = self.context.wrap_socket(self.socket, server_hostname=site.host, session=session)
        assert self.socket.session_reused == bool(session)
        assert self.version == ssl.TLSVersion.TLSv1_3 or self.socket.session.has_ticket == self.tickets


def transfer(client, name):
    connection = client.open(f"STOR {name}")
    assert connection.tls.session_reused, f"{name} resumed nothing"
    connection.send(b"x")
    connection.finish()
    client.expect_reply(226)


def refuse_a_forged_resumption(client):
    """Somebody who has read the session's ID begins a resumption and cannot end it: the server sends an alert."""
    sent = bytearray()
    tcp = socket.create_connection((site.host, client.passive()))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = client.context.wrap_bio(incoming, outgoing, server_hostname=site.host, session=client.socket.session)
    try:
        hello.do_handshake()
    except ssl.SSLWantReadError:
        pass
    sent += outgoing.read()
    client.expect("NLST", 150)
    # The right hello, then a key change and a message that is sealed with no key.
    tcp.sendall(bytes(sent) + b"\x14\x03\x03\x00\x01\x01" + b"\x16\x03\x03\x00\x28" + bytes(40))
    while tcp.recv(4096):
        pass
    tcp.close()
    client.expect("ABOR", 426)
    client.expect_reply(226)


for version, tickets in [(ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_2, False), (ssl.TLSVersion.TLSv1_3, True)]:
    with Versioned(version, tickets) as client:
        client.login("principal")
        transfer(client, "fresh")
        time.sleep(lifetime + 2)
        transfer(client, "old")
        connection = client.open("STOR cut")
        connection.reset()
        client.expect_reply(426)
        transfer(client, "after-a-reset")
        if version == ssl.TLSVersion.TLSv1_2:
            refuse_a_forged_resumption(client)
            transfer(client, "after-a-forgery")
            # A second control connection that resumes the first one's session has its own part in it.
            with Versioned(version, tickets, former=client) as second:
                second.login("session")
                transfer(second, "second")
            transfer(client, "after-the-second")
        ended = client.socket.session
    # What nobody uses any more ends with its time.
    time.sleep(lifetime + 2)
    tcp = socket.create_connection((site.host, port))
    tcp.recv(1000)
    tcp.sendall(b"AUTH TLS\r\n")
    tcp.recv(1000)
    late = client.context.wrap_socket(tcp, server_hostname=site.host, session=ended)
    assert not late.session_reused
    late.close()
