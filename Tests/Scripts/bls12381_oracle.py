#!/usr/bin/env python3
"""What other libraries make of BLS12-381: random cases from them, and their verdict on cases of ours.

    bls12381_oracle.py cases SEED    prints random cases, one JSON object a line, with their results
    bls12381_oracle.py check         reads cases with results from standard input and computes each anew

A case has an "op", the key of OPERATIONS in bls12381_operations.py, its inputs (bytes in hexadecimal, points compressed as in
the IETF draft) and a "result". A refused input has the result null; "reason" then says why: encoding, curve or group. Elements
of GT are written as mcl and arkworks write them.
"""

import json
import sys
from collections import Counter

from bls12381_cases import Cases
from bls12381_operations import solve


def check(lines):
    """Prints how many cases of each operation are right; the first wrong one ends the program."""
    counts = Counter()
    for line in lines:
        case = json.loads(line)
        expected = solve(case)
        if {"result": case.get("result"), "reason": case.get("reason")} != {"reason": None} | expected:
            sys.exit(f"wrong: {line.strip()}: expected {expected}")
        counts[case["op"]] += 1
    print(json.dumps(counts))


def main():
    match sys.argv[1:]:
        case ["cases", seed]:
            for case in Cases(seed).all():
                print(json.dumps(case | solve(case)))
        case ["check"]:
            check(sys.stdin)
        case _:
            sys.exit(__doc__)


main()
