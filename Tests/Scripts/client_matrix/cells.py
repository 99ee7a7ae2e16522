"""The cells of the table: what a client is asked to do, and how an independent client finds out whether it is so."""
import hashlib
import os

from driver import Failed
from raw_client import Client

SIZES = [0, 1, 3_049, 65_536, 300_001]
MANY = [f"record-{number}.hl7" for number in range(6)]


def content(name, count):
    """Bytes that no two names share."""
    return b"".join(hashlib.sha256(f"{name}/{block}".encode()).digest() for block in range(count // 32 + 1))[:count]


class Witness:
    """The independent client: it prepares what the tested one reads, and looks at what it wrote."""

    def __init__(self, site, user, password, folder):
        self.client = Client(site).login(user, password)
        self.folder = folder
        self.client.expect(f"MKD {folder}", 257)

    def path(self, name):
        return f"{self.folder}/{name}"

    def make_folder(self, name):
        self.client.expect(f"MKD {self.path(name)}", 257)
        return self.path(name)

    def put(self, path, data):
        self.client.put(path, data)
        return path

    def put_beginning(self, path, data):
        """An upload that is cut; the number of bytes that are durable."""
        connection = self.client.open(f"STOR {path}")
        connection.send(data)
        connection.cut()
        self.client.expect_reply(426)
        return self.client.size(path)

    def expect(self, path, data):
        digest = hashlib.sha256(data).hexdigest()
        assert digest in self.client.expect(f"HASH {path}", 213).lower(), f"{path} is not what was sent"
        assert self.client.size(path) == len(data)

    def expect_gone(self, path):
        self.client.expect(f"SIZE {path}", 550)


def local(driver, name, data):
    path = driver.place.work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def expect_local(path, data):
    assert path.read_bytes() == data, f"{path.name}: {path.stat().st_size} bytes came, {len(data)} were there"


def put(driver, witness):
    for size in SIZES:
        data = content("put", size)
        driver.put(local(driver, f"put-{size}", data), witness.path(f"put-{size}"))
        witness.expect(witness.path(f"put-{size}"), data)
    # Over an existing file.
    driver.put(local(driver, "again", b"second"), witness.path("put-1"))
    witness.expect(witness.path("put-1"), b"second")
    if driver.can("put_stream"):
        data = content("stream", 100_000)
        driver.put_stream(data, witness.path("streamed"))
        witness.expect(witness.path("streamed"), data)


def get(driver, witness):
    for size in SIZES:
        data = content("get", size)
        driver.get(witness.put(witness.path(f"get-{size}"), data), driver.place.work / f"got-{size}")
        expect_local(driver.place.work / f"got-{size}", data)
    try:
        driver.get(witness.path("not-there"), driver.place.work / "not-there")
    except Exception:
        return
    raise Failed("a missing file was no failure")


def list_folder(driver, witness):
    folder = witness.make_folder("listed")
    names = {f"entry {number}.txt" for number in range(25)} | {"Müller.pdf"}
    for name in sorted(names):
        witness.put(f"{folder}/{name}", b"x")
    found = {os.path.basename(name) for name in driver.list(folder)} - {".", ".."}
    assert found == names, f"listed were {sorted(found)}"


def rename(driver, witness):
    witness.put(witness.path("report.pdf.tmp"), b"new")
    driver.rename(witness.path("report.pdf.tmp"), witness.path("report.pdf"))
    witness.expect(witness.path("report.pdf"), b"new")
    witness.expect_gone(witness.path("report.pdf.tmp"))
    # Over an existing file, as senders do that publish by renaming.
    witness.put(witness.path("report.pdf.tmp"), b"newer")
    driver.rename(witness.path("report.pdf.tmp"), witness.path("report.pdf"))
    witness.expect(witness.path("report.pdf"), b"newer")


def resume_get(driver, witness):
    data = content("resume", 500_000)
    witness.put(witness.path("resumed-down"), data)
    part = local(driver, "part", data[:123_456])
    driver.resume_get(witness.path("resumed-down"), part)
    expect_local(part, data)


def resume_put(driver, witness):
    data = content("resume", 400_000)
    durable = witness.put_beginning(witness.path("resumed-up"), data[:234_567])
    assert 0 < durable <= 234_567
    driver.resume_put(local(driver, "whole", data), witness.path("resumed-up"))
    witness.expect(witness.path("resumed-up"), data)


def delete(driver, witness):
    witness.put(witness.path("unwanted"), b"x")
    driver.delete(witness.path("unwanted"))
    witness.expect_gone(witness.path("unwanted"))


def _several(driver, witness, name, up, down):
    sizes = {file: 2_000 + 1_111 * number for number, file in enumerate(MANY)}
    if up:
        for file, size in sizes.items():
            local(driver, f"{name}-up/{file}", content(file, size))
        folder = witness.make_folder(f"{name}-up")
        up(driver.place.work / f"{name}-up", MANY, folder)
        for file, size in sizes.items():
            witness.expect(f"{folder}/{file}", content(file, size))
    folder = witness.make_folder(f"{name}-down")
    for file, size in sizes.items():
        witness.put(f"{folder}/{file}", content(file, size))
    target = driver.place.work / f"{name}-down"
    target.mkdir()
    down(folder, MANY, target)
    for file, size in sizes.items():
        expect_local(target / file, content(file, size))


def many(driver, witness):
    _several(driver, witness, "many", getattr(driver, "put_many", None), driver.get_many)


def parallel(driver, witness):
    _several(driver, witness, "parallel", getattr(driver, "put_parallel", None), driver.get_parallel)


# Heading -> what a driver needs, and the function above.
CELLS = {
    "put": ("put", put),
    "get": ("get", get),
    "list": ("list", list_folder),
    "rename": ("rename", rename),
    "resume up": ("resume_put", resume_put),
    "resume down": ("resume_get", resume_get),
    "delete": ("delete", delete),
    "several": ("get_many", many),
    "parallel": ("get_parallel", parallel),
}
