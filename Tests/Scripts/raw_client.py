"""A small FTPS client that can also misbehave: wrong order, wrong bytes, cut connections. Standard library only."""
import os
import re
import socket
import ssl
import struct
import time

TIMEOUT = 20


class Closed(Exception):
    """The server closed the control connection."""


class Data:
    """A data connection and the ways to end it."""

    def __init__(self, tcp, tls):
        self.tcp, self.tls = tcp, tls

    def send(self, data):
        self.tls.sendall(data)

    def receive(self):
        parts = []
        while part := self.tls.recv(65536):
            parts.append(part)
        return b"".join(parts)

    def finish(self):
        """The proper end: close_notify both ways."""
        try:
            self.tls.unwrap()
        except OSError:
            pass
        self.tls.close()

    def cut(self):
        """FIN without close_notify, as an attacker in the middle or a crash makes it."""
        duplicate = socket.socket(fileno=os.dup(self.tls.fileno()))
        duplicate.shutdown(socket.SHUT_WR)
        duplicate.close()

    def reset(self):
        """RST."""
        self.tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.tls.detach())


class Client:
    def __init__(self, site, secure=True, source=None):
        self.site = site
        self.source = (source, 0) if source else None
        self.context = ssl.create_default_context(cafile=site.authority)
        self.buffer = b""
        self.socket = socket.create_connection((site.host, site.port), timeout=TIMEOUT, source_address=self.source)
        self.greeting = self.reply()
        if secure:
            self.start_tls()

    def start_tls(self):
        self.expect("AUTH TLS", 234)
        self.handshake()

    def handshake(self):
        self.socket = self.context.wrap_socket(self.socket, server_hostname=self.site.host)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # Control connection

    def raw(self, data):
        self.socket.sendall(data)

    def line(self):
        while b"\r\n" not in self.buffer:
            try:
                part = self.socket.recv(65536)
            except (ConnectionError, ssl.SSLEOFError):
                part = b""
            if not part:
                raise Closed(self.buffer)
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line.decode()

    def reply(self):
        """(code, whole text) of the next reply."""
        lines = [self.line()]
        if lines[0][3:4] == "-":
            while not lines[-1].startswith(lines[0][:3] + " "):
                lines.append(self.line())
        assert re.match(r"[1-5][0-9][0-9][ -]", lines[0]), f"no reply: {lines[0]!r}"
        return int(lines[0][:3]), "\n".join(lines)

    def command(self, text):
        self.raw(text.encode() + b"\r\n")
        return self.reply()

    def expect(self, text, *codes):
        code, answer = self.command(text)
        assert code in codes, f"{text!r} was answered {answer!r}, not {codes}"
        return answer

    def expect_reply(self, *codes):
        code, answer = self.reply()
        assert code in codes, f"the reply is {answer!r}, not {codes}"
        return answer

    def expect_silence(self, seconds=0.3):
        """No further reply comes."""
        assert not self.buffer, f"an unexpected reply: {self.buffer!r}"
        self.socket.settimeout(seconds)
        try:
            data = self.socket.recv(65536)
            raise AssertionError(f"an unexpected reply: {data!r}")
        except (TimeoutError, ssl.SSLWantReadError):
            pass
        finally:
            self.socket.settimeout(TIMEOUT)

    def expect_close(self):
        try:
            while True:
                self.reply()
        except Closed:
            pass

    def login(self, user, password=None):
        self.expect(f"USER {user}", 331)
        self.expect(f"PASS {password or self.site.password(user)}", 230)
        self.expect("PBSZ 0", 200)
        self.expect("PROT P", 200)
        self.expect("TYPE I", 200)
        return self

    # Data connections

    def passive(self):
        answer = self.expect("EPSV", 229)
        return int(re.search(r"\(\|\|\|(\d+)\|\)", answer)[1])

    def connect_data(self, port, session="own", context=None):
        tcp = socket.create_connection((self.site.host, port), timeout=TIMEOUT, source_address=self.source)
        tcp.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = self.socket.session if session == "own" else session
        tls = (context or self.context).wrap_socket(tcp, server_hostname=self.site.host, session=session)
        return Data(tcp, tls)

    def open(self, command):
        """Gives the command, opens its data connection."""
        port = self.passive()
        self.expect(command, 150)
        return self.connect_data(port)

    def put(self, path, data, command="STOR", code=226):
        """Uploads properly; the final reply."""
        connection = self.open(f"{command} {path}")
        connection.send(data)
        connection.finish()
        return self.expect_reply(code)

    def get(self, path, code=226):
        connection = self.open(f"RETR {path}")
        data = connection.receive()
        connection.finish()
        self.expect_reply(code)
        return data

    def list(self, path="", verb="MLSD"):
        connection = self.open(f"{verb} {path}".strip())
        data = connection.receive()
        connection.finish()
        self.expect_reply(226)
        return data.decode().split("\r\n")[:-1]

    def names(self, path=""):
        """Name -> facts of a folder."""
        found = {}
        for line in self.list(path):
            facts, name = line.split(" ", 1)
            found[name] = dict(fact.lower().split("=", 1) for fact in facts.rstrip(";").split(";"))
        return {name: facts for name, facts in found.items() if facts.get("type") not in ("cdir", "pdir")}

    def size(self, path):
        return int(self.expect(f"SIZE {path}", 213).split()[1])


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
