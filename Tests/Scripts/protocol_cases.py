"""What the control connection must answer, and what it must refuse. Each function is one case."""
import hashlib
import re
import socket

from case_runner import main
from raw_client import Client, Closed


# Access


def greets_and_requires_tls(site):
    with Client(site, secure=False) as client:
        assert client.greeting[0] == 220
        client.expect("USER stmary", 530)
        client.expect("PASS anything", 530, 503)
        client.expect("LIST", 530)
        client.expect("STOR /inbox/alice/clear.txt", 530)


def gives_one_answer_to_unknown_users_and_wrong_passwords(site):
    answers = []
    for user, password in [("alice", "not-her-password"), ("nobody-by-this-name", "not-her-password")]:
        with Client(site) as client:
            client.expect(f"USER {user}", 331)
            answers.append(client.expect(f"PASS {password}", 530))
    assert answers[0] == answers[1], answers


def refuses_empty_password(site):
    with Client(site) as client:
        client.expect("USER alice", 331)
        client.expect("PASS ", 530, 501)
        client.expect("PWD", 530)


def ends_after_three_failures(site):
    with Client(site) as client:
        for _ in range(2):
            client.expect("USER mallory", 331)
            client.expect("PASS wrong-wrong", 530)
        client.expect("USER mallory", 331)
        client.expect("PASS wrong-wrong", 421)
        client.expect_close()


def drops_commands_injected_behind_auth(site):
    client = Client(site, secure=False)
    client.raw(b"AUTH TLS\r\nNOOP\r\nUSER stmary\r\n")
    try:
        code, text = client.reply()
    except Closed:
        return
    assert code == 234, text
    client.handshake()
    client.raw(b"SYST\r\n")
    code, text = client.reply()
    assert code == 215, f"an injected command was answered under TLS: {text!r}"
    client.expect_silence()


def refuses_clear_data_connections(site):
    with Client(site) as client:
        client.expect("PROT P", 503)
        client.expect("PBSZ 0", 200)
        client.expect("PROT C", 534, 536)
        client.expect("USER stmary", 331)
        client.expect(f"PASS {site.password('stmary')}", 230)
        client.expect("EPSV", 521)
        client.expect("LIST", 521)
        client.expect("PROT P", 200)
        client.expect("CCC", 534, 533, 500)
        client.expect("PWD", 257)


