"""Attacks on data connections and running transfers. Each function is one case."""
import hashlib
import random
import socket
import ssl

from case_runner import main
from raw_client import Client
from tls_records import Records

FOLDER = "/inbox/alice"
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


def connect(site, user, version=None, source=None):
    client = Client(site, secure=False, source=source)
    if version:
        client.context.maximum_version = version
    client.start_tls()
    return client.login(user)


def published(site, name):
    """Whether anybody sees the file: its sender or its owner."""
    with connect(site, "stmary") as sender, connect(site, "alice") as owner:
        return name in sender.names(FOLDER) or name + ".phr" in owner.names("/records/alice")


# Theft


def gives_nothing_to_another_address(site):
    """A thief elsewhere with an account of his own: neither reads nor writes what is the client's, and takes nothing away."""
    content = b"for alice " * 1000
    for version in VERSIONS:
        with connect(site, "stmary", version) as client, connect(site, "mallory", version, source="127.0.0.77") as thief:
            client.put(f"{FOLDER}/stolen.bin", content)
            size = client.size(f"{FOLDER}/stolen.bin.phr")
            port = client.passive()
            client.expect(f"RETR {FOLDER}/stolen.bin.phr", 150)
            for session in [thief.socket.session, None]:
                try:
                    assert thief.connect_data(port, session=session).receive() == b"", "the thief got data"
                except OSError:
                    pass
            connection = client.connect_data(port)
            assert len(connection.receive()) == size
            connection.finish()
            client.expect_reply(226)

            port = client.passive()
            client.expect(f"STOR {FOLDER}/forged.bin", 150)
            try:
                forged = thief.connect_data(port)
                forged.send(b"forged")
                forged.finish()
            except OSError:
                pass
            connection = client.connect_data(port)
            connection.send(b"real")
            connection.finish()
            client.expect_reply(226)
            assert client.size(f"{FOLDER}/forged.bin") == 4


def gives_nothing_to_another_users_ticket(site):
    """From the same address, with a ticket that is valid and somebody else's: of his control connection, or of his data connection."""
    for version in VERSIONS:
        with connect(site, "stmary", version) as client, connect(site, "mallory", version) as thief:
            client.put(f"{FOLDER}/stolen-ticket.bin", b"secret" * 1000)
            listing = thief.open("NLST /")
            data_session = listing.tls.session
            listing.receive()
            listing.finish()
            thief.expect_reply(226)
            thief.passive()
            port = client.passive()
            client.expect(f"RETR {FOLDER}/stolen-ticket.bin.phr", 150)
            for session in [thief.socket.session, data_session]:
                try:
                    assert thief.connect_data(port, session=session, context=thief.context).receive() == b"", "the thief got data"
                except OSError:
                    pass
            connection = client.connect_data(port)
            assert connection.receive()[:4] == b"\x89PHR"
            connection.finish()
            client.expect_reply(226)


def gives_nothing_to_a_ticket_of_an_ended_session(site):
    """The thief has logged in as the same user before, and has left."""
    with connect(site, "stmary") as client:
        client.put(f"{FOLDER}/old-ticket.bin", b"secret" * 1000)
        former = connect(site, "stmary")
        former.passive()
        session, context = former.socket.session, former.context
        former.expect("QUIT", 221)
        former.expect_close()
        former.close()
        port = client.passive()
        client.expect(f"RETR {FOLDER}/old-ticket.bin.phr", 150)
        try:
            assert client.connect_data(port, session=session, context=context).receive() == b"", "the old ticket got data"
        except OSError:
            pass
        connection = client.connect_data(port)
        assert connection.receive()
        connection.finish()
        client.expect_reply(226)


# Truncation and tampering on the wire

CONTENT = bytes(range(256)) * 256


