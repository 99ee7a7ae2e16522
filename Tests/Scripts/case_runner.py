"""Runs one named case of a script against a running site; the exit code tells how it went."""
import argparse
import pathlib
import sys
import traceback


class Site:
    def __init__(self, arguments):
        self.host, port = arguments.address.rsplit(":", 1)
        self.port = int(port)
        self.authority = arguments.authority
        self.secrets = pathlib.Path(arguments.secrets)

    def password(self, user):
        return (self.secrets / f"{user}.password").read_text()


def main(cases):
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("--address", required=True)
    parser.add_argument("--authority", required=True)
    parser.add_argument("--secrets", required=True)
    arguments = parser.parse_args()
    try:
        cases[arguments.case](Site(arguments))
    except Exception:
        traceback.print_exc()
        sys.exit(1)
