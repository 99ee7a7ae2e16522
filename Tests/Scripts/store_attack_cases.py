"""Attacks by names, on the store and on the log. Each function is one case."""
import pathlib
import re

from case_runner import main
from raw_client import Client

FOLDER = "/inbox/alice"


def folder_of(site, *_):
    """Where the server keeps the site."""
    return site.secrets.parent


def log_of(site, *_):
    return (folder_of(site) / "server.log").read_bytes()


# Names

STATEMENTS = [
    "x' OR '1'='1", "x'; DROP TABLE account; --", "alice' --", "alice'*", "\" OR \"\"=\"", "') OR ('a'='a", "%", "_", "alice%", "al_ce", "\\", "\\'", "x' UNION SELECT 1,2,3 --",
    "1; ATTACH DATABASE 'evil' AS e", "${jndi:x}", "{{7*7}}", "%s%s%s%n", "%00", "%0d%0aDELE x", "NULL", "0x616c696365",
]


def takes_statements_for_names(site):
    with Client(site) as client:
        client.login("stmary")
        folder = f"{FOLDER}/statements"
        client.expect(f"MKD {folder}", 257)
        for number, name in enumerate(STATEMENTS):
            client.put(f"{folder}/{name}", str(number).encode())
        assert client.names(folder).keys() == set(STATEMENTS)
        for number, name in enumerate(STATEMENTS):
            assert client.size(f"{folder}/{name}") == len(str(number)), name
            client.expect(f"SIZE {folder}/{name}'?", 550)
            client.expect(f"MFMT 20260101000000 {folder}/{name}", 213)
            client.expect(f"RNFR {folder}/{name}", 350)
            client.expect(f"RNTO {folder}/{name}.renamed", 250)
        assert client.names(folder).keys() == {name + ".renamed" for name in STATEMENTS}
        for name in STATEMENTS:
            client.expect(f"DELE {folder}/{name}", 550)
            client.expect(f"CWD {folder}/{name}", 550)
            client.expect(f"RMD {folder}/{name}", 550)
        assert len(client.names(folder)) == len(STATEMENTS)


def takes_statements_for_users(site):
    """Each from another address, because failures make the next answer from the same one wait."""
    for number, name in enumerate(STATEMENTS):
        with Client(site, source=f"127.0.1.{number + 1}") as client:
            client.expect(f"USER {name}", 331)
            assert client.expect(f"PASS {name}", 530) == "530 Login incorrect", name
            client.expect("PWD", 530)
    with Client(site) as client:
        client.login("alice")


def stores_each_byte_as_it_came_or_not_at_all(site):
    """Every byte before, within and behind a name."""
    folder = f"{FOLDER}/bytes"
    expected = set()
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"MKD {folder}", 257)
        client.expect(f"CWD {folder}", 250)
        for byte in [byte for byte in range(256) if byte != 0x0A]:
            for position in range(3):
                text = b"<%02x>" % byte
                place = [0, 2, 4][position]
                name = text[:place] + bytes([byte]) + text[place:]
                if byte == 0x2F or 0x20 <= byte <= 0x7E and position != byte % 3:
                    continue
                client.raw(b"EPSV\r\n")
                port = int(re.search(r"\|\|\|(\d+)\|", client.expect_reply(229))[1])
                client.raw(b"STOR " + name + b"\r\n")
                code, text = client.reply()
                if not 0x20 <= byte <= 0x7E:
                    assert code == 501, (byte, position, text)
                    continue
                assert code == 150, (byte, position, text)
                connection = client.connect_data(port)
                connection.send(name)
                connection.finish()
                client.expect_reply(226)
                expected.add(name.decode())
        names = client.names(folder)
        assert names.keys() == expected, names.keys() ^ expected


def has_no_way_out_by_look_alikes(site):
    """Segments that another decoder might take for dots and slashes are names, or are refused."""
    folder = f"{FOLDER}/alike"
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"MKD {folder}", 257)
        before = {path: client.names(path).keys() for path in ["/", "/inbox", FOLDER]}
        names = [
            "%2e%2e", "%2e%2e%2fescape", "..%2fescape", "%252e%252e%252f", "\uff0e\uff0e", "\u2025", "\u2024\u2024", "..\u2215escape", "\u2024\u2024\uff0fescape",
            "..\u2044escape", ".. ", "...", "....", ". .", "..;", "~", "~root", "C:", "C:\\escape", "\\\\server\\share", "con", "nul", "$HOME", "file:", "..\u200b",
        ]
        for name in names:
            client.passive()
            code, text = client.command(f"STOR {folder}/{name}/escape")
            assert code in (550, 553), f"{name!r}: {text}"
            client.put(f"{folder}/{name}", b"inside")
        assert client.names(folder).keys() == set(names), client.names(folder).keys() ^ set(names)
        for hidden in ["..\\escape", "..\\..\\escape", "a\\..\\..\\escape", ".\\..\\escape"]:
            client.passive()
            client.expect(f"STOR {folder}/{hidden}", 553)
        client.raw(b"STOR " + folder.encode() + b"/\xc0\xae\xc0\xae/escape\r\n")
        client.expect_reply(501)
        for path, entries in before.items():
            assert client.names(path).keys() == entries, path
    outside = [str(path) for path in folder_of(site).rglob("*escape*")]
    assert not outside, outside


# The store


