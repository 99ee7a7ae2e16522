"""TLS 1.3 connections whose keys change while they are in use (RFC 8446 4.6.3), over the system's OpenSSL. Each function is one case."""
import ctypes
import hashlib
import os
import socket
import time

from case_runner import main
from raw_client import TIMEOUT, Client, Data

FOLDER = "/exchange/lab"
LIBRARY = ctypes.CDLL("libssl.so.3")
CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_ubyte), ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p)
for name in ["TLS_client_method", "SSL_CTX_new", "SSL_new", "SSL_get0_param", "SSL_get1_session"]:
    getattr(LIBRARY, name).restype = ctypes.c_void_p

HANDSHAKE, KEY_UPDATE, ALERT = 22, 24, 6
SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_3 = 123, 0x0304
SSL_VERIFY_PEER = 1


class Rekeyed:
    """A TLS connection that can change its keys, and counts the changes of both sides."""

    def __init__(self, tcp, site, session=None):
        # OpenSSL waits by itself; a silent server ends the case by the kernel's time limits.
        tcp.settimeout(None)
        limit = (TIMEOUT).to_bytes(8, "little") + bytes(8)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        self.tcp = tcp
        self.sent = self.received = 0
        self.context = ctypes.c_void_p(LIBRARY.SSL_CTX_new(ctypes.c_void_p(LIBRARY.TLS_client_method())))
        LIBRARY.SSL_CTX_ctrl(self.context, SSL_CTRL_SET_MIN_PROTO_VERSION, ctypes.c_long(TLS1_3), None)
        assert LIBRARY.SSL_CTX_load_verify_file(self.context, site.authority.encode()) == 1
        LIBRARY.SSL_CTX_set_verify(self.context, SSL_VERIFY_PEER, None)
        self.callback = CALLBACK(self.count)
        LIBRARY.SSL_CTX_set_msg_callback(self.context, self.callback)
        self.ssl = ctypes.c_void_p(LIBRARY.SSL_new(self.context))
        LIBRARY.X509_VERIFY_PARAM_set1_ip_asc(ctypes.c_void_p(LIBRARY.SSL_get0_param(self.ssl)), site.host.encode())
        LIBRARY.SSL_set_fd(self.ssl, tcp.fileno())
        if session:
            LIBRARY.SSL_set_session(self.ssl, session)
        self.check(LIBRARY.SSL_connect(self.ssl))

    def count(self, is_sent, _version, kind, data, length, _ssl, _argument):
        if kind == HANDSHAKE and length and data[0] == KEY_UPDATE:
            if is_sent:
                self.sent += 1
            else:
                self.received += 1

    def check(self, result):
        assert result > 0, f"OpenSSL: {LIBRARY.SSL_get_error(self.ssl, result)}"
        return result

    @property
    def session(self):
        return ctypes.c_void_p(LIBRARY.SSL_get1_session(self.ssl))

    def change_keys(self, both):
        """Goes out at once; with `both` the other side must change its own before it sends again."""
        self.check(LIBRARY.SSL_key_update(self.ssl, 1 if both else 0))
        self.check(LIBRARY.SSL_do_handshake(self.ssl))

    def sendall(self, data):
        while data:
            count = self.check(LIBRARY.SSL_write(self.ssl, bytes(data), len(data)))
            data = data[count:]

    def recv(self, size):
        buffer = ctypes.create_string_buffer(size)
        count = LIBRARY.SSL_read(self.ssl, buffer, size)
        if count <= 0:
            end = LIBRARY.SSL_get_error(self.ssl, count)
            if end == ALERT:
                return b""
            raise ConnectionError(f"OpenSSL: {end}")
        return buffer.raw[:count]

    def unwrap(self):
        """To the end: bytes that nobody reads would reset the connection."""
        LIBRARY.SSL_shutdown(self.ssl)
        while self.recv(4096):
            pass

    def close(self):
        self.tcp.close()


class RekeyedClient(Client):
    def handshake(self):
        self.socket = Rekeyed(self.socket, self.site)

    def connect_data(self, port):
        tcp = socket.create_connection((self.site.host, port), timeout=TIMEOUT)
        return Data(tcp, Rekeyed(tcp, self.site, self.socket.session))


def pieces(data):
    return [data[start:start + 100_000] for start in range(0, len(data), 100_000)]


def keys_change_on_the_control_connection(site):
    with RekeyedClient(site) as client:
        client.login("stmary")
        for number in range(20):
            client.socket.change_keys(both=True)
            client.expect("NOOP", 200)
            assert client.socket.received == number + 1, "the server did not change its keys"
        for _ in range(20):
            client.socket.change_keys(both=False)
            client.expect("PWD", 257)
        assert client.socket.received == 20
        client.expect("QUIT", 221)


def keys_change_during_an_upload(site):
    content = os.urandom(3_000_000)
    with RekeyedClient(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/rekeyed-up")
        for number, piece in enumerate(pieces(content)):
            connection.send(piece)
            connection.tls.change_keys(both=number % 2 == 0)
            if number % 5 == 0:
                client.socket.change_keys(both=True)
                client.expect("NOOP", 200)
        connection.finish()
        assert hashlib.sha256(content).hexdigest() in client.expect_reply(226)
        assert connection.tls.sent == 30 and connection.tls.received == 15 and client.socket.received == 6
        # More than the two at once that a writer may owe.
        connection = client.open(f"STOR {FOLDER}/rekeyed-often")
        for _ in range(200):
            connection.tls.change_keys(both=True)
        connection.send(b"after all")
        connection.finish()
        assert "size=9" in client.expect_reply(226)
        assert connection.tls.received > 0


def keys_change_during_a_download(site):
    content = os.urandom(20_000_000)
    with RekeyedClient(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/rekeyed-down", content)
        connection = client.open(f"RETR {FOLDER}/rekeyed-down")
        # Quick, and with copies of nothing: a slow reader would be a test of something else.
        got = bytearray()
        while part := connection.tls.recv(65536):
            got += part
            if len(got) // 1_000_000 != (len(got) - len(part)) // 1_000_000 and len(got) < len(content):
                connection.tls.change_keys(both=True)
        connection.finish()
        assert got == content
        client.expect_reply(226)
        assert connection.tls.sent == 19


def keys_change_while_the_end_is_still_on_its_way(site):
    """The server has sent everything and said 226; what the client has yet to read is not lost by a reset."""
    content = os.urandom(2_000_000)
    with RekeyedClient(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/rekeyed-late", content)
        connection = client.open(f"RETR {FOLDER}/rekeyed-late")
        client.expect_reply(226)
        for _ in range(5):
            connection.tls.change_keys(both=True)
            time.sleep(0.1)
        assert connection.receive() == content
        connection.finish()


if __name__ == "__main__":
    main(globals())
