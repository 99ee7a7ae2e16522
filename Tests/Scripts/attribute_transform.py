"""The transform of docs/formats/attribute-keys.md §5.2, and what all suites compute alike."""

import hashlib
import itertools

from attribute_groups import hash_to_scalar, hkdf, scalar

COINS = b"PHR-V1-COINS-BLS12381_XMD:SHA-256"


class Transform:
    """§5.2"""

    def __init__(self, preamble, data):
        sized = [len(part).to_bytes(4, "big") + part for part in (preamble, data)]
        self.context = hashlib.sha256(b"phr/v1/abe-context" + b"".join(sized)).digest()

    def derive(self, message):
        output = hkdf(message, self.context, b"phr/v1/abe-fo", 96)
        return output[:32], output[32:64], output[64:]

    def masked(self, data, secret):
        mask = hkdf(secret.serialize(), self.context, b"phr/v1/abe-mask", 32)
        return bytes(a ^ b for a, b in zip(data, mask, strict=True))


def drawing(coins):
    counter = itertools.count()
    return lambda: hash_to_scalar(coins + next(counter).to_bytes(4, "big"), COINS)


def weighted(points):
    """Σ weight·point"""
    sums = [point * scalar(weight) for weight, point in points]
    total = sums[0]
    for point in sums[1:]:
        total = total + point
    return total
