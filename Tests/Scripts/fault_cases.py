"""What a client sees while the server's surroundings fail. Each function is one case; the test sets the stage."""
import os
import signal
import socket
import ssl
import threading
import time

from case_runner import main
from raw_client import Client, Closed

FOLDER = "/inbox/alice"


def refuses_what_does_not_fit(site):
    """The disk is nearly full: 452, nothing visible, and the server lives on."""
    with Client(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/too-large")
        try:
            for _ in range(100):
                connection.send(bytes(1 << 20))
            connection.finish()
        except OSError:
            pass
        client.expect_reply(452)
        assert "too-large" not in client.names(FOLDER)
        client.expect("NOOP", 200)


def stores_what_fits(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/fits", b"x" * 10_000)
        assert client.size(f"{FOLDER}/fits") == 10_000


def refuses_with_452_at_once(site):
    with Client(site) as client:
        client.login("stmary")
        client.passive()
        client.expect(f"STOR {FOLDER}/refused-at-once", 452)
        assert "refused-at-once" not in client.names(FOLDER)


def answers_451_when_storage_is_not_writable(site):
    with Client(site) as client:
        client.login("stmary")
        port = client.passive()
        code, text = client.command(f"STOR {FOLDER}/not-writable")
        if code == 150:
            connection = client.connect_data(port)
            connection.send(b"x" * 1000)
            connection.finish()
            code, text = client.reply()
        assert code in (451, 550, 553), text
        assert "not-writable" not in client.names(FOLDER)


def lets_a_transfer_finish(site):
    """SIGTERM comes in the middle of an upload; the upload is stored, then the session ends."""
    pid = int((site.secrets.parent / "pid").read_text())
    client = Client(site).login("stmary")
    idle = Client(site).login("stmary")
    connection = client.open(f"STOR {FOLDER}/during-shutdown")
    connection.send(b"a" * 100_000)
    os.kill(pid, signal.SIGTERM)
    time.sleep(0.5)
    idle.expect_reply(421)
    try:
        Client(site)
        raise AssertionError("a new connection was accepted during the shutdown")
    except (OSError, Closed, AssertionError) as error:
        assert "accepted" not in str(error), error
    connection.send(b"b" * 100_000)
    connection.finish()
    assert "size=200000" in client.expect_reply(226)


def cuts_a_transfer_that_never_ends(site):
    """The grace period is over: the upload is cut and not published."""
    pid = int((site.secrets.parent / "pid").read_text())
    client = Client(site).login("stmary")
    connection = client.open(f"STOR {FOLDER}/endless")
    connection.send(b"a" * 100_000)
    os.kill(pid, signal.SIGTERM)
    client.socket.settimeout(20)
    try:
        code, text = client.reply()
        assert code in (421, 426), text
    except (Closed, OSError):
        pass


def finds_damage_and_serves_the_rest(site):
    """The blobs of "missing" are gone; the others are as they were."""
    with Client(site) as client:
        client.login("alice")
        names = client.names("/records/alice")
        assert {"missing.phr", "intact.phr"} <= names.keys()
        port = client.passive()
        code, text = client.command("RETR /records/alice/missing.phr")
        if code == 150:
            try:
                client.connect_data(port).receive()
            except OSError:
                pass
            code, text = client.reply()
        assert code in (451, 550), text
        assert client.get("/records/alice/intact.phr")


def lists_despite_a_damaged_row(site):
    """A sealed name cannot be opened: 451 and never a short listing under 226, never a crash; what does not touch it works."""
    with Client(site) as client:
        client.login("alice")
        for verb in ["MLSD", "LIST", "NLST"]:
            connection = client.open(f"{verb} /records/alice")
            connection.tls.suppress_ragged_eofs = False
            try:
                data = connection.receive()
                ended = True
            except OSError:
                data, ended = b"", False
            # Who looks at the data connection alone must see it, too: no proper end.
            assert not ended, f"{verb}: {len(data)} bytes ended properly"
            assert "incomplete" in client.expect_reply(451), verb
            client.expect("NOOP", 200)
        client.expect("MLST /records/alice", 250)
        client.get("/.ledger/checkpoint")


if __name__ == "__main__":
    main(globals())
