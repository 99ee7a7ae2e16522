"""A session that lives through a change of the certificate; a new one sees the new certificate.

reload_check.py ADDRESS AUTHORITY PASSWORD READY DONE: makes the file READY once the session is there, and waits for the file DONE.
"""
import hashlib
import pathlib
import sys
import types

from raw_client import Client, wait_until

address, authority, password, ready, done = sys.argv[1:]
host, port = address.rsplit(":", 1)
site = types.SimpleNamespace(host=host, port=int(port), authority=authority)


def shown(connection):
    return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()


old = Client(site)
old.login("stmary", password)
before = shown(old.socket)
old.put("/inbox/alice/before-reload.bin", b"x" * 1000)
pathlib.Path(ready).touch()
wait_until(pathlib.Path(done).exists, 30)
data = old.open("STOR /inbox/alice/after-reload.bin")
assert shown(data.tls) == before
data.send(b"y" * 1000)
data.finish()
old.expect_reply(226)
with Client(site) as new:
    assert shown(new.socket) != before
    new.login("stmary", password)
    new.put("/inbox/alice/new-session.bin", b"z" * 1000)
old.expect("NOOP", 200)
