"""STOU into /exchange/unique, which takes *.hl7 and *.txt with at most 12 bytes."""
from case_runner import main
from raw_client import Client


def stores(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect("CWD /exchange/unique", 250)
        for argument, expected in [(" x.hl7", "x.1.hl7"), (" x.hl7", "x.2.hl7"), ("", "record.1.hl7"), (" x.txt", "x.1.txt"), (" envelope.hl7", None), (" x.exe", None)]:
            port = client.passive()
            if expected is None:
                client.expect(f"STOU{argument}", 553)
                continue
            answer = client.expect(f"STOU{argument}", 150)
            assert answer.endswith(f"FILE: {expected}"), answer
            connection = client.connect_data(port)
            connection.send(b"unique")
            connection.finish()
            client.expect_reply(226)
            assert expected in client.names()
            assert client.get(expected) == b"unique"


if __name__ == "__main__":
    main(globals())
