"""Python's ftplib: as it comes, which never resumes TLS sessions, and with the few lines that make it do so."""
import concurrent.futures
import ftplib
import io
import socket
import ssl

from driver import Driver

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Plain(ftplib.FTP_TLS):
    """With implicit TLS as well, which ftplib lacks."""

    implicit = False

    def connect(self, *arguments, **named):
        if not self.implicit:
            return super().connect(*arguments, **named)
        # TLS comes before the greeting, which `connect` reads.
        return self._connect_implicit(*arguments)

    def _connect_implicit(self, host, port):
        self.host = host
        self.sock = self.context.wrap_socket(socket.create_connection((host, port), timeout=self.timeout), server_hostname=host)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome


class Reusing(Plain):
    """Resumes the control connection's TLS session on data connections."""

    def ntransfercmd(self, command, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, command, rest)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=self.sock.session), size


class FtplibReusing(Driver):
    name = "Python ftplib, with session reuse"
    source = "Python's own"
    settings = "`FTP_TLS` with the `ntransfercmd` below; `login()`, then `prot_p()`"
    kind = Reusing

    def __init__(self, place):
        super().__init__(place)
        self.client = self.connect()

    def connect(self):
        place = self.place
        context = ssl.create_default_context(cafile=place.authority)
        context.minimum_version = context.maximum_version = VERSIONS[place.tls]
        client = self.kind(context=context, timeout=20)
        client.implicit = place.implicit
        client.connect(place.host, place.port)
        client.login(place.user, place.password)
        client.prot_p()
        return client

    def close(self):
        self.client.quit()

    def put(self, local, remote, client=None):
        with open(local, "rb") as source:
            (client or self.client).storbinary(f"STOR {remote}", source)

    def put_stream(self, data, remote):
        self.client.storbinary(f"STOR {remote}", io.BytesIO(data))

    def get(self, remote, local, client=None):
        with open(local, "wb") as target:
            (client or self.client).retrbinary(f"RETR {remote}", target.write)

    def list(self, folder):
        names = self.client.nlst(folder)
        described = [name for name, facts in self.client.mlsd(folder) if facts["type"] == "file"]
        assert sorted(described) == sorted(name.rsplit("/", 1)[-1] for name in names)
        return names

    def rename(self, old, new):
        self.client.rename(old, new)

    def resume_put(self, local, remote):
        offset = self.client.size(remote)
        with open(local, "rb") as source:
            source.seek(offset)
            self.client.storbinary(f"STOR {remote}", source, rest=offset)

    def resume_get(self, remote, local):
        with open(local, "ab") as target:
            self.client.retrbinary(f"RETR {remote}", target.write, rest=target.tell())

    def delete(self, remote):
        self.client.delete(remote)

    def put_many(self, source, names, folder):
        for name in names:
            self.put(source / name, f"{folder}/{name}")

    def get_many(self, folder, names, target):
        for name in names:
            self.get(f"{folder}/{name}", target / name)

    def side_by_side(self, action, names):
        def run(part):
            client = self.connect()
            for name in part:
                action(name, client)
            client.quit()

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for result in [pool.submit(run, names[index::4]) for index in range(4)]:
                result.result()

    def put_parallel(self, source, names, folder):
        self.side_by_side(lambda name, client: self.put(source / name, f"{folder}/{name}", client), names)

    def get_parallel(self, folder, names, target):
        self.side_by_side(lambda name, client: self.get(f"{folder}/{name}", target / name, client), names)


class FtplibPlain(FtplibReusing):
    name = "Python ftplib, as it comes"
    settings = "`FTP_TLS`: `login()`, then `prot_p()`; it cannot resume sessions: an account with `--data-binding address`"
    account = "oldsys"
    kind = Plain
