"""Digests, ranges, permissions and what the server tells about itself. Each function is one case."""
import hashlib
import pathlib
import re
import sqlite3

from case_runner import main
from raw_client import Client
from transfer_cases import FOLDER, body

GATEWAY = "/exchange/lab"


def digest(data):
    return hashlib.sha256(data).hexdigest()


def upload(client, command, data):
    """An upload that must succeed; the text of 226."""
    connection = client.open(command)
    connection.send(data)
    connection.finish()
    return client.expect_reply(226)


def cut(client, command, data):
    """An upload that is cut off; how much of it the server has kept."""
    connection = client.open(command)
    connection.send(data)
    connection.cut()
    client.expect_reply(426)
    return client.size(command.split()[1])


def ledger_size(client):
    return int(client.get("/.ledger/checkpoint").decode().split("\n")[1])


def leaves_the_ledger_alone(client, work):
    """The head of the audit log is anchored now and then, so one quiet run of three is enough."""
    sizes = []
    for _ in range(3):
        before = ledger_size(client)
        work()
        sizes.append(ledger_size(client) - before)
    return 0 in sizes


# Ranges


def never_stores_under_a_range(site):
    with Client(site) as client:
        client.login("stmary")
        for folder in [FOLDER, GATEWAY]:
            path = f"{folder}/ranged"
            client.put(path, b"0123456789")
            for command in [f"STOR {path}", f"APPE {path}", f"STOU {path}"]:
                client.expect("RANG 2 4", 350)
                client.passive()
                assert "RANG" in client.expect(command, 504)
                assert client.size(path) == 10
            # It was for that one command.
            client.put(path, b"ABC")
            assert client.size(path) == 3


def ranges_and_offsets_lie_within_the_file(site):
    path = f"{GATEWAY}/bounds"
    with Client(site) as client:
        client.login("stmary")
        client.put(path, b"0123456789")
        for before, command in [("RANG 10 12", "RETR"), ("RANG 11 12", "RETR"), ("REST 11", "RETR"), ("RANG 10 12", "HASH"), ("RANG 99 100", "HASH")]:
            client.expect(before, 350)
            client.passive()
            answer = client.expect(f"{command} {path}", 554)
            assert "10 bytes" in answer and "REST 10" not in answer, answer
        client.expect("RANG 8 1000", 350)
        assert client.get(path) == b"89"


def gives_the_part_that_was_asked_for(site):
    path, data = f"{GATEWAY}/parts", body(50_000, 12)
    with Client(site) as client:
        client.login("stmary")
        client.put(path, data)
        client.expect("RANG 100 12444", 350)
        assert client.get(path) == data[100:12_445]


def names_the_offset_to_go_on_at(site):
    data = body(200_000, 11)
    with Client(site) as client:
        client.login("stmary")
        path = f"{FOLDER}/told"
        kept = cut(client, f"STOR {path}", data)
        client.expect("REST 1", 350)
        client.passive()
        assert f"REST {kept}, or REST 0" in client.expect(f"STOR {path}", 554)
        client.expect(f"REST {kept}", 350)
        upload(client, f"STOR {path}", data[kept:] + b"more")
        # What is published is whole.
        for offset, name in [(1, path), (200_004, path), (7, f"{FOLDER}/never-there")]:
            client.expect(f"REST {offset}", 350)
            client.passive()
            answer = client.expect(f"STOR {name}", 554)
            assert "with REST 0" in answer and f"REST {offset}" not in answer, answer


# Digests


def answers_gateway_digests_without_reading(site):
    path, data = f"{GATEWAY}/digest", body(300_000)
    with Client(site) as client:
        client.login("stmary")
        client.put(path, data)
    with Client(site) as client:
        client.login("labsys")
        told = lambda: client.expect(f"HASH {path}", 213)
        assert f"SHA-256 0-299999 {digest(data)} {path}" in told()
        assert leaves_the_ledger_alone(client, lambda: [told() for _ in range(3)])
        # Sealed at rest: of a short record the digest would give the content away.
        databases = list((pathlib.Path(site.secrets).parent / "data").rglob("*.sqlite*"))
        assert databases
        for file in databases:
            assert bytes.fromhex(digest(data)) not in file.read_bytes(), file
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"RNFR {path}", 350)
        client.expect(f"RNTO {path}-renamed", 250)
        client.put(f"{path}-other", b"other")
        client.expect(f"RNFR {path}-renamed", 350)
        client.expect(f"RNTO {path}-other", 250)
    with Client(site) as client:
        client.login("labsys")
        assert digest(data) in client.expect(f"HASH {path}-other", 213)
        client.expect(f"HASH {GATEWAY}", 550)
        # A part of a few bytes is as good as the bytes: it is a read.
        before = ledger_size(client)
        client.expect("RANG 0 0", 350)
        assert f"SHA-256 0-0 {digest(data[:1])}" in client.expect(f"HASH {path}-other", 213)
        assert ledger_size(client) > before


