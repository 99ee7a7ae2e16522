"""Drives the clients of the field against a running site: every client, with TLS 1.2 and 1.3, explicit and implicit.

    python3 Tests/Scripts/client_matrix CLIENT --tls 1.3 --explicit HOST:PORT --implicit HOST:PORT --authority ca.pem --secrets DIR --log FILE
    python3 Tests/Scripts/client_matrix --markdown

The first prints a line for each thing the client was asked to do and ends with 1 when one failed or the client is missing. The site has
/exchange/matrix, a gateway folder that the accounts stmary and oldsys may write; FILE is the server's log, which tells the TLS version.
The second prints the tables of docs/interoperability.md: what each client is asked to do, and what it needs for that.
"""
import argparse
import pathlib
import re
import sys
import tempfile
import time
import traceback
import types

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

import clients
from cells import CELLS, Witness
from driver import Place


def server_versions(log, offset):
    """The TLS versions with which logins succeeded since then."""
    with open(log, "rb") as lines:
        lines.seek(offset)
        return {match[1].decode() for match in re.finditer(rb"tls\.version=TLSv(1\.\d).*logged in", lines.read())}


def run_cell(cell, driver, witness):
    started = time.monotonic()
    try:
        cell(driver, witness)
        return True, f"{time.monotonic() - started:.2f} s"
    except Exception:
        return False, traceback.format_exc()


def run_mode(kind, mode, arguments):
    """All cells of a client at one listener; how many failed."""
    host, port = getattr(arguments, mode).rsplit(":", 1)
    password = pathlib.Path(arguments.secrets, f"{kind.account}.password").read_text()
    explicit_host, explicit_port = arguments.explicit.rsplit(":", 1)
    site = types.SimpleNamespace(host=explicit_host, port=int(explicit_port), authority=arguments.authority)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="client-matrix-") as work:
        place = Place(host, int(port), mode == "implicit", arguments.tls, arguments.authority, kind.account, password, pathlib.Path(work))
        witness = Witness(site, kind.account, password, f"/exchange/matrix/{pathlib.Path(work).name}")
        offset = pathlib.Path(arguments.log).stat().st_size
        driver = kind(place)
        for heading, (method, cell) in CELLS.items():
            if driver.can(method):
                good, words = run_cell(cell, driver, witness)
                failures += not good
                print(f"{'ok' if good else 'FAILED'}\t{kind.name}\tTLS {arguments.tls}\t{mode}\t{heading}\t{words}", flush=True)
        driver.close()
        seen = server_versions(arguments.log, offset)
        if seen != {arguments.tls}:
            failures += 1
            print(f"FAILED\t{kind.name}\tTLS {arguments.tls}\t{mode}\tthe server saw TLS {sorted(seen)}", flush=True)
    return failures


def markdown(kinds):
    lines = ["| client | from | " + " | ".join(CELLS) + " |", "| --- | --- |" + " --- |" * len(CELLS)]
    for kind in kinds:
        cells = ["yes" if kind.can(method) else "–" for method, _ in CELLS.values()]
        only = "" if len(kind.modes) == 2 else f" ({kind.modes[0]} TLS only)"
        lines.append(f"| {kind.name}{only} | {kind.source} | " + " | ".join(cells) + " |")
    lines += ["", "| client | settings |", "| --- | --- |"]
    lines += [f"| {kind.name} | {kind.settings} |" for kind in kinds]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("client", nargs="?", choices=[kind.name for kind in clients.ALL])
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--tls", choices=["1.2", "1.3"])
    for name in ["explicit", "implicit", "authority", "secrets", "log"]:
        parser.add_argument(f"--{name}")
    arguments = parser.parse_args()
    if arguments.markdown:
        print(markdown(clients.ALL))
        return
    if not (arguments.client and arguments.tls and arguments.explicit and arguments.implicit and arguments.authority and arguments.secrets and arguments.log):
        parser.error("CLIENT, --tls, --explicit, --implicit, --authority, --secrets and --log belong together")
    kind = next(kind for kind in clients.ALL if kind.name == arguments.client)
    sys.exit(1 if sum(run_mode(kind, mode, arguments) for mode in kind.modes) else 0)


main()
