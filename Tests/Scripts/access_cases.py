"""Every command that touches names, given by owner, writer, reader and stranger, on a folder of each profile that clinics use.

The tables say what each of them is answered; a transfer's answer is its final one. Each function is one case.
"""
from case_runner import main
from raw_client import Client

# Per line: command, then the replies to the writer, to the reader, to the owner. A stranger is always told 550, as if nothing were there.
# In a gateway folder all of them share one view.
GATEWAY = """
CWD {f}                        250 250 250
MLST {f}                       250 250 250
MLST {f}/x                     250 250 250
SIZE {f}/x                     213 213 213
MDTM {f}/x                     213 213 213
STAT {f}                       213 213 213
LIST {f}                       226 226 226
NLST {f}                       226 226 226
MLSD {f}                       226 226 226
RETR {f}/x                     226 226 226
SITE PROOF {f}/x               211 211 211
SITE RECEIPT {f}/x             211 211 211
SITE POLICY {f}                211 211 211
SITE QUOTA {f}                 211 211 211
AVBL {f}                       213 213 213
STOR {f}/new                   226 550 226
APPE {f}/x                     226 550 226
STOU {f}/x                     226 550 226
MKD {f}/new                    257 550 257
MFMT 20260101000000 {f}/x      213 550 213
MDTM 20260101000000 {f}/x      213 550 213
MFF Modify=20260101000000; {f}/x 213 550 213
SITE UTIME 20260101000000 {f}/x 213 550 213
RNFR {f}/x + RNTO {f}/y        250 503 250
DELE {f}/x                     250 550 250
RMD {f}/d                      250 550 250
RMDA {f}/d                     250 550 250
RMD {f}                        550 550 550
RMDA {f}                       550 550 550
DELE {f}                       550 550 550
RNFR {f} + RNTO /exchange/z    503 503 503
MKD /exchange/z                550 550 550
"""

# A sealed inbox has no readers; its owner finds what arrives under /records and may send to himself.
SEALED = """
CWD {f}                        250
MLST {f}/x                     250
SIZE {f}/x                     213
MDTM {f}/x                     213
LIST {f}                       226
MLSD {f}                       226
RETR {f}/x                     550
RETR {f}/x.phr                 226
SITE PROOF {f}/x               211
SITE RECEIPT {f}/x             211
SITE POLICY {f}                211
SITE QUOTA {f}                 211
AVBL {f}                       213
STOR {f}/new                   226
APPE {f}/x                     226
STOU {f}/x                     226
MKD {f}/new                    257
MFMT 20260101000000 {f}/x      213
MDTM 20260101000000 {f}/x      213
SITE UTIME 20260101000000 {f}/x 213
RNFR {f}/x + RNTO {f}/y        250
DELE {f}/x                     250
RMD {f}/d                      250
RMDA {f}/d                     250
RMD {f}                        550
RNFR {f} + RNTO /inbox/z       503
"""

TRANSFERS = {"LIST", "NLST", "MLSD", "RETR", "STOR", "APPE", "STOU"}


def answer(client, line):
    """The code that a command ends with; of a pair, the second's."""
    for part in line.split(" + "):
        verb = part.split()[0]
        port = client.passive() if verb in TRANSFERS else None
        code, _ = client.command(part)
        if code == 150:
            connection = client.connect_data(port)
            if verb in ("STOR", "APPE", "STOU"):
                connection.send(b"content")
            else:
                connection.receive()
            connection.finish()
            code, _ = client.reply()
    return code


def rows(table, folder):
    """Each command with its codes, which stand at the end of its line."""
    for row in table.strip().splitlines():
        words = row.replace("{f}", folder).split()
        codes = [int(words.pop()) for _ in row.split() if len(words[-1]) == 3 and words[-1].isdigit()]
        yield " ".join(words), codes[::-1]


def prepare(client, folder):
    """The folder holds x and the folder d and nothing else."""
    for name, facts in client.names(folder).items():
        client.expect(f"{'RMDA' if facts['type'] == 'dir' else 'DELE'} {folder}/{name}", 250)
    client.put(f"{folder}/x", b"content")
    client.expect(f"MKD {folder}/d", 257)


def check(site, table, folder, writer, others):
    """`others`: who gives the command, for each further column; a stranger gets none of it."""
    wrong = []
    with Client(site) as preparing:
        preparing.login(writer)
        for line, codes in rows(table, folder):
            for person, code in zip([writer, *others, "mallory"], [*codes, None]):
                prepare(preparing, folder)
                before = preparing.names(folder).keys()
                with Client(site) as client:
                    client.login(person)
                    got = answer(client, line)
                expected = code or (503 if "+" in line else 550)
                if got != expected:
                    wrong.append(f"{person}: {line}: {got}, not {expected}")
                if expected >= 500 and preparing.names(folder).keys() != before:
                    wrong.append(f"{person}: {line}: was refused and changed the folder")
    assert not wrong, "\n".join(wrong)


def a_gateway_folder_gives_each_what_is_his(site):
    check(site, GATEWAY, "/exchange/lab", "stmary", ["labsys", "bob"])


def a_sealed_inbox_gives_each_what_is_his(site):
    check(site, SEALED, "/inbox/alice", "stmary", [])


if __name__ == "__main__":
    main(globals())