def starts_over_after_rein(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("REIN", 220)
        client.expect("PWD", 530)
        client.login("alice")
        client.expect("PWD", 257)


def leaves_browsers_alone(site):
    with Client(site, secure=False) as client:
        client.raw(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 30\r\n\r\nUSER stmary\r\nPASS x\r\n")
        client.expect_close()


# Lines


def answers_unknown_commands(site):
    with Client(site) as client:
        client.login("stmary")
        for text in ["XYZZY", "STORX a", "SITE EXEC ls", "MAIL x"]:
            client.expect(text, 500, 501, 502, 504)
        client.expect("NOOP", 200)


def answers_an_overlong_line_once(site):
    with Client(site) as client:
        client.login("stmary")
        client.raw(b"STOR " + b"A" * 100_000 + b"\r\n")
        client.expect_reply(500, 501)
        client.expect("NOOP", 200)
        client.expect_silence()


def refuses_control_characters(site):
    with Client(site) as client:
        client.login("stmary")
        for line in [b"CWD /inbox\0/alice", b"CWD /inbox\r/alice", b"CWD /in\x08box", b"CWD /inbox\x7f", b"CWD /in\x1bbox", b"CWD \xff\xff", b"CWD \xc0\xaf"]:
            client.raw(line + b"\r\n")
            client.expect_reply(500, 501)
        client.expect("PWD", 257)
        client.expect_silence()


def understands_telnet_interrupts(site):
    with Client(site) as client:
        client.login("stmary")
        client.raw(b"\xff\xf4\xff\xf2ABOR\r\n")
        client.expect_reply(226, 225)
        client.raw(b"NO\xff\xf1OP\n")
        client.expect_reply(200)


def keeps_the_order_of_pipelined_commands(site):
    with Client(site) as client:
        client.login("stmary")
        client.raw(b"PWD\r\nSYST\r\nNOOP\r\nFEAT\r\n")
        for code in [257, 215, 200, 211]:
            client.expect_reply(code)


# Parameters


def refuses_bad_offsets(site):
    with Client(site) as client:
        client.login("stmary")
        for argument in ["-1", "abc", "1e3", " 5", "99999999999999999999", "0x10"]:
            client.expect(f"REST {argument}", 501)
        client.put("/inbox/alice/offset.bin", b"0123456789")
        client.expect("REST 1000000", 350)
        client.passive()
        client.expect("RETR /inbox/alice/offset.bin.phr", 554)
        client.expect("REST 3", 350)
        client.passive()
        client.expect("STOR /inbox/alice/offset-new.bin", 554)
        assert "offset-new.bin" not in client.names("/inbox/alice")


def names_what_it_supports(site):
    with Client(site) as client:
        features = client.expect("FEAT", 211)
        for word in ["AUTH TLS", "PBSZ", "PROT", "EPSV", "EPRT", "MLST", "SIZE", "MDTM", "MFMT", "REST STREAM", "UTF8", "HASH"]:
            assert re.search(rf"^ .*{word}", features, re.M), f"{word} is missing from {features}"
        client.login("stmary")
        client.expect("HELP", 214)
        client.expect("STAT", 211)
        client.expect("SYST", 215)
        client.expect("OPTS UTF8 ON", 200)
        client.expect("OPTS MLST type;size;modify;", 200)
        client.expect("ALLO 10", 200, 202)
        client.expect("SITE CHMOD 644 x", 200, 202)


def refuses_other_types_modes_and_structures(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("TYPE A", 200)
        client.expect("TYPE I", 200)
        client.expect("TYPE E", 504)
        client.expect("MODE S", 200)
        client.expect("MODE Z", 504)
        client.expect("STRU F", 200)
        client.expect("STRU R", 504)


# Data connections


def refuses_the_bounce(site):
    with Client(site) as client:
        client.login("stmary")
        for command in ["PORT 10,0,0,1,200,10", "PORT 127,0,0,1,0,25", "EPRT |1|192.0.2.7|5000|", "EPRT |1|127.0.0.1|22|"]:
            client.expect(command, 504, 500, 501)
        client.expect("PORT 1,2,3", 501)
        client.expect("EPRT |9|127.0.0.1|5000|", 522)


def works_in_active_mode(site):
    with Client(site) as client:
        client.login("stmary")
        listener = socket.create_server((site.host, 0))
        listener.settimeout(10)
        port = listener.getsockname()[1]
        client.expect(f"PORT 127,0,0,1,{port >> 8},{port & 255}", 200)
        client.expect("NLST /inbox", 150)
        connection, _ = listener.accept()
        tls = client.context.wrap_socket(connection, server_hostname=site.host, session=client.socket.session)
        assert b"alice" in tls.recv(65536)
        tls.close()
        client.expect_reply(226)


def wants_a_data_connection_first(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("STOR /inbox/alice/no-plan.bin", 425)
        client.expect("LIST /inbox", 425)
        client.expect("EPSV ALL", 200)
        client.expect("PASV", 501)
        client.passive()


def refuses_a_data_connection_with_another_session(site):
    """A ticket of another account's own control connection does not give the data."""
    with Client(site) as client, Client(site) as attacker:
        client.login("stmary")
        attacker.login("mallory")
        client.put("/inbox/alice/stolen.bin", b"secret" * 1000)
        attacker.passive()
        port = client.passive()
        client.raw(b"RETR /inbox/alice/stolen.bin.phr\r\n")
        client.expect_reply(150)
        try:
            stolen = client.connect_data(port, session=attacker.socket.session, context=attacker.context).receive()
        except OSError:
            stolen = b""
        assert stolen == b"", "the attacker got the data"
        # The port is still the client's own.
        connection = client.connect_data(port)
        assert connection.receive()
        connection.finish()
        client.expect_reply(226)


# Paths and permissions


def never_leaves_the_tree(site):
    with Client(site) as client:
        client.login("stmary")
        for path in ["/etc/passwd", "../../../../etc/passwd", "/inbox/alice/../../../../etc/passwd", "/inbox/alice/..\\..\\etc", "~/x", "/proc/self/environ"]:
            client.passive()
            client.expect(f"RETR {path}", 550, 553)
            client.passive()
            client.expect(f"STOR {path}", 550, 553)
        client.expect("CWD ../../..", 250)
        assert '"/"' in client.expect("PWD", 257)
        client.expect("CWD /etc", 550)
        client.expect("MKD /etc", 550, 553)
        client.expect("MKD /inbox/newowner", 550, 553)
        client.expect("RMD /inbox/alice", 550, 553)
        client.expect("DELE /.ledger/checkpoint", 550, 553)
        client.passive()
        client.expect("STOR /inbox/alice/" + "x" * 300, 553, 550, 501)


def shows_each_account_its_own_part(site):
    with Client(site) as client, Client(site) as stranger:
        client.login("stmary")
        client.put("/inbox/alice/private.txt", b"for alice")
        stranger.login("mallory")
        assert "alice" not in stranger.names("/inbox")
        for command in ["CWD /inbox/alice", "SIZE /inbox/alice/private.txt", "MDTM /inbox/alice/private.txt", "MLST /inbox/alice/private.txt", "DELE /inbox/alice/private.txt",
                        "RNFR /inbox/alice/private.txt", "SIZE /records/alice/private.txt.phr", "SIZE /exchange/lab/x"]:
            stranger.expect(command, 550)
        for command in ["RETR /inbox/alice/private.txt", "RETR /records/alice/private.txt.phr", "STOR /inbox/alice/private.txt", "STOR /records/alice/evil.phr",
                        "RETR /records/alice/.headers/private.txt.phr", "RETR /records/alice/.proofs/private.txt.phr", "STOR /.keys/alice"]:
            stranger.passive()
            stranger.expect(command, 550)
        for folder in ["/records/alice", "/inbox/alice", "/exchange/lab"]:
            stranger.passive()
            stranger.expect(f"MLSD {folder}", 550)
        client.passive()
        client.expect("RETR /records/alice/private.txt.phr", 550)


def gives_plain_text_from_gateway_folders_to_readers_only(site):
    content = b"MSH|^~\\&|gateway\r" * 500
    with Client(site) as client, Client(site) as reader, Client(site) as stranger:
        client.login("stmary")
        client.put("/exchange/lab/message.hl7", content)
        reader.login("labsys")
        assert reader.get("/exchange/lab/message.hl7") == content
        envelope = reader.get("/exchange/lab/message.hl7.phr")
        assert envelope[:8] == b"\x89PHR\r\n\x1a\n" and content[:17] not in envelope
        reader.expect("REST 100", 350)
        assert reader.get("/exchange/lab/message.hl7") == content[100:]
        reader.passive()
        reader.expect("STOR /exchange/lab/other.hl7", 550)
        reader.expect("DELE /exchange/lab/message.hl7", 550)
        stranger.login("mallory")
        stranger.passive()
        stranger.expect("RETR /exchange/lab/message.hl7", 550)


def gives_the_sender_the_envelope_by_its_name_only(site):
    with Client(site) as client:
        client.login("stmary")
        client.put("/inbox/alice/sealed.txt", b"words that only alice may read " * 100)
        client.passive()
        assert "sealed.txt.phr" in client.expect("RETR /inbox/alice/sealed.txt", 550)
        envelope = client.get("/inbox/alice/sealed.txt.phr")
        assert envelope[:4] == b"\x89PHR" and b"only alice" not in envelope
        assert client.size("/inbox/alice/sealed.txt.phr") == len(envelope)


def accepts_envelopes_only_where_the_profile_says_so(site):
    with Client(site) as client:
        client.login("alice")
        client.passive()
        client.expect("STOR /records/alice/plain.txt", 553)
        connection = client.open("STOR /records/alice/fake.txt.phr")
        connection.send(b"no envelope at all" * 100)
        connection.finish()
        client.expect_reply(553, 501, 550)
        connection = client.open("STOR /records/alice/fake.txt.phr")
        connection.send(b"\x89PHR\r\n\x1a\n" + bytes(4000))
        connection.finish()
        client.expect_reply(553, 501, 550)
        assert "fake.txt.phr" not in client.names("/records/alice")


def answers_the_extensions(site):
    content = bytes(range(256)) * 40
    path = "/exchange/lab/batch/scan.bin"
    with Client(site) as client:
        client.login("stmary")
        client.expect("MKD /exchange/lab/batch", 257)
        told = client.put(path, content).split("Stored. ")[1].split()
        assert told == client.expect(f"SITE RECEIPT {path}", 211).split("\n")[1].split(), told
        assert int(client.expect("AVBL /exchange/lab", 213).split()[1]) > 1 << 20
        client.expect(f"MFF Modify=20240229120000; {path}", 213)
        assert client.expect(f"MDTM {path}", 213) == "213 20240229120000"
        client.expect(f"SITE UTIME 20240301120000 {path}", 213)
        assert client.expect(f"MDTM {path}", 213) == "213 20240301120000"
        assert "bob alone" in client.expect("SITE POLICY /exchange/lab", 211)
    with Client(site) as client:
        client.login("labsys")
        for first, last in [(1000, 1999), (10000, 99999), (0, 0)]:
            client.expect(f"RANG {first} {last}", 350)
            assert client.get(path) == content[first : last + 1]
        client.expect("RANG 1000 1999", 350)
        assert hashlib.sha256(content[1000:2000]).hexdigest() in client.expect(f"HASH {path}", 213)
        assert hashlib.sha256(content).hexdigest() in client.expect(f"HASH {path}", 213)
        client.expect("RMDA /exchange/lab/batch", 550)
    with Client(site) as client:
        client.login("bob")
        assert "phr.example/test" in client.expect(f"SITE PROOF {path}", 211)
        # The digest is the sender's alone, who has it in his session.
        assert client.expect(f"SITE RECEIPT {path}.phr", 211).split("\n")[1].split()[1:] == told[2:]
        client.expect("OPTS MLST type;media-type;", 200)
        client.expect("SITE RECEIPT /exchange/lab/none", 550)
        client.expect("RMDA /exchange/lab/batch", 250)
        client.expect("MLST /exchange/lab/batch", 550)


def serves_the_ledger_to_everyone_and_lets_nobody_write_it(site):
    with Client(site) as client:
        client.login("mallory")
        checkpoint = client.get("/.ledger/checkpoint").decode()
        origin, size, root = checkpoint.split("\n")[:3]
        assert origin == "phr.example/test" and int(size) >= 2 and len(root) == 44
        assert client.get("/.ledger/vkey").decode().startswith("phr.example/test+")
        client.passive()
        client.expect("STOR /.ledger/checkpoint", 550, 553)
        client.expect("MKD /.ledger/x", 550, 553)
        client.passive()
        client.expect("RETR /.ledger/tile/0/../../checkpoint2", 550, 553)
        assert client.get("/.ledger/tile/0/000.p/2")


if __name__ == "__main__":
    main(globals())
