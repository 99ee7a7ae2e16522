"""What writers and readers may do: permissions against commands. A folder's name says what stmary may do in it: w-add.list, r-read.

Each function is one case.
"""
from case_runner import main
from raw_client import Client

SENDING = {"add", "replace"}


class Probe:
    """stmary in one folder, and its owner bob, who prepares it."""

    def __init__(self, stmary, bob, folder):
        self.client, self.bob, self.folder = stmary, bob, folder
        self.permissions = set(folder.split("-", 1)[1].split("."))

    def path(self, name):
        return f"/exchange/{self.folder}/{name}"

    def prepare(self, *names):
        for name in names:
            self.bob.put(self.path(name), b"theirs")

    def check(self, what, answer, allowed, codes):
        """A refusal is 550, and says why."""
        code, text = answer
        wanted = codes if allowed else (550,)
        assert code in wanted, f"{self.folder}: {what} was answered {text!r}, not {wanted}"
        assert allowed or len(text) > 20, text

    def simple(self, command, allowed, *codes):
        self.check(command, self.client.command(command), allowed, codes)

    def transfer(self, command, allowed, data=b"mine"):
        port = self.client.passive()
        answer = self.client.command(command)
        if answer[0] == 150:
            connection = self.client.connect_data(port)
            received = None
            if data is None:
                received = connection.receive()
            else:
                connection.send(data)
            connection.finish()
            answer = self.client.reply()
            self.check(command, answer, allowed, (226,))
            return received
        self.check(command, answer, allowed, ())
        return None


def folders(client, kind):
    found = [name for name in client.names("/exchange") if name.startswith(kind + "-")]
    assert len(found) > 2, found
    return found


def each_folder(site, kind, body):
    with Client(site) as stmary, Client(site) as bob:
        stmary.login("stmary")
        bob.login("bob")
        for folder in folders(stmary, kind):
            probe = Probe(stmary, bob, folder)
            body(probe, probe.permissions)


def uploads(site):
    def body(probe, may):
        probe.prepare("over", "more")
        probe.transfer(f"STOR {probe.path('new')}", "add" in may)
        probe.transfer(f"STOR {probe.path('over')}", "replace" in may)
        probe.transfer(f"APPE {probe.path('more')}", "replace" in may)
        probe.transfer(f"APPE {probe.path('grown')}", "add" in may)
        probe.simple(f"CWD /exchange/{probe.folder}", True, 250)
        probe.transfer("STOU unique", "add" in may)
        probe.transfer("STOU", "add" in may)
        # What was refused has changed nothing.
        for name, allowed, content in [("over", "replace" in may, b"mine"), ("more", "replace" in may, b"theirsmine")]:
            assert probe.bob.get(probe.path(name)) == (content if allowed else b"theirs"), probe.folder
        assert ("new" in probe.bob.names(f"/exchange/{probe.folder}")) == ("add" in may)

    each_folder(site, "w", body)


def changes_of_names(site):
    def body(probe, may):
        probe.prepare("a", "b", "c", "d", "gone")
        probe.bob.expect(f"MKD {probe.path('empty')}", 257)
        probe.bob.expect(f"MKD {probe.path('full')}", 257)
        probe.bob.put(probe.path("full/x"), b"theirs")
        probe.simple(f"RNFR {probe.path('a')}", "rename" in may, 350)
        if "rename" in may:
            probe.simple(f"RNTO {probe.path('a2')}", True, 250)
            probe.simple(f"RNFR {probe.path('b')}", True, 350)
            probe.simple(f"RNTO {probe.path('c')}", "replace" in may, 250)
        else:
            probe.client.expect(f"RNTO {probe.path('a2')}", 503)
        probe.simple(f"DELE {probe.path('gone')}", "delete" in may, 250)
        probe.simple(f"RMD {probe.path('empty')}", "delete" in may, 250)
        probe.simple(f"RMDA {probe.path('full')}", "delete" in may, 250)
        probe.simple(f"MKD {probe.path('made')}", "mkdir" in may, 257)
        left = {"a2" if "rename" in may else "a", "c", "d"}
        if not {"rename", "replace"} <= may:
            left.add("b")
        if "delete" not in may:
            left |= {"gone", "empty", "full"}
        if "mkdir" in may:
            left.add("made")
        assert set(probe.bob.names(f"/exchange/{probe.folder}")) & {"a", "a2", "b", "c", "d", "gone", "empty", "full", "made"} == left, probe.folder

    each_folder(site, "w", body)


