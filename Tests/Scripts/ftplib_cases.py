"""Python's own ftplib as a client. Each function is one case."""
import ftplib
import io
import ssl

from case_runner import main


class Reusing(ftplib.FTP_TLS):
    """Resumes the control connection's TLS session on data connections."""

    def ntransfercmd(self, command, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, command, rest)
        return self.context.wrap_socket(connection, server_hostname=self.host, session=self.sock.session), size


def connect(site, kind, user, maximum=None):
    context = ssl.create_default_context(cafile=site.authority)
    if maximum:
        context.maximum_version = maximum
    client = kind(context=context, timeout=20)
    client.connect(site.host, site.port)
    client.login(user, site.password(user))
    client.prot_p()
    return client


def exchange(client, folder, content):
    for number in range(5):
        assert client.storbinary(f"STOR {folder}/ftplib-{number}", io.BytesIO(content)).startswith("226")
    assert f"{folder}/ftplib-0" in client.nlst(folder) or "ftplib-0" in client.nlst(folder)
    assert dict(client.mlsd(folder))["ftplib-4"]["size"] == str(len(content))
    lines = []
    client.retrlines(f"LIST {folder}", lines.append)
    assert any("ftplib-3" in line for line in lines)
    received = io.BytesIO()
    client.retrbinary(f"RETR {folder}/ftplib-0.phr", received.write)
    assert received.getvalue()[:8] == b"\x89PHR\r\n\x1a\n"
    client.rename(f"{folder}/ftplib-0", f"{folder}/ftplib-renamed")
    client.delete(f"{folder}/ftplib-renamed")
    client.quit()


def reuses_sessions_under_tls_1_3(site):
    client = connect(site, Reusing, "stmary")
    assert client.sock.version() == "TLSv1.3"
    exchange(client, "/inbox/alice", b"record" * 30_000)


def reuses_sessions_under_tls_1_2(site):
    client = connect(site, Reusing, "stmary", ssl.TLSVersion.TLSv1_2)
    assert client.sock.version() == "TLSv1.2"
    exchange(client, "/inbox/alice", b"record" * 30_000)


def is_refused_without_session_reuse(site):
    client = connect(site, ftplib.FTP_TLS, "stmary")
    try:
        client.storbinary("STOR /inbox/alice/not-bound", io.BytesIO(b"x" * 1000))
        raise AssertionError("an unbound data connection was accepted")
    except ftplib.error_perm as error:
        reply = str(error)
    except OSError:
        # The server closed the data connection before the client had sent everything: its reason follows.
        reply = client.getmultiline()
    assert reply.startswith("522") and "session" in reply, reply
    # The control connection lives on, and nothing was published.
    assert client.pwd() == "/"
    client.quit()
    assert "not-bound" not in dict(connect(site, Reusing, "stmary").mlsd("/inbox/alice"))


def works_without_session_reuse_for_the_exempted_account(site):
    client = connect(site, ftplib.FTP_TLS, "oldsys")
    exchange(client, "/inbox/alice", b"record" * 1000)


if __name__ == "__main__":
    main(globals())