def computes_once_what_was_not_stored(site):
    path, data = f"{GATEWAY}/older", body(200_000, 7)
    with Client(site) as client:
        client.login("stmary")
        client.put(path, data[:150_000])
    # Another session continues it, which does not know how it begins.
    with Client(site) as client:
        client.login("stmary")
        assert "sha256=" not in client.put(path, data[150_000:], command="APPE")
    database = sqlite3.connect(pathlib.Path(site.secrets).parent / "data/ledger.sqlite", timeout=10)
    count = lambda: database.execute("SELECT count(*) FROM digest").fetchone()[0]
    # As a program before this one has left it.
    with database:
        database.execute("DELETE FROM digest")
    with Client(site) as client:
        client.login("labsys")
        assert leaves_the_ledger_alone(client, lambda: client.expect(f"HASH {path}", 213))
        assert count() == 1
        assert f"0-199999 {digest(data)}" in client.expect(f"HASH {path}", 213)
        envelope = client.get(f"{path}.phr")
        for _ in range(2):
            assert f"0-{len(envelope) - 1} {digest(envelope)}" in client.expect(f"HASH {path}.phr", 213)
        assert count() == 2


def knows_what_the_session_appended_and_resumed(site):
    data = body(250_000, 3)
    for folder in [FOLDER, GATEWAY]:
        with Client(site) as client:
            client.login("stmary")
            path = f"{folder}/grown"
            client.put(path, data[:100_000])
            receipt = client.put(path, data[100_000:], command="APPE")
            assert f"sha256={digest(data)}" in receipt and "size=250000" in receipt, receipt
            assert digest(data) in client.expect(f"HASH {path}", 213)
            assert digest(data) in client.expect(f"SITE RECEIPT {path}", 211)
            path = f"{folder}/resumed"
            kept = cut(client, f"STOR {path}", data[:200_000])
            assert 0 < kept <= 200_000
            client.expect(f"REST {kept}", 350)
            assert f"sha256={digest(data)}" in upload(client, f"STOR {path}", data[kept:])
            assert digest(data) in client.expect(f"HASH {path}", 213)
            # A name that somebody else has stored under since has another digest.
            client.expect(f"DELE {path}", 250)
            client.put(path, b"again")
            assert digest(b"again") in client.expect(f"HASH {path}", 213)


def says_why_a_sealed_digest_is_not_known(site):
    path = f"{FOLDER}/unknown"
    with Client(site) as client:
        client.login("stmary")
        client.put(path, body(1000))
        client.expect("RANG 0 9", 350)
        assert "digest of a part" in client.expect(f"HASH {path}", 504)
        # All of it is no part.
        client.expect("RANG 0 5000", 350)
        assert digest(body(1000)) in client.expect(f"HASH {path}", 213)
    with Client(site) as client:
        client.login("stmary")
        assert "session that sent" in client.expect(f"HASH {path}", 504)
        assert "sha256=" not in client.put(path, b"more", command="APPE")
        client.expect(f"HASH {path}", 504)


def takes_quotes_and_ranges_with_xsha256(site):
    data = body(1000, 5)
    with Client(site) as client:
        client.login("stmary")
        for name in ["plain", "with space", "year 2025 2026"]:
            path = f"{GATEWAY}/{name}"
            client.put(path, data)
            for argument, expected in [(path, data), (f'"{path}"', data), (f'"{path}" 10 19', data[10:20]), (f"{path} 10 19", data[10:20])]:
                assert digest(expected) in client.expect(f"XSHA256 {argument}", 250), argument
        client.put(f"{GATEWAY}/empty", b"")
        assert f"SHA-256 0-0 {digest(b'')}" in client.expect(f"HASH {GATEWAY}/empty", 213)
        client.expect(f'XSHA256 "{GATEWAY}/plain', 550, 553)
        client.expect(f'XSHA256 "{GATEWAY}/plain" 5 4', 550, 553)
        client.expect(f"XSHA256 {GATEWAY}/plain 1000 1001", 554)


# Permissions and times


