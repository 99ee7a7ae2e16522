"""What integration engines and common clients do on the wire, command by command. Each function is one case."""
import hashlib
import pathlib
import re
import socket
import threading
import time

from case_runner import main
from raw_client import Client

RECORDS = pathlib.Path(__file__).resolve().parent.parent / "Records"
FOLDER = "/inbox/alice"
GATEWAY = "/exchange/lab"
MESSAGE = b"MSH|^~\\&|LAB|ST MARY|EHR|ST MARY|20260101120000||ORU^R01|1|P|2.5\rPID|1||123\rOBX|1|NM|GLU||5.4\r"


def record(name):
    return next(RECORDS.rglob(name)).read_bytes()


def digest(data):
    return hashlib.sha256(data).hexdigest()


def expect_content(client, path, data):
    assert digest(data) in client.expect(f"HASH {path}", 213).lower(), f"{path} is not what was sent"
    assert client.size(path) == len(data)


# NextGen Connect (Mirth)


def mirth_appends_twenty_messages_to_one_file(site):
    for folder in [FOLDER, GATEWAY]:
        with Client(site) as client:
            client.login("stmary")
            client.expect("TYPE A", 200)
            for number in range(20):
                client.put(f"{folder}/mirth-batch.hl7", MESSAGE.replace(b"|1|P", b"|%d|P" % number), command="APPE")
            whole = b"".join(MESSAGE.replace(b"|1|P", b"|%d|P" % number) for number in range(20))
            assert client.size(f"{folder}/mirth-batch.hl7") == len(whole)
            if folder == GATEWAY:
                assert client.get(f"{folder}/mirth-batch.hl7") == whole
            # Its test for existence: the listing of the whole path is one row.
            assert len(client.list(f"{folder}/mirth-batch.hl7", "LIST")) == 1


def mirth_publishes_with_a_temporary_name(site):
    with Client(site) as client:
        client.login("stmary")
        for content, deleted in [(b"first", 550), (b"second", 250)]:
            client.put(f"{FOLDER}/mirth.hl7.tmp", content)
            client.expect(f"CWD {FOLDER}", 250)
            client.expect("DELE mirth.hl7", deleted)
            client.expect("RNFR mirth.hl7.tmp", 350)
            client.expect("RNTO mirth.hl7", 250)
            expect_content(client, f"{FOLDER}/mirth.hl7", content)


def mirth_polls_reads_and_deletes(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"MKD {GATEWAY}/poll", 257)
        for number in range(3):
            client.put(f"{GATEWAY}/poll/in-{number}.hl7", MESSAGE)
        assert client.expect("SYST", 215).startswith("215 UNIX Type: L8")
        rows = client.list(f"{GATEWAY}/poll", "LIST")
        found = [re.fullmatch(r"-\S{9}\s+\d+\s+\S+\s+\S+\s+(\d+)\s+\w{3}\s+\d+\s+[\d:]+ (.+)", row).groups() for row in rows]
        assert sorted(found) == [(str(len(MESSAGE)), f"in-{number}.hl7") for number in range(3)], rows
        for _, name in found:
            assert client.get(f"{GATEWAY}/poll/{name}") == MESSAGE
            client.expect(f"DELE {GATEWAY}/poll/{name}", 250)
        assert client.list(f"{GATEWAY}/poll", "LIST") == []


# Rhapsody


def rhapsody_protects_data_after_login_and_is_called_back(site):
    client = Client(site)
    client.expect("USER stmary", 331)
    client.expect(f"PASS {site.password('stmary')}", 230)
    client.expect("PBSZ 0", 200)
    client.expect("PROT P", 200)
    client.expect("TYPE I", 200)
    with client, socket.create_server((site.host, 0)) as listener:
        listener.settimeout(10)
        port = listener.getsockname()[1]
        client.expect(f"PORT {site.host.replace('.', ',')},{port >> 8},{port & 255}", 200)
        client.expect(f"STOR {FOLDER}/rhapsody.hl7.tmp", 150)
        connection, _ = listener.accept()
        tls = client.context.wrap_socket(connection, server_hostname=site.host, session=client.socket.session)
        tls.sendall(MESSAGE)
        # Both sides end with close_notify.
        tls.unwrap()
        client.expect_reply(226)
        client.expect(f"RNFR {FOLDER}/rhapsody.hl7.tmp", 350)
        client.expect(f"RNTO {FOLDER}/rhapsody.hl7", 250)
        expect_content(client, f"{FOLDER}/rhapsody.hl7", MESSAGE)


