"""Uploads, their ends, names, versions and facts. Each function is one case."""
import hashlib
import threading
import time

from case_runner import main
from raw_client import Client, wait_until

FOLDER = "/inbox/alice"


def body(count, seed=1):
    """Bytes that no two seeds share."""
    return b"".join(hashlib.sha256(f"{seed}/{block}".encode()).digest() for block in range(count // 32 + 1))[:count]


def shown(client, name, folder=FOLDER):
    return name in client.names(folder)


def must_not_be_published(site, name):
    with Client(site) as sender, Client(site) as owner:
        sender.login("stmary")
        assert not shown(sender, name), "the sender sees it"
        sender.passive()
        sender.expect(f"RETR {FOLDER}/{name}", 550)
        owner.login("alice")
        assert not shown(owner, name + ".phr", "/records/alice"), "the owner sees it"
        owner.passive()
        owner.expect(f"RETR /records/alice/{name}.phr", 550)


# Ends of uploads


def stores_every_size_around_the_segment(site):
    with Client(site) as client, Client(site) as owner:
        client.login("stmary")
        owner.login("alice")
        for size in [0, 1, 65535, 65536, 65537, 131072]:
            receipt = client.put(f"{FOLDER}/size-{size}", body(size))
            digest = hashlib.sha256(body(size)).hexdigest()
            assert f"sha256={digest}" in receipt and f"size={size}" in receipt, receipt
            assert client.size(f"{FOLDER}/size-{size}") == size
            envelope = owner.get(f"/records/alice/size-{size}.phr")
            assert len(envelope) == owner.size(f"/records/alice/size-{size}.phr") > size


def never_publishes_an_upload_cut_by_fin(site):
    with Client(site) as client:
        client.login("stmary")
        for count in [0, 1000, 200_000]:
            connection = client.open(f"STOR {FOLDER}/cut-by-fin-{count}")
            connection.send(body(count))
            connection.cut()
            assert "close_notify" in client.expect_reply(426)
            must_not_be_published(site, f"cut-by-fin-{count}")


def never_publishes_an_upload_cut_by_rst(site):
    with Client(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/cut-by-rst")
        connection.send(body(200_000))
        connection.reset()
        client.expect_reply(426)
        must_not_be_published(site, "cut-by-rst")
        client.put(f"{FOLDER}/cut-by-rst", b"whole")
        assert client.size(f"{FOLDER}/cut-by-rst") == 5


def never_publishes_when_the_control_connection_dies(site):
    client = Client(site).login("stmary")
    connection = client.open(f"STOR {FOLDER}/control-died")
    connection.send(body(100_000))
    client.close()
    time.sleep(0.3)
    try:
        connection.finish()
    except OSError:
        pass
    must_not_be_published(site, "control-died")


def aborts_an_upload(site):
    with Client(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/aborted")
        connection.send(body(100_000))
        client.raw(b"\xff\xf4\xff\xf2ABOR\r\n")
        client.expect_reply(426)
        client.expect_reply(226, 225)
        client.expect("NOOP", 200)
        connection.tls.close()
        must_not_be_published(site, "aborted")


def aborts_a_download(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/long", bytes(64 << 20))
        connection = client.open(f"RETR {FOLDER}/long.phr")
        connection.tls.recv(1000)
        client.raw(b"ABOR\r\n")
        client.expect_reply(426)
        client.expect_reply(226, 225)
        connection.tls.close()
        client.expect("DELE " + FOLDER + "/long", 250)


def answers_during_a_transfer(site):
    with Client(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/answering")
        connection.send(body(1000))
        client.expect("NOOP", 200)
        client.expect("STAT", 211, 213)
        connection.send(body(1000))
        connection.finish()
        client.expect_reply(226)
        assert client.size(f"{FOLDER}/answering") == 2000


def refuses_fewer_bytes_than_announced(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("ALLO 5000", 200)
        client.put(f"{FOLDER}/announced", body(4000), code=426)
        must_not_be_published(site, "announced")
        client.expect("ALLO 4000", 200)
        client.put(f"{FOLDER}/announced-right", body(4000))


def accepts_a_cut_upload_of_the_announced_size(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("ALLO 70000", 200)
        connection = client.open(f"STOR {FOLDER}/announced-cut")
        connection.send(body(70_000))
        connection.cut()
        client.expect_reply(226)
        assert client.size(f"{FOLDER}/announced-cut") == 70_000


# Resume, append, unique


def resumes_a_cut_upload(site):
    content = body(300_000)
    with Client(site) as client, Client(site) as owner:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/resumed")
        connection.send(content[:170_000])
        connection.cut()
        client.expect_reply(426)
        durable = client.size(f"{FOLDER}/resumed")
        assert 0 < durable <= 170_000
        client.expect(f"REST {durable - 1}", 350)
        client.passive()
        client.expect(f"STOR {FOLDER}/resumed", 554)
        client.expect(f"REST {durable}", 350)
        client.put(f"{FOLDER}/resumed", content[durable:])
        assert client.size(f"{FOLDER}/resumed") == 300_000
        owner.login("alice")
        assert shown(owner, "resumed.phr", "/records/alice")


def continues_no_published_version(site):
    # What FileZilla does by itself when the server went down in the middle of a new version: the listing shows the size of the old one.
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/published", body(1_000))
        for command in ["STOR", "APPE"]:
            client.expect("REST 1000", 350)
            client.passive()
            assert "REST 0" in client.expect(f"{command} {FOLDER}/published", 554)
        assert client.size(f"{FOLDER}/published") == 1_000
        client.put(f"{FOLDER}/published", body(3_000, seed=2))
        assert client.size(f"{FOLDER}/published") == 3_000


def resumes_over_a_new_connection(site):
    content = body(150_000, seed=2)
    with Client(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/resumed-later")
        connection.send(content[:90_000])
        connection.reset()
        client.expect_reply(426)
    with Client(site) as client:
        client.login("stmary")
        durable = client.size(f"{FOLDER}/resumed-later")
        client.expect(f"REST {durable}", 350)
        client.put(f"{FOLDER}/resumed-later", content[durable:])
        assert client.size(f"{FOLDER}/resumed-later") == 150_000


def starts_over_after_a_cut_upload(site):
    with Client(site) as client:
        client.login("stmary")
        connection = client.open(f"STOR {FOLDER}/started-over")
        connection.send(body(100_000))
        connection.cut()
        client.expect_reply(426)
        client.put(f"{FOLDER}/started-over", b"new beginning")
        assert client.size(f"{FOLDER}/started-over") == 13


def appends(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/appended", body(70_000))
        client.put(f"{FOLDER}/appended", body(1000), command="APPE")
        assert client.size(f"{FOLDER}/appended") == 71_000
        client.put(f"{FOLDER}/made-by-append", b"first", command="APPE")
        assert client.size(f"{FOLDER}/made-by-append") == 5


def stores_under_a_unique_name(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"CWD {FOLDER}", 250)
        names = set()
        for _ in range(2):
            port = client.passive()
            answer = client.expect("STOU unique.txt", 150)
            connection = client.connect_data(port)
            connection.send(b"unique")
            connection.finish()
            client.expect_reply(226)
            names.add(answer.split("FILE: ")[1].strip())
        assert len(names) == 2 and names <= client.names(FOLDER).keys()


# Names and facts


def publishes_by_rename(site):
    with Client(site) as client, Client(site) as owner:
        client.login("stmary")
        owner.login("alice")
        client.put(f"{FOLDER}/report.pdf.tmp", body(5000))
        client.expect(f"RNFR {FOLDER}/report.pdf.tmp", 350)
        client.expect(f"RNTO {FOLDER}/report.pdf", 250)
        assert shown(client, "report.pdf") and not shown(client, "report.pdf.tmp")
        names = owner.names("/records/alice")
        assert "report.pdf.phr" in names and "report.pdf.tmp.phr" not in names
        client.expect("RNTO /inbox/alice/elsewhere", 503)
        client.expect(f"RNFR {FOLDER}/not-there", 550)


def renames_over_an_existing_file_without_losing_it(site):
    with Client(site) as client, Client(site) as owner:
        client.login("stmary")
        owner.login("alice")
        client.put(f"{FOLDER}/twice.txt", b"first")
        client.put(f"{FOLDER}/twice.txt.tmp", b"second!")
        client.expect(f"RNFR {FOLDER}/twice.txt.tmp", 350)
        client.expect(f"RNTO {FOLDER}/twice.txt", 250)
        assert client.size(f"{FOLDER}/twice.txt") == 7
        versions = owner.names("/records/alice/.versions/twice.txt.phr")
        assert {"1.phr", "2.phr"} <= versions.keys(), versions


def keeps_the_old_version(site):
    with Client(site) as client, Client(site) as owner:
        client.login("stmary")
        owner.login("alice")
        client.put(f"{FOLDER}/versioned", body(1000))
        first = owner.get("/records/alice/versioned.phr")
        client.put(f"{FOLDER}/versioned", body(2000))
        assert client.size(f"{FOLDER}/versioned") == 2000
        assert owner.get("/records/alice/.versions/versioned.phr/1.phr") == first
        assert owner.get("/records/alice/.versions/versioned.phr/2.phr") == owner.get("/records/alice/versioned.phr") != first
        assert b"phr-record-proof/v1" in owner.get("/records/alice/.versions/versioned.phr/1.proof")


def keeps_the_time_that_the_client_set(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/timed", body(10))
        client.expect(f"MFMT 20200229123456 {FOLDER}/timed", 213)
        assert client.expect(f"MDTM {FOLDER}/timed", 213).endswith("20200229123456")
        facts = client.names(FOLDER)["timed"]
        assert facts["modify"].startswith("20200229123456") and facts["size"] == "10"
        client.expect(f"MFMT 20201301000000 {FOLDER}/timed", 501)
        client.expect(f"MFMT 20200101000000 {FOLDER}/not-there", 550)
        listed = client.expect(f"MLST {FOLDER}/timed", 250)
        assert "size=10" in listed.lower()


def tells_the_digest_of_what_was_sent(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/hashed", body(1000))
        digest = hashlib.sha256(body(1000)).hexdigest()
        assert digest in client.expect(f"HASH {FOLDER}/hashed", 213).lower()
        assert digest in client.expect(f"XSHA256 {FOLDER}/hashed", 250, 213).lower()
        envelope = client.get(f"{FOLDER}/hashed.phr")
        assert hashlib.sha256(envelope).hexdigest() in client.expect(f"HASH {FOLDER}/hashed.phr", 213).lower()
        client.expect(f"HASH {FOLDER}/not-there", 550)


def tells_no_digest_of_what_another_session_replaced(site):
    path = f"{FOLDER}/hashed-twice"
    with Client(site) as client, Client(site) as other:
        client.login("stmary")
        other.login("stmary")
        client.put(path, body(1000))
        other.put(path, body(2000))
        old, new = (hashlib.sha256(body(count)).hexdigest() for count in (1000, 2000))
        assert old not in client.command(f"HASH {path}")[1].lower()
        receipt = client.expect(f"SITE RECEIPT {path}", 211)
        assert old not in receipt and "size=2000" in receipt
        assert new in other.expect(f"HASH {path}", 213).lower()


def a_resumed_upload_keeps_what_it_continues(site):
    """Another upload of the name, at the same moment, lets go of the interrupted one: what was acknowledged is there all the same."""
    with Client(site) as client, Client(site) as other:
        client.login("stmary")
        other.login("stmary")
        for number in range(30):
            path = f"{FOLDER}/raced-{number}"
            connection = client.open(f"STOR {path}")
            connection.send(body(2000, number))
            connection.cut()
            client.expect_reply(426)
            connection.tls.close()
            client.expect(f"REST {client.size(path)}", 350)
            resumed = client.open(f"STOR {path}")
            resumed.send(body(3000, number)[2000:])
            whole = other.open(f"STOR {path}")
            whole.send(b"whole")
            time.sleep(0.02)
            ends = [threading.Thread(target=resumed.finish), threading.Thread(target=whole.finish)]
            for end in ends if number % 2 else reversed(ends):
                end.start()
            for end in ends:
                end.join()
            stored = [code for code, _ in (client.reply(), other.reply())].count(226)
            assert stored > 0
            for version in range(1, stored + 1):
                client.get(f"{FOLDER}/.versions/raced-{number}/{version}.phr")


def makes_and_removes_folders(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"MKD {FOLDER}/2026", 257)
        client.expect(f"MKD {FOLDER}/2026", 550)
        client.expect(f"CWD {FOLDER}/2026", 250)
        client.put("visit.txt", b"hello")
        assert "visit.txt" in client.names()
        assert any(line.endswith("visit.txt") for line in client.list(verb="LIST"))
        assert "visit.txt" in [line.rsplit("/", 1)[-1] for line in client.list(verb="NLST")]
        client.expect("CDUP", 250)
        client.expect(f"RMD {FOLDER}/2026", 550)
        client.expect(f"DELE {FOLDER}/2026", 550)
        client.expect(f"DELE {FOLDER}/2026/visit.txt", 250)
        client.expect(f"RMD {FOLDER}/2026", 250)
        client.expect(f"CWD {FOLDER}/2026", 550)


def treats_equal_looking_names_as_one(site):
    with Client(site) as client:
        client.login("stmary")
        composed, decomposed = "Müller.txt", "Mu\u0308ller.txt"
        client.put(f"{FOLDER}/{composed}", b"one")
        assert client.size(f"{FOLDER}/{decomposed}") == 3
        client.put(f"{FOLDER}/{decomposed}", b"four")
        assert client.size(f"{FOLDER}/{composed}") == 4
        assert len([name for name in client.names(FOLDER) if name.endswith("ller.txt")]) == 1


def takes_names_as_they_are(site):
    with Client(site) as client:
        client.login("stmary")
        for name in ["with space", " leading", "trailing ", "quote\"d", "日本語.txt", "a;b=c", "-rf", "100%", "'$(id)'", "a:b", "#x", "*"]:
            client.put(f"{FOLDER}/{name}", name.encode())
            assert client.size(f"{FOLDER}/{name}") == len(name.encode()), name
            assert shown(client, name), name


def deletes_for_the_sender_but_not_from_the_history(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/deleted", b"x" * 100)
        client.expect(f"DELE {FOLDER}/deleted", 250)
        assert not shown(client, "deleted")
        client.passive()
        client.expect(f"RETR {FOLDER}/deleted", 550)
        client.expect(f"DELE {FOLDER}/deleted", 550)


if __name__ == "__main__":
    main(globals())
