"""How connections come in, by Python's TLS: client certificates, hosts, ALPN. Each function is one case.

The site has beside its own certificate the host "lab.example", and asks clients for certificates; beside the authority's files lie those of clients.
"""
import ftplib
import io
import pathlib
import ssl

from case_runner import main
from raw_client import Client, Closed


def folder(site):
    return pathlib.Path(site.authority).parent


def connect(site, certificate=None, name=None, alpn=None, maximum=None):
    """A secured control connection that shows a certificate and asks for a name."""
    client = Client(site, secure=False)
    if certificate:
        client.context.load_cert_chain(folder(site) / f"{certificate}.pem", folder(site) / f"{certificate}.key")
    if alpn:
        client.context.set_alpn_protocols(alpn)
    if maximum:
        client.context.maximum_version = maximum
    client.expect("AUTH TLS", 234)
    client.socket = client.context.wrap_socket(client.socket, server_hostname=name or site.host)
    return client


def shown(client):
    return dict(pair[0] for pair in client.socket.getpeercert()["subject"])["commonName"]


# Client certificates


def logs_in_by_certificate(site):
    for version in [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]:
        with connect(site, "stmary", maximum=version) as client:
            client.expect("USER stmary", 232)
            client.expect("PBSZ 0", 200)
            client.expect("PROT P", 200)
            client.expect("TYPE I", 200)
            client.put("/inbox/alice/by-certificate.bin", b"x" * 10_000)
            client.put("/inbox/alice/by-certificate.bin", b"y" * 10_000)
            assert client.size("/inbox/alice/by-certificate.bin") == 10_000
            assert "Roles of the certificate: radiology, night" in client.expect("STAT", 211)


def knows_a_renewed_certificate_by_its_subject(site):
    """stmary is known by fingerprint, oldsys by subject."""
    with connect(site, "stmary-renewed") as client:
        client.expect("USER stmary", 331)
    with connect(site, "oldsys-renewed") as client:
        client.expect("USER stmary", 331)
        client.expect("USER oldsys", 232)


def asks_others_for_the_password(site):
    with connect(site, "stmary") as client:
        for user in ["alice", "mallory", "nobody"]:
            client.expect(f"USER {user}", 331)
        client.login("alice")
    with connect(site) as client:
        client.expect("USER stmary", 331)
        client.expect(f"PASS {site.password('stmary')}", 230)


def demands_both_where_the_account_says_so(site):
    with connect(site) as client:
        client.expect("USER bob", 331)
        client.expect(f"PASS {site.password('bob')}", 530)
    with connect(site, "stmary") as client:
        client.expect("USER bob", 331)
        client.expect(f"PASS {site.password('bob')}", 530)
    with connect(site, "bob") as client:
        client.expect("USER bob", 331)
        client.expect("PASS wrong-wrong", 530)
        client.expect("USER bob", 331)
        client.expect(f"PASS {site.password('bob')}", 230)


def refuses_certificates_of_strangers(site):
    try:
        with connect(site, "stranger") as client:
            client.expect("USER stmary", 331)
    except (OSError, Closed):
        return
    raise AssertionError("a certificate of an unknown authority was taken")


def demands_the_certificate_on_data_connections(site):
    """oldsys need not resume TLS sessions, but must show what its control connection shows."""
    with connect(site, "oldsys") as client:
        client.expect("USER oldsys", 232)
        client.expect("PBSZ 0", 200)
        client.expect("PROT P", 200)
        client.expect("TYPE I", 200)
        for context, code in [(ssl.create_default_context(cafile=site.authority), 522), (client.context, 226)]:
            port = client.passive()
            client.expect("STOR /inbox/alice/with-certificate.bin", 150)
            data = client.connect_data(port, session=None, context=context)
            try:
                data.send(b"x")
                data.finish()
            except OSError:
                pass
            client.expect_reply(code)


def ftplib_logs_in_by_certificate(site):
    context = ssl.create_default_context(cafile=site.authority)
    context.load_cert_chain(folder(site) / "oldsys.pem", folder(site) / "oldsys.key")
    with ftplib.FTP_TLS(context=context) as client:
        client.connect(site.host, site.port)
        assert client.login("oldsys").startswith("232")
        client.prot_p()
        client.storbinary("STOR /inbox/alice/ftplib-certificate.bin", io.BytesIO(b"z" * 5000))


# Hosts


def shows_the_certificate_of_the_name(site):
    with connect(site) as client:
        assert shown(client) != "lab.example"
    with connect(site, name="lab.example") as client:
        assert shown(client) == "lab.example"
        client.expect("HOST lab.example", 220)
        client.expect("HOST 127.0.0.1", 504)
        client.expect("USER labsys", 331)
        client.expect("HOST lab.example", 503)
        client.expect(f"PASS {site.password('labsys')}", 230)
        assert '"/"' in client.expect("PWD", 257)
        client.expect("CWD /exchange", 550)


def keeps_accounts_to_their_host(site):
    with connect(site) as client:
        client.expect("USER labsys", 331)
        client.expect(f"PASS {site.password('labsys')}", 530)
    with connect(site, name="lab.example") as client:
        client.expect("USER alice", 331)
        client.expect(f"PASS {site.password('alice')}", 530)


def lists_host_as_a_feature(site):
    with Client(site) as client:
        assert "\n HOST" in client.expect("FEAT", 211)


# Application protocols


def speaks_ftp_only(site):
    for offered, agreed in [(["ftp"], "ftp"), (["http/1.1", "ftp"], "ftp"), (["ftp-data", "ftp"], "ftp"), (["x-unknown", "ftp"], "ftp")]:
        with connect(site, alpn=offered) as client:
            assert client.socket.selected_alpn_protocol() == agreed
    for offered in [["http/1.1"], ["h2", "http/1.1"], ["ftp-data"], ["smtp"], ["imap", "pop3"]]:
        try:
            connect(site, alpn=offered).close()
        except ssl.SSLError as error:
            assert "NO_APPLICATION_PROTOCOL" in str(error).upper().replace(" ", "_"), error
        else:
            raise AssertionError(f"{offered} was taken")


def speaks_ftp_data_on_data_connections(site):
    with Client(site) as client:
        client.login("alice")
        for offered, agreed in [(["ftp-data"], "ftp-data"), (["ftp", "ftp-data"], "ftp-data"), (["ftp"], "ftp"), (None, None)]:
            client.context.set_alpn_protocols(offered or [])
            data = client.open("NLST /")
            assert data.tls.selected_alpn_protocol() == agreed
            data.receive()
            data.finish()
            client.expect_reply(226)
        client.context.set_alpn_protocols(["http/1.1"])
        port = client.passive()
        client.expect("NLST /", 150)
        try:
            client.connect_data(port)
            raise AssertionError("http/1.1 was taken on a data connection")
        except ssl.SSLError:
            pass
        # It may have been somebody else: the client is waited for until the time is up.
        client.socket.settimeout(60)
        assert "TLS handshake" in client.expect_reply(425)


if __name__ == "__main__":
    main(globals())