def never_publishes_what_was_tampered_with(site):
    """Records that are cut, changed, repeated, left out or exchanged; an end in clear where one under TLS belongs."""
    clear_close_notify = b"\x15\x03\x03\x00\x02\x01\x00"

    def half(first, second, end):
        return first + second[: len(second) // 2]

    def header_only(first, second, end):
        return first + second[:5]

    def record_edge(first, second, end):
        return first + second

    def changed(first, second, end):
        return first + second[:100] + bytes([second[100] ^ 1]) + second[101:] + end

    def repeated(first, second, end):
        return first + first + second + end

    def left_out(first, second, end):
        return second + end

    def exchanged(first, second, end):
        return second + first + end

    def forged_end(first, second, end):
        return first + clear_close_notify

    def half_an_end(first, second, end):
        return first + second + end[:-3]

    def changed_end(first, second, end):
        return first + second + end[:-1] + bytes([end[-1] ^ 1])

    number = 0
    for version in VERSIONS:
        for attack in [half, header_only, record_edge, changed, repeated, left_out, exchanged, forged_end, half_an_end, changed_end]:
            for close in ["fin", "reset"]:
                number += 1
                name = f"tampered-{number}"
                with connect(site, "stmary", version) as client:
                    port = client.passive()
                    client.expect(f"STOR {FOLDER}/{name}", 150)
                    records = Records(client, port)
                    first, second = records.seal(CONTENT[:16384]), records.seal(CONTENT[16384:32768])
                    records.send(attack(first, second, records.end()))
                    getattr(records, close)()
                    code, text = client.reply()
                    assert code == 426, f"{attack.__name__} then {close}: {text}"
                    assert name not in client.names(FOLDER), f"{attack.__name__} then {close}"
                    records.close()
    with connect(site, "alice") as owner:
        names = owner.names("/records/alice")
        assert not [name for name in names if name.startswith("tampered-")], names


def heeds_no_record_boundaries(site):
    """Records of any size, in segments of any size: the file is the same."""
    chance = random.Random(20260101)
    for version in VERSIONS:
        with connect(site, "stmary", version) as client:
            for number in range(12):
                content = chance.randbytes(chance.choice([0, 1, 100, 16384, 70_000, 200_000]))
                port = client.passive()
                client.expect(f"STOR {FOLDER}/boundaries-{number}", 150)
                records = Records(client, port)
                stream, rest = b"", content
                while rest:
                    count = chance.choice([1, 7, 1000, 16383, 16384, 50_000])
                    stream += records.seal(rest[:count])
                    rest = rest[count:]
                stream += records.end()
                while stream:
                    count = chance.choice([1, 3, 4, 5, 6, 100, 1460, 16_389, 60_000])
                    records.send(stream[:count])
                    stream = stream[count:]
                receipt = client.expect_reply(226)
                assert hashlib.sha256(content).hexdigest() in receipt and f"size={len(content)}" in receipt, receipt
                records.close()


# Commands while a transfer runs


def no_command_changes_a_running_upload(site):
    """The name, the place and the account of an upload are those of the moment when it was accepted."""
    with connect(site, "stmary") as client:
        client.put(f"{FOLDER}/victim", b"untouched")
        client.put(f"{FOLDER}/decoy", b"moved")
        for number, lines in enumerate([
            ["CWD /exchange/lab"], ["RNFR decoy", "RNTO decoy-2"], ["DELE decoy-2"], ["STOR victim"], ["RETR victim"], ["TYPE A"], ["MODE B"],
            ["REST 5"], ["EPSV"], ["PORT 127,0,0,1,200,1"], ["PROT C"], ["USER mallory", "PASS x"], ["AUTH TLS"], ["MFMT 20200101000000 victim"],
        ]):
            client.expect(f"CWD {FOLDER}", 250)
            client.expect("TYPE I", 200)
            name = f"under-way-{number + 1}"
            connection = client.open(f"STOR {name}")
            connection.send(b"first half ")
            client.raw("".join(line + "\r\n" for line in lines).encode())
            connection.send(b"second half")
            connection.finish()
            assert "size=22" in client.expect_reply(226), lines
            for _ in lines:
                client.reply()
            client.expect("MODE S", 200)
            assert client.size(f"{FOLDER}/{name}") == 22
        assert client.size(f"{FOLDER}/victim") == 9


def logging_out_waits_for_a_running_upload(site):
    for line, after in [("REIN", 220), ("QUIT", 221)]:
        with connect(site, "stmary") as client:
            connection = client.open(f"STOR {FOLDER}/until-{line}")
            connection.send(b"whole ")
            client.raw(f"{line}\r\n".encode())
            connection.send(b"file")
            connection.finish()
            client.expect_reply(226)
            client.expect_reply(after)
            if line == "REIN":
                client.expect(f"SIZE {FOLDER}/until-{line}", 530)
            else:
                client.expect_close()
        assert published(site, f"until-{line}")


def a_vanished_client_leaves_nothing(site):
    """The control connection is reset while commands wait behind an upload that never ends properly."""
    client = connect(site, "stmary")
    connection = client.open(f"STOR {FOLDER}/vanished")
    connection.send(b"x" * 50_000)
    client.raw(b"DELE victim\r\nSTOR other\r\nQUIT\r\n")
    control = client.socket
    control.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    control.close()
    connection.reset()
    assert not published(site, "vanished")


if __name__ == "__main__":
    main(globals())
