"""A data connection whose TLS records are in the test's hands: whole, in parts, changed, twice, or not at all."""
import os
import socket
import ssl
import struct

from raw_client import TIMEOUT


class Records:
    def __init__(self, client, port):
        self.tcp = socket.create_connection((client.site.host, port), timeout=TIMEOUT, source_address=client.source)
        self.tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = client.context.wrap_bio(self.incoming, self.outgoing, server_hostname=client.site.host, session=client.socket.session)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.tcp.sendall(self.outgoing.read())
                data = self.tcp.recv(65536)
                if not data:
                    raise ConnectionError("the server closed during the handshake")
                self.incoming.write(data)
        self.tcp.sendall(self.outgoing.read())

    def seal(self, data):
        """The records of some data, not sent yet."""
        self.tls.write(data)
        return self.outgoing.read()

    def end(self):
        """The record of close_notify, not sent yet."""
        try:
            self.tls.unwrap()
        except ssl.SSLError:
            pass
        return self.outgoing.read()

    def send(self, data):
        self.tcp.sendall(data)

    def fin(self):
        self.tcp.shutdown(socket.SHUT_WR)

    def reset(self):
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.tcp.detach())

    def close(self):
        self.tcp.close()
