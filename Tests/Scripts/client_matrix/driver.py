"""What every driver of a client has: the place it works at, and the names of the things that a client may be able to do."""
import dataclasses
import os
import pathlib
import subprocess

LIMIT_SECONDS = 40


class Failed(Exception):
    """The client said that it failed."""


@dataclasses.dataclass
class Place:
    """One account at one listener with one TLS version, and a local folder to work in."""

    host: str
    port: int
    implicit: bool
    tls: str
    authority: str
    user: str
    password: str
    work: pathlib.Path

    def url(self, path, scheme=None):
        return f"{scheme or ('ftps' if self.implicit else 'ftp')}://{self.host}:{self.port}{path}"

    def write(self, name, text):
        """A private file, for what must not stand on a command line."""
        path = self.work / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def run(self, *words, input=b"", environment=None):
        """Runs a program to its end; its standard output. An exit code that is not 0 is a failure."""
        result = subprocess.run(
            [str(word) for word in words], input=input, capture_output=True, timeout=LIMIT_SECONDS, env={**os.environ, "HOME": str(self.work), **(environment or {})}
        )
        if result.returncode != 0:
            raise Failed(f"{words[0]} ended with {result.returncode}\n{result.stdout.decode(errors='replace')[-2000:]}\n{result.stderr.decode(errors='replace')[-2000:]}")
        return result.stdout


class Driver:
    """A client. It can do what it has a method for (None takes an inherited one away); a method returns when the client says that it succeeded, and raises otherwise.

    put(local, remote)            get(remote, local)           put_stream(bytes, remote): of a length that is not known before
    list(folder) -> names         rename(old, new)             delete(remote)
    resume_put(local, remote)     resume_get(remote, local)    the missing rest of a file whose beginning is there
    put_many(local folder, names, remote folder)               get_many(remote folder, names, local folder): in one run, or one session
    put_parallel, get_parallel    the same, over several connections at once
    """

    name = ""
    # Where it comes from, and what a user sets for explicit FTPS; `docs/interoperability.md` shows both.
    source = ""
    settings = ""
    # An account that must resume TLS sessions (stmary), or one that is exempt from it (oldsys).
    account = "stmary"
    modes = ("explicit", "implicit")

    def __init__(self, place):
        self.place = place

    @classmethod
    def can(cls, method):
        return getattr(cls, method, None) is not None

    def close(self):
        pass
