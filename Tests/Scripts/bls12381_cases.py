"""Random cases of BLS12-381, edges among them, without their results: bls12381_oracle.py adds those."""

import random

from bls12381_operations import FQ12, GROUPS, GT, P, R, X, ark_scalar, attempt, gt_bytes, long, short


class Cases:
    """The source of random cases: each method gives the inputs of one."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def data(self, least, most):
        return self.random.randbytes(self.random.randint(least, most))

    def scalar(self):
        edges = [0, 1, 2, R - 1, R - 2, X, R - X, X * X, X * X - 1, (R + 1) // 2, 2**64 - 1, 2**128 - 1, 2**254]
        return self.random.choice(edges) if self.random.random() < 0.15 else self.random.randrange(R)

    def scalars(self, count):
        return [f"{self.scalar():064x}" for _ in range(count)]

    def point(self, name):
        group = GROUPS[name]
        number = self.random.choice([0, 1, R - 1]) if self.random.random() < 0.08 else self.random.randrange(R)
        return group.ark() * ark_scalar(number)

    def points(self, name, count):
        return [short(self.point(name)).hex() for _ in range(count)]

    def add(self, name):
        points = self.points(name, 2)
        if self.random.random() < 0.15:
            # Doubling, and the sum that is infinity.
            point = self.point(name)
            points = [short(point).hex(), short(self.random.choice([point, -point])).hex()]
        return {"group": name, "points": points}

    def multiple(self, name):
        return {"group": name, "points": self.points(name, 1), "scalars": self.scalars(1)}

    def sum(self, name):
        count = self.random.choice([2, 3, 5, 8, 17, 40])
        points = self.points(name, count)
        if self.random.random() < 0.3:
            points[-1] = points[0]
        return {"group": name, "points": points, "scalars": self.scalars(count)}

    def coordinate(self, name):
        """A random coordinate: of a point of the curve in half of the cases, nearly never of the subgroup."""
        return b"".join(self.random.randrange(P).to_bytes(48, "big") for _ in range(GROUPS[name].size // 48))

    def spoilt(self, data):
        """One bit or the flags changed, a coordinate p or more, or another length; or as it was."""
        data, way = bytearray(data), self.random.randrange(6)
        if way == 0:
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
        elif way == 1:
            data[0] = data[0] & 0x1F | self.random.randrange(8) << 5
        elif way == 2:
            place = 48 * self.random.randrange(len(data) // 48)
            data[place : place + 48] = (P + self.random.choice([0, 1, 2**64])).to_bytes(48, "big")
            data[0] |= self.random.choice([0, 0x80, 0xA0])
        elif way == 3:
            data = data[:-1] if self.random.random() < 0.5 else data + b"\0"
        return bytes(data)

    def decode(self, name):
        if self.random.random() < 0.5:
            data = bytearray(self.coordinate(name))
            data[0] |= self.random.choice([0x80, 0xA0])
            return {"group": name, "bytes": data.hex()}
        return {"group": name, "bytes": self.spoilt(short(self.point(name))).hex()}

    def decode_long(self, name):
        group, way = GROUPS[name], self.random.randrange(4)
        if way == 0:
            return {"group": name, "bytes": (self.coordinate(name) + self.coordinate(name)).hex()}
        if way == 1:
            # On the curve and outside of the subgroup.
            while True:
                data = bytearray(self.coordinate(name))
                data[0] |= 0x80
                point = attempt(group.ark.from_compressed_bytes_unchecked, bytes(data))
                if point is not None:
                    return {"group": name, "bytes": long(group, point).hex()}
        return {"group": name, "bytes": self.spoilt(long(group, self.point(name))).hex()}

    def message(self, name=None):
        domain = self.data(1, 255) if self.random.random() < 0.9 else self.data(256, 600)
        return {"group": name, "message": self.data(0, 300).hex(), "domain": domain.hex()}

    def expand(self):
        return self.message() | {"count": self.random.choice([1, 31, 32, 33, 64, 255, 8160, self.random.randrange(1, 8000)])}

    def map(self, name):
        data = self.coordinate(name)
        if self.random.random() < 0.1:
            data = data[:-48] + (P + self.random.randrange(2**380)).to_bytes(48, "big")
        elif self.random.random() < 0.1:
            data = data[:-48] + self.random.choice([0, 1, P - 1]).to_bytes(48, "big")
        return {"group": name, "bytes": data.hex()}

    def pairing(self, count=None):
        count = self.random.choice([0, 2, 3, 4, 6, 7]) if count is None else count
        return {"points": self.points("g1", count), "others": self.points("g2", count)}

    def gt(self):
        """An element, or one with a changed bit, of the cyclotomic subgroup alone, of no subgroup, or not canonical."""
        data = bytearray(bytes.fromhex(str(GT.pairing(self.point("g1"), self.point("g2")))))
        way = self.random.randrange(6)
        if way == 0:
            data[self.random.randrange(576)] ^= 1 << self.random.randrange(8)
        elif way == 1:
            value = FQ12([self.random.randrange(P) for _ in range(12)])
            # The power p^6 - 1, where p^6 sends w to -w; then p^2 + 1.
            value = FQ12([int(c) * (-1) ** i for i, c in enumerate(value.coeffs)]) * value.inv()
            data = gt_bytes(value ** (P * P) * value)
        elif way == 2:
            data = gt_bytes(FQ12([self.random.randrange(P) for _ in range(12)]))
        elif way == 3:
            place = 48 * self.random.randrange(12)
            number = int.from_bytes(data[place : place + 48], "little")
            data[place : place + 48] = (number + P).to_bytes(48, "little")
        elif way == 4:
            data = self.random.choice([bytes(576), b"\1" + bytes(575), bytes(data[:-1]), bytes(data) + b"\0"])
        return {"bytes": bytes(data).hex()}

    def all(self):
        for name in GROUPS:
            for op, method, count in [
                ("add", self.add, 150),
                ("sum", self.multiple, 150),
                ("sum", self.sum, 40),
                ("decode", self.decode, 200),
                ("decodeLong", self.decode_long, 150),
                ("hash", self.message, 100),
                ("encode", self.message, 60),
                ("map", self.map, 60),
            ]:
                for _ in range(count):
                    yield {"op": op} | method(name)
        for _ in range(150):
            yield {"op": "expand"} | self.expand()
            yield {"op": "scalar", "scalars": self.scalars(2)}
            yield {"op": "reduce", "bytes": self.data(0, 64).hex()}
        for _ in range(80):
            yield {"op": "pairing"} | self.pairing(1)
            yield {"op": "power"} | self.pairing(1) | {"scalars": self.scalars(1)}
        for _ in range(30):
            yield {"op": "pairing"} | self.pairing()
            yield {"op": "gt"} | self.gt()
