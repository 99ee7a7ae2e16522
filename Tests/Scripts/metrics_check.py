"""Reads a server's metrics with the parser of prometheus_client and prints them, one sample a line; also tries what must be refused.

Usage: metrics_check.py PORT
"""
import http.client
import socket
import sys
import time

from prometheus_client.parser import text_string_to_metric_families

port = int(sys.argv[1])


def ask(method, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def raw(request):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for part in request:
            connection.sendall(part)
        answer = b""
        while data := connection.recv(65536):
            answer += data
    return answer.split(b"\r\n", 1)[0].decode()


response, body = ask("GET", "/metrics")
assert response.status == 200, response.status
assert response.getheader("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
assert response.getheader("Content-Length") == str(len(body))
text = body.decode("ascii")
assert text.endswith("\n")
for family in text_string_to_metric_families(text):
    assert family.documentation and family.type in ("counter", "gauge", "histogram"), family
    if family.type == "histogram":
        buckets = [sample for sample in family.samples if sample.name.endswith("_bucket")]
        assert buckets[-1].labels["le"] == "+Inf"
        assert [bucket.value for bucket in buckets] == sorted(bucket.value for bucket in buckets)
        assert buckets[-1].value == next(sample.value for sample in family.samples if sample.name.endswith("_count"))
    for sample in family.samples:
        labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
        print(f"{sample.name}{{{labels}}} {sample.value:g}")
head, nothing = ask("HEAD", "/metrics")
assert (head.status, nothing) == (200, b"")
assert ask("GET", "/")[0].status == 404
assert ask("GET", "/metrics/../../etc/passwd")[0].status == 404
assert ask("POST", "/metrics")[0].status == 405
assert raw([b"nonsense\r\n\r\n"]) == "HTTP/1.1 400 Bad Request"
assert raw([b"GET /metrics HT", b"TP/1.1\r\nHost: a\r", b"\n\r\n"]) == "HTTP/1.1 200 OK"
assert raw([b"GET /metrics HTTP/1.1\r\nX: " + b"a" * 8192]) == "HTTP/1.1 431 Request Header Fields Too Large"
for hostile in (b"", b"\r\n\r\n", b"\0" * 100 + b"\r\n\r\n", b"GET  /metrics HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/9.9\r\n\r\n", b"GET /metrics\r\n\r\n",
                b"GET /\xff\xfe HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"A" * 8191 + b"\n\n"):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(hostile)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
        except ConnectionResetError:
            pass
        assert b" 200 " not in answer.split(b"\r\n", 1)[0], (hostile, answer[:80])
# A crowd that says nothing holds 16 places for at most five seconds; then whoever asks is answered again.
crowd = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(40)]
begin = time.monotonic()
while True:
    try:
        assert ask("GET", "/metrics")[0].status == 200
        break
    except (ConnectionError, http.client.HTTPException):
        assert time.monotonic() - begin < 15
        time.sleep(0.2)
for connection in crowd:
    connection.close()
