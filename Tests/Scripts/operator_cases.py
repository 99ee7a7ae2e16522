"""What the client of a session sees that the operator ends. Each function is one case; somebody kicks bob meanwhile."""
import time

from case_runner import main
from raw_client import Client


def hears_why_its_upload_was_cut_off(site):
    with Client(site) as client:
        client.login("bob")
        connection = client.open("STOR /inbox/alice/cut-by-the-operator")
        deadline = time.monotonic() + 30
        try:
            while time.monotonic() < deadline:
                connection.send(b"x" * 1000)
                time.sleep(0.01)
            raise AssertionError("nobody ended the session")
        except OSError:
            pass
        assert "resumed" in client.expect_reply(426)
        assert "The operator ended this session" in client.expect_reply(421)
        client.expect_close()
    with Client(site) as client:
        client.login("bob")
        assert "cut-by-the-operator" not in client.names("/inbox/alice")


if __name__ == "__main__":
    main(globals())