def looks(site):
    def body(probe, may):
        probe.prepare("theirs")
        theirs, root = probe.path("theirs"), f"/exchange/{probe.folder}"
        sees, own = bool(may & {"list", "read"}), bool(may & SENDING)
        probe.simple(f"CWD {root}", True, 250)
        for verb in ["LIST", "NLST", "MLSD"]:
            probe.transfer(f"{verb} {root}", "list" in may, None)
        probe.simple(f"STAT {root}", "list" in may, 213)
        assert probe.transfer(f"RETR {theirs}", "read" in may, None) == (b"theirs" if "read" in may else None)
        for command, code in [("SIZE", 213), ("MDTM", 213), ("MLST", 250), ("SITE PROOF", 211), ("SITE RECEIPT", 211)]:
            probe.simple(f"{command} {theirs}", sees, code)
        probe.simple(f"HASH {theirs}", "read" in may, 213)
        probe.simple(f"MLST {root}", True, 250)
        for command in ["MFMT 20250102030405", "SITE UTIME 20250102030405"]:
            probe.simple(f"{command} {theirs}", "replace" in may, 213)
        probe.simple(f"MFF Modify=20250102030405; {theirs}", "replace" in may, 213)
        # A sender checks what it has sent, whatever else it may do.
        if "add" in may:
            probe.client.put(probe.path("mine"), b"mine")
            for command, code in [("SIZE", 213), ("MDTM", 213), ("MLST", 250), ("HASH", 213), ("SITE RECEIPT", 211), ("MFMT 20250102030405", 213)]:
                probe.simple(f"{command} {probe.path('mine')}", True, code)
            probe.transfer(f"RETR /exchange/{probe.folder}/.proofs/mine", True, None)
        if own and not sees:
            # Nor does a refusal say whether there is such a file.
            answers = {probe.client.command(f"SIZE {probe.path(name)}") for name in ["theirs", "nothing"]}
            assert len(answers) == 1, answers

    for kind in "wr":
        each_folder(site, kind, body)


def readers_change_nothing(site):
    def body(probe, may):
        probe.prepare("theirs")
        for command in ["STOR", "APPE"]:
            probe.transfer(f"{command} {probe.path('theirs')}", False)
        probe.transfer(f"STOR {probe.path('new')}", False)
        for command in ["DELE", "RNFR", "RMD", "MFMT 20250102030405"]:
            probe.simple(f"{command} {probe.path('theirs')}", False)
        probe.simple(f"MKD {probe.path('made')}", False)

    each_folder(site, "r", body)


def facts_tell_the_truth(site):
    def perm(client, path):
        # Without any permission the fact is left out.
        return set(client.expect(f"MLST {path}", 250).lower().partition("perm=")[2].partition(";")[0])

    def letters(may, table):
        return {letter for letter, needed in table.items() if needed is None or needed in may}

    def body(probe, may):
        probe.prepare("theirs")
        probe.bob.expect(f"MKD {probe.path('folder')}", 257)
        root = {"c": "add", "e": None, "l": "list", "m": "mkdir", "p": "delete"}
        assert perm(probe.client, f"/exchange/{probe.folder}") == letters(may, root), probe.folder
        if not may & {"list", "read"}:
            return
        file = {"a": "replace", "d": "delete", "f": "rename", "r": "read", "w": "replace"}
        assert perm(probe.client, probe.path("theirs")) == letters(may, file), probe.folder
        assert perm(probe.client, probe.path("folder")) == letters(may, {**root, "d": "delete", "f": "rename"}), probe.folder
        if "list" in may:
            assert set(probe.client.names(f"/exchange/{probe.folder}")["theirs"].get("perm", "")) == letters(may, file), probe.folder

    for kind in "wr":
        each_folder(site, kind, body)


def whoever_only_adds_cannot_win_a_race_for_a_name(site):
    with Client(site) as slow, Client(site) as fast:
        for client in [slow, fast]:
            client.login("stmary")
        path = "/exchange/w-add/raced"
        connection = slow.open(f"STOR {path}")
        connection.send(b"slow")
        fast.put(path, b"fast")
        connection.finish()
        assert "the name is taken" in slow.expect_reply(550)
        with Client(site) as bob:
            assert bob.login("bob").get(path) == b"fast"


def an_upload_that_was_cut_off_is_resumed_by_whoever_only_adds(site):
    with Client(site) as client:
        client.login("stmary")
        path = "/exchange/w-add/resumed"
        connection = client.open(f"STOR {path}")
        connection.send(b"a" * 300_000)
        connection.cut()
        client.expect_reply(426)
        size = client.size(path)
        assert 0 < size <= 300_000
        client.expect(f"REST {size}", 350)
        client.put(path, b"a" * (300_000 - size))
        assert client.size(path) == 300_000


if __name__ == "__main__":
    main(globals())