def rhapsody_moves_what_it_has_read(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"MKD {GATEWAY}/results", 257)
        client.put(f"{GATEWAY}/results/r.hl7", MESSAGE)
        assert client.get(f"{GATEWAY}/results/r.hl7") == MESSAGE
        client.expect(f"MKD {GATEWAY}/done", 257)
        client.expect(f"MKD {GATEWAY}/done/2026", 257)
        client.expect(f"CWD {GATEWAY}/results", 250)
        client.expect("RNFR r.hl7", 350)
        client.expect("RNTO ../done/2026/r.hl7.done", 250)
        assert client.names(f"{GATEWAY}/results") == {} and "r.hl7.done" in client.names(f"{GATEWAY}/done/2026")


def rhapsody_lets_the_server_choose_a_name(site):
    with Client(site) as client:
        client.login("stmary")
        client.expect(f"CWD {FOLDER}", 250)
        names = set()
        for number in range(3):
            port = client.passive()
            answer = client.expect("STOU", 150)
            connection = client.connect_data(port)
            connection.send(b"%d" % number)
            connection.finish()
            client.expect_reply(226)
            names.add(answer.split("FILE: ")[1].strip())
        assert len(names) == 3 and names <= client.names(FOLDER).keys()


# Others


def fluentftp_keeps_the_time_and_verifies(site):
    with Client(site) as client:
        client.login("stmary")
        for number in range(5):
            path, data = f"{FOLDER}/fluent-{number}.pdf", MESSAGE * (number * 100 + 1)
            client.put(path, data)
            client.expect(f"MFMT 2025010203040{number} {path}", 213)
            assert client.size(path) == len(data)
            for command, code in [("HASH", 213), ("XSHA256", 250)]:
                assert digest(data) in client.expect(f"{command} {path}", code).lower()
            assert client.expect(f"MDTM {path}", 213) == f"213 2025010203040{number}"
        # After a mismatch it deletes and sends again.
        client.expect(f"DELE {path}", 250)
        client.put(path, MESSAGE)
        expect_content(client, path, MESSAGE)


def winscp_sends_under_filepart_and_sets_the_time(site):
    with Client(site) as client:
        client.login("stmary")
        client.put(f"{FOLDER}/scan.dcm.filepart", MESSAGE * 1000)
        client.expect(f"RNFR {FOLDER}/scan.dcm.filepart", 350)
        client.expect(f"RNTO {FOLDER}/scan.dcm", 250)
        client.expect(f"MFMT 20240229235959 {FOLDER}/scan.dcm", 213)
        facts = client.names(FOLDER)["scan.dcm"]
        assert facts["modify"].startswith("20240229235959") and facts["size"] == str(len(MESSAGE) * 1000)


def filezilla_opens_a_session_and_a_queue(site):
    with Client(site) as client:
        client.expect("USER stmary", 331)
        client.expect(f"PASS {site.password('stmary')}", 230)
        client.expect("SYST", 215)
        client.expect("FEAT", 211)
        client.expect("CLNT FileZilla", 200)
        client.expect("OPTS UTF8 ON", 200)
        client.expect("PBSZ 0", 200)
        client.expect("PROT P", 200)
        client.expect("OPTS MLST type;size;modify;perm;", 200)
        client.expect("PWD", 257)
        client.expect("TYPE I", 200)
        client.names("/")
        client.expect(f"CWD {FOLDER}", 250)
        client.expect("MKD filezilla", 257)
        client.expect("CWD filezilla", 250)
        for number in range(3):
            client.put(f"queued {number}.xml", MESSAGE * number)
            client.expect(f"MFMT 20260102030405 queued {number}.xml", 213)
        assert {name: facts["size"] for name, facts in client.names().items()} == {f"queued {number}.xml": str(len(MESSAGE) * number) for number in range(3)}
        # Its second connection has no part in the first one's folder.
        with Client(site) as other:
            other.login("stmary")
            assert '"/"' in other.expect("PWD", 257)


