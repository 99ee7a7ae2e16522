#!/usr/bin/env python3
"""Uploads over several connections until the server goes away. Prints, for each file, what the server was told and said:

    began NAME
    whole NAME SIZE SHA256     everything is sent, the reply has not come yet
    stored NAME SIZE SHA256    226 came
"""
import argparse
import hashlib
import os
import pathlib
import threading

from raw_client import Client

SIZES = [0, 1, 2048, 65_536, 100_000, 400_000]


class Site:
    def __init__(self, arguments):
        self.host, port = arguments.address.rsplit(":", 1)
        self.port = int(port)
        self.authority = arguments.authority
        self.secrets = pathlib.Path(arguments.secrets)

    def password(self, user):
        return (self.secrets / f"{user}.password").read_text()


def say(*words):
    # One write a line: lines of several threads must not mix, and none may wait in a buffer.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def upload(site, prefix, number):
    try:
        with Client(site) as client:
            client.login("stmary")
            for count in range(100_000):
                name = f"{prefix}-{number}-{count}"
                content = os.urandom(SIZES[count % len(SIZES)])
                facts = len(content), hashlib.sha256(content).hexdigest()
                say("began", name)
                connection = client.open(f"STOR /inbox/alice/{name}")
                connection.send(content)
                say("whole", name, *facts)
                connection.finish()
                if client.reply()[0] == 226:
                    say("stored", name, *facts)
    except Exception as error:  # the server is expected to go away at any point
        say("ended", number, type(error).__name__)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--authority", required=True)
    parser.add_argument("--secrets", required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("--connections", type=int, default=8)
    arguments = parser.parse_args()
    site = Site(arguments)
    threads = [threading.Thread(target=upload, args=(site, arguments.prefix, number)) for number in range(arguments.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
