"""Plays systemd: holds the listening sockets, starts phrd with them, listens to what it tells, restarts it.

service_manager_check.py PHRD CONFIGURATION AUTHORITY
"""
import fcntl
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

phrd, configuration, authority = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(folder.name + "/notify")
# As the service manager's own: whoever it starts may tell it something.
os.chmod(folder.name, 0o711)
os.chmod(folder.name + "/notify", 0o666)
notify.settimeout(30)
listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
explicit, implicit = [listener.getsockname() for listener in listeners]


def start(names="explicit:implicit"):
    # Out of the way of 3 and 4, where the service expects them.
    high = [fcntl.fcntl(listener, fcntl.F_DUPFD, 100) for listener in listeners]
    script = 'exec 3<&"$1" 4<&"$2"; shift 2; export LISTEN_PID=$$ WATCHDOG_PID=$$; exec "$@"'
    environment = dict(os.environ, LISTEN_FDS="2", LISTEN_FDNAMES=names, NOTIFY_SOCKET=folder.name + "/notify", WATCHDOG_USEC="400000")
    process = subprocess.Popen(
        ["bash", "-c", script, "start", *map(str, high), phrd, "serve", "--config", configuration], env=environment, pass_fds=high, stdout=subprocess.DEVNULL)
    for descriptor in high:
        os.close(descriptor)
    return process


def expect(word, seconds=30):
    """Waits for a notification that holds a line, and gives back all of it."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        message = notify.recv(4096).decode()
        if word in message.split("\n"):
            return message
    raise AssertionError(f"no {word}")


def greeting(connection):
    connection.settimeout(30)
    line = connection.recv(4096)
    assert line.startswith(b"220"), line


def stop(process):
    process.send_signal(signal.SIGTERM)
    expect("STOPPING=1")
    assert process.wait(30) == 0, process.returncode


server = start()
try:
    message = expect("READY=1")
    assert f"explicit 127.0.0.1:{explicit[1]} implicit 127.0.0.1:{implicit[1]}" in message, message
    with socket.create_connection(explicit) as connection:
        greeting(connection)
    context = ssl.create_default_context(cafile=authority)
    with context.wrap_socket(socket.create_connection(implicit), server_hostname="127.0.0.1") as connection:
        greeting(connection)
    for _ in range(3):
        expect("WATCHDOG=1", 5)
    server.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in expect("RELOADING=1")
    expect("READY=1")
    stop(server)
    # The sockets are still there: whoever comes now waits.
    waiting = [socket.create_connection(explicit) for _ in range(20)]
    server = start()
    for connection in waiting:
        greeting(connection)
        connection.close()
    expect("READY=1")
    stop(server)
    server = start(names="explicit:phrd.socket")
    assert server.wait(30) == 69, server.returncode
finally:
    if server.poll() is None:
        server.kill()
        server.wait()