def done_files_of_no_bytes_stand_beside_the_record(site):
    with Client(site) as client, Client(site) as owner:
        client.login("stmary")
        owner.login("alice")
        client.put(f"{FOLDER}/837.dat", MESSAGE)
        for name in ["837.dat.done", "837.ok", "837.trg"]:
            client.put(f"{FOLDER}/{name}", b"")
            assert client.names(FOLDER)[name]["size"] == "0"
            assert f"{name}.phr" in owner.names("/records/alice")


def ascii_uploads_stay_as_they_came(site):
    for name in ["hl7v2-oru-batch.hl7", "genomics-range.bam"]:
        data = record(name)
        with Client(site) as client:
            client.login("stmary")
            client.expect("TYPE A", 200)
            for folder in [FOLDER, GATEWAY]:
                client.put(f"{folder}/ascii-{name}", data)
                expect_content(client, f"{folder}/ascii-{name}", data)
            assert client.get(f"{GATEWAY}/ascii-{name}") == data


def partner_folders_keep_names_and_acknowledgements(site):
    with Client(site) as client:
        client.login("stmary")
        for folder in ["PROD", "PROD/HIPAA_Inbound", "PROD/HIPAA_Ack"]:
            client.expect(f"MKD {GATEWAY}/{folder}", 257)
        name = "HIPAA.105XXXX01.20260102030405.claims 1.dat"
        client.put(f"{GATEWAY}/PROD/HIPAA_Inbound/{name}", MESSAGE)
        client.put(f"{GATEWAY}/PROD/HIPAA_Ack/{name}.999", b"ISA*00*~")
        assert name in client.names(f"{GATEWAY}/PROD/HIPAA_Inbound") and f"{name}.999" in client.names(f"{GATEWAY}/PROD/HIPAA_Ack")


# Connections


def ends_data_connections_without_a_reset(site):
    def expect_end(connection):
        """FIN and nothing else: `recv` would raise ConnectionResetError."""
        tcp = socket.socket(fileno=connection.tls.detach())
        tcp.settimeout(10)
        while tcp.recv(65536):
            pass
        tcp.close()

    with Client(site) as client:
        client.login("stmary")
        for size in [0, 1, 70_000]:
            connection = client.open(f"STOR {GATEWAY}/no-reset-{size}")
            connection.send(bytes(size))
            connection.tls.unwrap()
            client.expect_reply(226)
            connection = client.open(f"RETR {GATEWAY}/no-reset-{size}")
            assert connection.receive() == bytes(size)
            client.expect_reply(226)
            expect_end(connection)


def serves_clients_that_end_the_handshake_before_the_command(site):
    with Client(site) as client:
        client.login("stmary")
        for number in range(3):
            connection = client.connect_data(client.passive())
            client.expect(f"STOR {GATEWAY}/early-{number}", 150)
            connection.send(b"early")
            connection.finish()
            client.expect_reply(226)
        # A command that is refused leaves the connection to the next one.
        connection = client.connect_data(client.passive())
        client.expect(f"RETR {GATEWAY}/not-there", 550)
        client.expect(f"RETR {GATEWAY}/early-0", 150)
        assert connection.receive() == b"early"
        client.expect_reply(226)


def takes_a_ticket_of_a_connection_that_is_just_logging_in(site):
    """rclone up to 1.63 shares tickets over its connections."""
    for user, code in [("stmary", 226), ("mallory", 425)]:
        with Client(site) as client, Client(site) as other:
            client.login("stmary")
            other.expect("NOOP", 200, 530)
            port = client.passive()
            client.raw(f"STOR {GATEWAY}/shared-ticket\r\n".encode())
            client.expect_reply(150)

            def log_in():
                time.sleep(0.3)
                other.login(user)

            login = threading.Thread(target=log_in)
            login.start()
            try:
                connection = client.connect_data(port, session=other.socket.session, context=other.context)
                assert connection.tls.session_reused
                connection.send(b"shared")
                connection.finish()
            except OSError:
                assert code != 226
            login.join()
            if code == 226:
                client.expect_reply(226)
            else:
                # The port is still the client's own.
                connection = client.connect_data(port)
                connection.send(b"own")
                connection.finish()
                client.expect_reply(226)
                expect_content(client, f"{GATEWAY}/shared-ticket", b"own")


if __name__ == "__main__":
    main(globals())
