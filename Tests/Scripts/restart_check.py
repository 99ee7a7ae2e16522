"""Connects again and again while a server is replaced: nobody may be refused, and a transfer that runs goes on to its end.

restart_check.py ADDRESS AUTHORITY PASSWORD READY DONE: makes the file READY once an upload is under way, and ends after the file DONE appears.
"""
import pathlib
import socket
import sys
import threading
import time
import types

from raw_client import Client

address, authority, password, ready, done = sys.argv[1:]
host, port = address.rsplit(":", 1)
site = types.SimpleNamespace(host=host, port=int(port), authority=authority)
greeted, failures = [], []
end = threading.Event()


def knock():
    while not end.is_set():
        start = time.monotonic()
        try:
            with socket.create_connection((host, int(port)), timeout=30) as connection:
                connection.settimeout(30)
                code = connection.recv(4096)[:3]
                if code != b"220":
                    failures.append(repr(code))
                connection.sendall(b"QUIT\r\n")
                greeted.append(time.monotonic() - start)
        except OSError as error:
            failures.append(repr(error))
        time.sleep(0.005)


client = Client(site)
client.login("stmary", password)
upload = client.open("STOR /inbox/alice/across-the-restart.bin")
upload.send(b"a" * 100_000)
threads = [threading.Thread(target=knock) for _ in range(4)]
for thread in threads:
    thread.start()
time.sleep(0.5)
pathlib.Path(ready).touch()
time.sleep(1.5)
upload.send(b"b" * 100_000)
upload.finish()
client.expect_reply(226)
limit = time.monotonic() + 60
while not pathlib.Path(done).exists():
    assert time.monotonic() < limit, "the new server does not come"
    time.sleep(0.02)
time.sleep(0.5)
end.set()
for thread in threads:
    thread.join()
print(f"{len(greeted)} connections greeted, the slowest after {max(greeted):.2f} s, {len(failures)} failed")
with Client(site) as after:
    after.login("stmary", password)
    assert after.size("/inbox/alice/across-the-restart.bin") == 200_000
assert not failures, failures[:5]
