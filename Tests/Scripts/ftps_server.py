#!/usr/bin/env python3
"""A small FTPS server over a folder that misbehaves on demand, for tests of the client.

It prints its port, answers until its standard input is closed, and writes every command to --log.
Faults are named with --fault (may be repeated); `name=value` gives a value.
"""
import argparse, os, socket, ssl, struct, sys, threading, time

from chance_listings import ChanceListings


class Session:
    def __init__(self, server, sock):
        self.server, self.sock, self.buffer = server, sock, b""
        self.rest, self.listener, self.rename = 0, None, None

    def fault(self, name):
        return self.server.faults.get(name)

    # Control connection

    def send(self, text):
        self.sock.sendall(text.encode("utf-8", "surrogateescape") + b"\r\n")

    def line(self):
        while b"\n" not in self.buffer:
            data = self.sock.recv(4096)
            if not data:
                return None
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    def run(self):
        try:
            if self.server.options.implicit:
                self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
            if self.fault("silent"):
                time.sleep(600)
            if self.fault("banner-cut"):
                self.sock.sendall(b"220 hel")
                return
            if self.fault("banner-endless"):
                self.sock.sendall(b"220-hello\r\n")
                while True:
                    self.sock.sendall(b" more\r\n" * 1000)
            if self.fault("banner-long-line"):
                self.sock.sendall(b"220 " + b"x" * 100_000 + b"\r\n")
            if self.fault("banner-http"):
                self.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            self.send(self.fault("banner") or "220 ready")
            while True:
                line = self.line()
                if line is None:
                    return
                secured = isinstance(self.sock, ssl.SSLSocket)
                self.server.note(("" if secured else "CLEAR ") + line)
                verb, _, argument = line.partition(" ")
                if self.dispatch(verb.upper(), argument) is False:
                    return
        except (OSError, ssl.SSLError, ValueError) as error:
            self.server.note(f"# {error!r}")
        finally:
            self.close_listener()
            try:
                self.sock.close()
            except OSError:
                pass

    def dispatch(self, verb, argument):
        reply = self.fault("reply-" + verb)
        if reply:
            self.send(reply)
            return
        if self.fault("die-at-" + verb):
            return False
        if self.fault("hang-at-" + verb):
            time.sleep(600)
        if self.fault("endless-reply-at-" + verb):
            while True:
                self.sock.sendall(b"250-more to come\r\n" * 1000)
        if self.fault("endless-line-at-" + verb):
            while True:
                self.sock.sendall(b"x" * 10_000)
        handler = getattr(self, "do_" + verb, None)
        if handler is None:
            self.send("502 not implemented")
        else:
            return handler(argument)

    def do_AUTH(self, argument):
        reply = self.fault("auth")
        if reply:
            self.send(reply)
            return
        if self.fault("auth-close"):
            return False
        if self.fault("inject"):
            self.sock.sendall(b"234 go ahead\r\n230 logged in\r\n")
        else:
            self.send("234 go ahead")
        if self.fault("late-inject"):
            time.sleep(0.05)
        self.sock = self.server.context.wrap_socket(self.sock, server_side=True)
        self.server.note(f"# control TLS resumed={self.sock.session_reused}")

    def do_USER(self, argument):
        self.send("331 password")

    def do_PASS(self, argument):
        self.send("230 in" if argument == self.server.options.password else "530 wrong name or password")

    def do_PBSZ(self, argument): self.send("200 ok")
    def do_PROT(self, argument): self.send("200 ok")
    def do_TYPE(self, argument): self.send("200 ok")
    def do_OPTS(self, argument): self.send("200 ok")
    def do_NOOP(self, argument): self.send("200 ok")
    def do_FEAT(self, argument): self.send("211-Features\r\n UTF8\r\n MLST type*;size*;modify*;\r\n REST STREAM\r\n211 End")

    def do_PWD(self, argument): self.send('257 "/" is here')

    def do_QUIT(self, argument):
        self.send("221 bye")
        return False

    # Files

    def path(self, argument):
        path = os.path.normpath(os.path.join(self.server.options.root, argument.lstrip("/")))
        return path if path.startswith(self.server.options.root) else self.server.options.root

    def do_SIZE(self, argument):
        path = self.path(argument)
        self.send(f"213 {os.path.getsize(path)}" if os.path.isfile(path) else "550 not found")

    def do_MDTM(self, argument):
        path = self.path(argument)
        self.send("213 " + time.strftime("%Y%m%d%H%M%S", time.gmtime(os.path.getmtime(path))) if os.path.exists(path) else "550 not found")

    def do_MFMT(self, argument):
        stamp, _, name = argument.partition(" ")
        import calendar
        moment = calendar.timegm(time.strptime(stamp, "%Y%m%d%H%M%S"))
        os.utime(self.path(name), (moment, moment))
        self.send(f"213 Modify={stamp}; {name}")

    def do_MLST(self, argument):
        path = self.path(argument)
        self.send(f"250-Begin\r\n {self.facts(path)} {argument}\r\n250 End" if os.path.exists(path) else "550 not found")

    def facts(self, path):
        kind = "dir" if os.path.isdir(path) else "file"
        size = "" if kind == "dir" else f"size={os.path.getsize(path)};"
        return f"type={kind};{size}modify={time.strftime('%Y%m%d%H%M%S', time.gmtime(os.path.getmtime(path)))};"

    def do_DELE(self, argument): self.change(lambda: os.remove(self.path(argument)))
    def do_MKD(self, argument): self.change(lambda: os.mkdir(self.path(argument)), '257 "made"')
    def do_RMD(self, argument): self.change(lambda: os.rmdir(self.path(argument)))

    def do_RNFR(self, argument):
        self.rename = self.path(argument)
        self.send("350 to what")

    def do_RNTO(self, argument): self.change(lambda: os.rename(self.rename, self.path(argument)))

    def change(self, step, reply="250 done"):
        try:
            step()
            self.send(reply)
        except OSError:
            self.send("550 not possible")

    def do_REST(self, argument):
        self.rest = int(argument)
        self.send("350 from there")

    # Data connections

    def close_listener(self):
        if self.listener:
            self.listener.close()
            self.listener = None

    def listen(self):
        self.close_listener()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(20)
        return self.listener.getsockname()[1]

    def do_EPSV(self, argument):
        if self.fault("no-epsv"):
            self.send("502 no EPSV here")
            return
        port = self.listen()
        self.send(self.fault("epsv-reply") or f"229 Extended (|||{port}|)")

    def do_PASV(self, argument):
        port = self.listen()
        host = "127,0,0,1"
        if self.fault("foreign-pasv"):
            host = "127,0,0,2"
            trap = socket.create_server(("127.0.0.2", port))
            def spring():
                trap.accept()
                self.server.note("# TRAP: a connection to the foreign address")
            threading.Thread(target=spring, daemon=True).start()
        self.send(f"227 Passive ({host},{port >> 8},{port & 255})")

    def open_data(self):
        raw, _ = self.listener.accept()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.send("150 here it comes")
        if self.fault("data-in-clear"):
            return raw
        context = self.server.other_context if self.fault("other-data-certificate") else self.server.context
        data = context.wrap_socket(raw, server_side=True, suppress_ragged_eofs=False)
        self.server.note(f"# data TLS resumed={data.session_reused}")
        return data

    def finish(self, data, reply="226 done"):
        if self.fault("no-close-notify") or self.fault("data-in-clear"):
            os.close(data.detach())
        else:
            try:
                data.unwrap().close()
            except (OSError, ssl.SSLError):
                data.close()
        self.close_listener()
        if not self.fault("no-final-reply"):
            self.send(self.fault("final") or reply)

    def do_RETR(self, argument):
        path, start, self.rest = self.path(argument), self.rest, 0
        if not os.path.isfile(path):
            self.send("550 not found")
            return
        with open(path, "rb") as file:
            file.seek(start)
            content = file.read()
        self.server.note(f"# RETR {argument} from {start}")
        data = self.open_data()
        cut = self.fault("cut-after")
        if cut and argument == self.server.faults.get("cut-file", argument):
            data.sendall(content[:int(cut)])
            del self.server.faults["cut-after"]
            if self.fault("cut-everything"):
                os.close(data.detach())
                return False
            os.close(data.detach())
            self.send("426 cut")
            return
        data.sendall(content)
        self.finish(data)

    def do_MLSD(self, argument):
        path = self.path(argument)
        if not os.path.isdir(path):
            self.send("550 not found")
            return
        data = self.open_data()
        if self.fault("endless-listing"):
            try:
                while True:
                    data.sendall(b"".join(b"type=file;size=1; name%d\r\n" % (time.monotonic_ns() + i) for i in range(5000)))
            except OSError:
                return False
        if self.fault("chance-listings"):
            listing, kind, count = self.server.chance_listings.next()
            self.server.note(f"# LISTING {kind} {count}")
            data.sendall(listing)
            self.finish(data)
            return
        if self.fault("listing-line"):
            data.sendall(self.fault("listing-line").encode("utf-8", "surrogateescape").decode("unicode_escape").encode("latin-1") + b"\r\n")
        if self.fault("listing-long-line"):
            data.sendall(b"type=file; " + b"x" * 20_000 + b"\r\n")
        lines = [f"{self.facts(os.path.join(path, name))} {name}" for name in sorted(os.listdir(path))]
        data.sendall("".join(line + "\r\n" for line in ["type=cdir; ."] + lines).encode())
        if self.fault("listing-half-line"):
            data.sendall(b"type=file;size=3; hal")
        self.finish(data)

    def do_STOR(self, argument): self.receive(argument, "wb")
    def do_APPE(self, argument): self.receive(argument, "ab")

    def receive(self, argument, mode):
        data = self.open_data()
        start, self.rest = self.rest, 0
        limit = self.fault("full-after")
        content = b""
        complete = False
        try:
            while True:
                piece = data.recv(65536)
                if not piece:
                    complete = True
                    break
                content += piece
                if limit and len(content) > int(limit):
                    self.send("552 quota exceeded")
                    data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    os.close(data.detach())
                    return
        except (OSError, ssl.SSLError):
            complete = False
        self.server.note(f"# STOR {argument} {len(content)} bytes complete={complete}")
        if not complete:
            self.send("426 cut off")
            return
        with open(self.path(argument), mode) as file:
            if start:
                file.seek(start)
            file.write(content)
        self.finish(data, self.fault("final-STOR") or "226 done")


class Server:
    def __init__(self, options):
        self.options = options
        self.faults = {}
        for fault in options.fault:
            name, _, value = fault.partition("=")
            self.faults[name] = value or "yes"
        self.chance_listings = ChanceListings(int(self.faults.get("chance-listings", 0)))
        self.context = self.make_context(options.certificate)
        self.other_context = self.make_context(options.other_certificate) if options.other_certificate else None
        self.log = open(options.log, "a", buffering=1) if options.log else None

    def make_context(self, path):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        if self.options.tls12:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        return context

    def note(self, text):
        if self.log:
            self.log.write(text.encode("utf-8", "backslashreplace").decode() + "\n")

    def run(self):
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        sys.stdin.read()
        os._exit(0)

    def accept(self, listener):
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=Session(self, sock).run, daemon=True).start()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--certificate", required=True, help="PEM with certificate and key")
    parser.add_argument("--other-certificate")
    parser.add_argument("--password", default="secret")
    parser.add_argument("--log")
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--tls12", action="store_true")
    options = parser.parse_args()
    options.root = os.path.realpath(options.root)
    Server(options).run()
