"""A folder with 100,000 entries: every listing is whole, and its first line comes early. Each function is one case."""
import json
import time

from case_runner import main
from raw_client import Client

FOLDER = "/inbox/alice/large"
COUNT = 100_000


def makes_the_folder(site):
    """Another program fills it."""
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"MKD {FOLDER}", 257)


def lists_it_whole(site):
    """Prints seconds to the first byte and to the end."""
    expected = {f"{number:06}.hl7" for number in range(COUNT)}
    figures = {}
    with Client(site) as client:
        client.login("stmary")
        for verb in ["MLSD", "LIST", "NLST"]:
            begin = time.monotonic()
            connection = client.open(f"{verb} {FOLDER}")
            parts = [connection.tls.recv(65536)]
            first = time.monotonic() - begin
            while part := connection.tls.recv(65536):
                parts.append(part)
            connection.finish()
            client.expect_reply(226)
            whole = time.monotonic() - begin
            lines = b"".join(parts).decode().split("\r\n")
            assert lines.pop() == "", f"{verb} ends within a line"
            names = [line.rsplit(" ", 1)[-1] for line in lines]
            names = [name for name in names if name not in (".", "..")]
            assert len(names) == COUNT and set(names) == expected, f"{verb}: {len(names)} names"
            assert first < whole / 3, f"{verb}: the first line came after {first:.3f} of {whole:.3f} s"
            figures[verb] = {"first": round(first, 4), "whole": round(whole, 2)}
        client.expect(f"MLST {FOLDER}/{COUNT - 1:06}.hl7", 250)
        client.expect(f"SIZE {FOLDER}/000000.hl7", 213)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(globals())