def follows_no_link_in_the_store(site):
    """Links that somebody planted where envelopes and uploads lie lead nowhere."""
    objects = folder_of(site) / "data/records/objects"
    with Client(site) as client:
        client.login("stmary")
        before = set(objects.rglob("*.phr"))
        client.put(f"{FOLDER}/linked.bin", b"sealed " * 5000)
        [stored] = set(objects.rglob("*.phr")) - before
        client.get(f"{FOLDER}/linked.bin.phr")
        kept = stored.with_name("kept-by-the-test")
        stored.rename(kept)
        for target in ["/etc/passwd", str(kept), str(folder_of(site) / "keys"), "/dev/zero", "missing"]:
            stored.symlink_to(target)
            port = client.passive()
            code, text = client.command(f"RETR {FOLDER}/linked.bin.phr")
            if code == 150:
                data = client.connect_data(port).receive()
                assert data == b"", f"{target}: {data[:50]}"
                code, text = client.reply()
            assert code in (451, 550), f"{target}: {text}"
            stored.unlink()
        kept.rename(stored)
        client.get(f"{FOLDER}/linked.bin.phr")

        # A link in the place of each upload that is to come: names of new files are not to be guessed, and are made afresh.
        trap = folder_of(site) / "trap"
        trap.mkdir()
        staging = folder_of(site) / "data/records/staging"
        for name in ["linked-2.bin", "linked.bin", "1", "upload"]:
            (staging / name).symlink_to(trap / "caught")
        client.put(f"{FOLDER}/linked-2.bin", b"new")
        assert list(trap.iterdir()) == []
        for link in [path for path in staging.iterdir() if path.is_symlink()]:
            link.unlink()


# The log


def no_name_forges_a_line_of_the_log(site):
    marks = ["\u202e", "\u2066", "\u2028", "\u2029", "\u200b", "\ufeff", "\U000e0041"]
    controls = ["\x1b[2J", "\x1b]0;x\x07", "\r", "\x08", "\x85", "\x9b31m", "\x7f"]
    forged = "2026-01-01T00:00:00Z notice phrd: forged"
    start, seen = len(log_of(site)), 0
    with Client(site) as client, Client(site, source="127.0.0.91") as stranger:
        client.login("stmary")
        for number, mark in enumerate(marks + controls):
            name = f"a{mark}{forged}"
            for line in [f"CWD {FOLDER}/{name}", f"RETR {FOLDER}/{name}", f"DELE /.ledger/{name}", f"CLNT {name}", f"SITE PROOF {name}", f"HOST {name}",
                         f"MKD /{name}", f"{name} x", f"RETR {FOLDER}/listed{mark}"]:
                client.raw(line.encode() + b"\r\n")
                client.reply()
            if mark in marks:
                # Reading what was sealed is refused with its name in the reason.
                port = client.passive()
                code, text = client.command(f"STOR {FOLDER}/seen{mark}{forged}")
                assert code in (150, 553), text
                if code == 150:
                    seen += 1
                    client.connect_data(port).finish()
                    client.expect_reply(226)
                    client.expect(f"RETR {FOLDER}/seen{mark}{forged}", 550)
            if number < 2:
                stranger.expect(f"USER {name}", 331)
                stranger.expect("PASS wrong", 530)
        client.raw(b"CWD a\nforged line\r\n")
        client.reply()
        client.reply()
    added = log_of(site)[start:].decode()
    assert seen > 0 and "refused" in added, "nothing was logged"
    for line in added.removesuffix("\n").split("\n"):
        assert re.match(r"20\d\d-\d\d-\d\dT[0-9:.]+(Z|[+-]\d{4}) (debug|info|notice|warning|error) phrd: ", line), f"not a line of the log: {line!r}"
        assert line.isprintable(), f"not printable: {line!r}"


# Secrets


def shows_no_secret_in_logs_memory_files_or_arguments(site):
    """After logins, right and wrong, and uploads: passwords and plaintext stand nowhere that others could look."""
    plaintext = b"the diagnosis that nobody else may read"
    mistyped = "mistyped-password-of-stmary"
    with Client(site, source="127.0.0.92") as client:
        client.expect("USER stmary", 331)
        client.expect(f"PASS {mistyped}", 530)
        # A password sent as a name, or twice, as people do.
        client.expect(f"USER {mistyped}", 331)
        client.expect("PASS x", 530)
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/secret.txt", plaintext * 100)
        client.expect(f"PASS {site.password('stmary')}", 503)
        client.expect(f"USER {site.password('stmary')}", 530)
        client.expect(f"{mistyped.replace('-', '')[:12]} x", 500)
        connection = client.open(f"STOR {FOLDER}/cut-secret.txt")
        connection.send(plaintext * 1000)
        connection.reset()
        client.expect_reply(426)
    secrets = [path.read_bytes() for path in site.secrets.iterdir()] + [mistyped.encode(), plaintext]
    assert len(secrets) > 10
    folder = folder_of(site)
    pid = int((folder / "pid").read_text())
    places = {name: pathlib.Path(f"/proc/{pid}/{name}").read_bytes() for name in ["cmdline", "environ", "status"]}
    for path in [folder / "server.log", *(folder / "data").rglob("*"), *(folder / "anchor").rglob("*")]:
        if path.is_file() and not path.is_symlink():
            places[str(path)] = path.read_bytes()
    for place, content in places.items():
        for secret in secrets:
            assert secret not in content, f"{secret!r} stands in {place}"


def keeps_its_files_to_itself(site):
    """Nobody but the server's user may look into data and keys."""
    folder = folder_of(site)
    for name in ["data", "keys"]:
        assert (folder / name).stat().st_mode & 0o077 == 0, f"{name} is open to others"
    for path in (folder / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"


if __name__ == "__main__":
    main(globals())