def permissions_are_what_commands_will_do(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/perm", b"sealed")
        client.put(f"{GATEWAY}/perm", b"gateway")
        assert set(client.names(FOLDER)["perm"]["perm"]) == set("adfw")
        client.passive()
        client.expect(f"RETR {FOLDER}/perm", 550)
        assert set(client.names(GATEWAY)["perm"]["perm"]) == set("adfrw")
        permissions = lambda path: set(re.search(r"perm=(\w*);", client.expect(f"MLST {path}", 250))[1])
        assert permissions(f"{FOLDER}/perm.phr") == set("dr")
        # The folder itself cannot be renamed or removed.
        assert permissions(FOLDER) == set(client.names("/inbox")["alice"]["perm"]) == set("celmp")
        assert permissions("/.keys/alice") == set("r")
        client.expect(f"RNFR {FOLDER}/perm", 350)
    with Client(site) as client:
        client.login("alice")
        envelope = client.get("/records/alice/perm.phr")
        client.put("/records/alice/perm-copy.phr", envelope)
        assert set(client.names("/records/alice")["perm-copy.phr"]["perm"]) == set("dfrw")
        client.passive()
        client.expect("APPE /records/alice/perm-copy.phr", 553)
        assert client.names("/.keys")["alice"]["perm"] == "rw" and client.names("/.keys")["bob"]["perm"] == "r"
        assert "perm=rw;" in client.expect("MLST /.keys/alice", 250) and "perm=rw;" in client.expect("MLST /records/alice/.headers/perm.phr", 250)
    with Client(site) as client:
        client.login("labsys")
        assert client.names(GATEWAY)["perm"]["perm"] == "r" and client.names("/exchange")["lab"]["perm"] == "el"


def times_are_kept_to_the_second_and_told_so(site):
    path = f"{FOLDER}/fraction"
    with Client(site) as client:
        client.login("stmary")
        client.put(path, b"x")
        for command in [f"MFMT 20250102030405.500 {path}", f"MFF Modify=20250102030405.999; {path}", f"MDTM 20250102030405.5 {path}"]:
            assert client.expect(command, 213) == f"213 Modify=20250102030405; {path}"
            assert client.expect(f"MDTM {path}", 213) == "213 20250102030405"
            assert client.names(FOLDER)["fraction"]["modify"] == "20250102030405"


def tells_files_without_a_time_from_folders(site):
    with Client(site) as client:
        client.login("stmary")
        assert "no time" in client.expect("MDTM /.ledger/checkpoint", 550)
        assert "folder" in client.expect("MDTM /.ledger", 550)
        client.expect("SIZE /.ledger/checkpoint", 213)


# What it tells about itself


def rein_resets_all_parameters(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("TYPE A", 200)
        client.expect("OPTS MLST size;", 200)
        client.expect("REIN", 220)
        client.expect("USER stmary", 331)
        client.expect(f"PASS {site.password('stmary')}", 230)
        status = client.expect("STAT", 211)
        assert "Type I" in status and "not protected" in status, status
        assert "type=file" not in client.expect("MLST /inbox", 250) and "type=dir" in client.expect("MLST /inbox", 250)
        client.expect("EPSV", 521)
        client.expect("PROT P", 503)
        client.expect("PBSZ 0", 200)
        client.expect("PROT P", 200)
        client.passive()


def feat_marks_the_facts_that_are_sent(site):
    facts = lambda client: re.search(r"^ MLST (.*)$", client.expect("FEAT", 211), re.M)[1]
    with Client(site) as client:
        client.login("stmary")
        assert facts(client) == "type*;size*;modify*;perm*;unique*;media-type;"
        client.expect("OPTS MLST type;size;media-type;", 200)
        assert facts(client) == "type*;size*;modify;perm;unique;media-type*;"
        client.expect("OPTS MLST", 200)
        assert facts(client) == "type;size;modify;perm;unique;media-type;"


def helps_with_each_command(site):
    with Client(site) as client:
        client.login("stmary")
        verbs = " ".join(client.expect("HELP", 214).split("\n")[1:-1]).split()
        assert len(verbs) > 50
        refused = {verb.rstrip("*") for verb in verbs if verb.endswith("*")}
        assert refused == {"CCC", "COMB", "MFCT", "SMNT"}
        for verb in refused:
            client.expect(f"{verb} x", 502, 534)
        site_help = client.expect("HELP SITE", 214)
        for verb in {verb.rstrip("*") for verb in verbs} - {"SITE"}:
            assert client.expect(f"HELP {verb}", 214).startswith(f"214 {verb}"), verb
        assert client.expect("SITE HELP", 214) == site_help and "UTIME" in site_help
        client.expect("HELP XYZZY", 502)
        for argument, code in [("L 8", 200), ("L8", 200), ("L 16", 504), ("L 7", 504), ("L", 501), ("L x", 501), ("Q", 501)]:
            client.expect(f"TYPE {argument}", code)


def shows_the_transfer_that_waits_for_its_connection(site):
    with Client(site) as client:
        client.login("stmary")
        port = client.passive()
        client.raw(f"STOR {FOLDER}/awaited\r\nSTAT\r\n".encode())
        client.expect_reply(150)
        status = client.expect_reply(211)
        assert "Transfer: STOR, waits for the data connection" in status, status
        connection = client.connect_data(port)
        connection.send(b"came")
        assert "Transfer: STOR, " in client.expect("STAT", 211)
        connection.finish()
        client.expect_reply(226)


if __name__ == "__main__":
    main(globals())
