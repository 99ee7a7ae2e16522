"""MLSD listings by chance, the same for each seed: proper ones, hostile ones that a client must refuse, and ones with damaged bytes."""
import random

HOSTILE = [
    b"type=file;size=1; ../evil", b"type=file; /etc/passwd", b"type=dir; a/b", b"type=dir; ..x/../y", b"type=file; nul\0x", b"type=file; esc\x1b[2J",
    b"type=file; \xff\xfe", b"type=file; \xc0\xae\xc0\xae", b"size=1; untyped", b"type=file;size=-1; a", b"type=file;size=99999999999999999999; a", b"nonsense",
    b"", b"type=file;modify=tomorrow; a", b"type=file; " + b"x" * 9000, b"type=file; " + b"y" * 300, b"type=file; a\rb", b"type=file;",
]
LETTERS = "abcXYZ0189 _-+=;,()é日本🩺ß"
FACTS = ["Size={n}", "modify=20260{m}01120000", "MODIFY=20261{m}28235959.125", "perm=adfrw", "unique=u{n}", "UNIX.mode=0644", "x.unknown=y", "media-type=text/plain"]


class ChanceListings:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def line(self, number):
        chance = self.random
        facts = [f"{chance.choice(['type', 'Type', 'TYPE'])}={chance.choice(['file', 'FILE', 'file', 'dir'])}"]
        chosen = {fact.split("=")[0].lower(): fact for fact in chance.sample(FACTS, chance.randint(0, 4))}
        facts += [fact.format(n=chance.randint(0, 2**40), m=chance.randint(1, 2)) for fact in chosen.values()]
        chance.shuffle(facts)
        name = "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, 20)))
        return f"{''.join(fact + ';' for fact in facts)} n{name}.{number}".encode()

    def next(self):
        """The bytes, what kind they are, and how many entries a proper one has."""
        chance = self.random
        lines = [self.line(number) for number in range(chance.choice([0, 1, 3, 50, 400]))]
        count = len(lines)
        for extra in [b"type=cdir; .", b"type=pdir; ..", b"type=OS.unix=slink:/etc; link"]:
            if chance.random() < 0.3:
                lines.insert(chance.randint(0, len(lines)), extra)
        kind = chance.choice(["proper", "hostile", "damaged"])
        if kind == "hostile":
            doubled = [line for line in lines if line.split()[0].lower().count(b"type=file")]
            line = chance.choice(doubled) if doubled and chance.random() < 0.1 else chance.choice(HOSTILE)
            lines.insert(chance.randint(0, len(lines)), line)
        data = b"".join(line + b"\r\n" for line in lines)
        if kind == "damaged":
            data = bytearray(data or b"x")
            for _ in range(chance.randint(1, 4)):
                place = chance.randrange(len(data))
                how = chance.randint(0, 3)
                if how == 0:
                    data[place] = chance.randrange(256)
                elif how == 1:
                    data[place:place] = chance.randbytes(chance.randint(1, 30))
                elif how == 2 and len(data) > 1:
                    del data[place:place + chance.randint(1, 30)]
                    data = data or bytearray(b"x")
                else:
                    data += data[place:place + 200]
        return bytes(data), kind, count
