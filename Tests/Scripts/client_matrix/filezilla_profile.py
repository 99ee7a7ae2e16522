"""The folder that FileZilla reads when it starts: settings, a trusted certificate, a site, a filter, a queue of transfers."""
import base64
import socket
import sqlite3
import ssl
from xml.sax.saxutils import escape

from driver import LIMIT_SECONDS

# Its database, and the numbers that it writes there and into its documents: what FileZilla 3.63 stores itself.
QUEUE = """
    PRAGMA encoding = "UTF-16le"; PRAGMA user_version = 7;
    CREATE TABLE servers (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, host TEXT NOT NULL, port INTEGER, user TEXT, password TEXT, account TEXT,
        keyfile TEXT, protocol INTEGER, type INTEGER, logontype INTEGER, timezone_offset INTEGER, transfer_mode TEXT, max_connections INTEGER,
        encoding TEXT, bypass_proxy INTEGER, post_login_commands TEXT, name TEXT, parameters TEXT, site_path TEXT DEFAULT NULL);
    CREATE TABLE files (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, server INTEGER NOT NULL, source_file TEXT, target_file TEXT,
        local_path INTEGER, remote_path INTEGER, size INTEGER, error_count INTEGER, priority INTEGER, flags INTEGER,
        default_exists_action INTEGER, extra_flags TEXT);
    CREATE INDEX server_index ON files (server);
    CREATE TABLE local_paths (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, path TEXT NOT NULL);
    CREATE TABLE remote_paths (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, path TEXT NOT NULL);
"""
IMPLICIT, EXPLICIT = 3, 4
WITH_PASSWORD = 1
DOWNLOAD = 16
NORMAL_PRIORITY = 2
OVERWRITE, RESUME = 1, 5
TRANSFER, NOTHING = 0, 3
CLOSE_WHEN_DONE = 3
TLS = {"1.2": 2, "1.3": 3}


def certificate(place):
    """The server's certificate, for which the authority vouches: its bytes, and its fields."""
    context = ssl.create_default_context(cafile=place.authority)
    with socket.create_connection((place.host, place.port), LIMIT_SECONDS) as plain:
        if not place.implicit:
            with plain.makefile("rw", encoding="ascii", newline="\r\n") as lines:
                assert lines.readline().startswith("220")
                lines.write("AUTH TLS\n")
                lines.flush()
                assert lines.readline().startswith("234")
        with context.wrap_socket(plain, server_hostname=place.host) as protected:
            return protected.getpeercert(True), protected.getpeercert()


def elements(**values):
    return "".join(f"<{tag}>{escape(str(value))}</{tag}>" for tag, value in values.items())


def stored_path(path):
    """A remote path as FileZilla stores it: its kind, and each name after its length."""
    return " ".join(["1", "0"] + [f"{len(name)} {name}" for name in path.strip("/").split("/")])


class Profile:
    """What a user sets once, in the folder .config of the place."""

    def __init__(self, place):
        self.place = place
        self.protocol = IMPLICIT if place.implicit else EXPLICIT
        self.database = place.work / ".config/filezilla/queue.sqlite3"
        self.database.parent.mkdir(parents=True)
        self.log = place.work / "filezilla.log"
        # FileZilla has a setting for the least version of TLS only; GnuTLS can leave one out.
        self.gnutls = place.write("gnutls.conf", "[overrides]\n" + "disabled-version = tls1.3\n" * (place.tls == "1.2"))

    def document(self, name, content):
        self.place.write(f".config/filezilla/{name}", f'<?xml version="1.0"?><FileZilla3 version="3.63.0" platform="*nix">{content}</FileZilla3>')

    def trust(self):
        """What the question about an unknown certificate leaves when it was answered with "Always trust"."""
        encoded, fields = certificate(self.place)
        times = {f"{tag}Time": ssl.cert_time_to_seconds(fields[field]) for tag, field in [("Activation", "notBefore"), ("Expiration", "notAfter")]}
        entry = elements(Data=encoded.hex(), **times, Host=self.place.host, Port=self.place.port, TrustSANs=0)
        self.document("trustedcerts.xml", f"<TrustedCerts><Certificate>{entry}</Certificate></TrustedCerts>")

    def configure(self, connections, return_key):
        """
        - connections: the number of transfers at once
        - return_key: what the return key does with files of a list
        """
        settings = {
            # No greeting, and no second attempt after a failure.
            "Greeting version": "3.63.0", "Reconnect count": 0, "Logging file": self.log, "Minimum TLS Version": TLS[self.place.tls],
            "Number of Transfers": connections, "Queue completion action": CLOSE_WHEN_DONE, "File doubleclick action": return_key,
            # The list of the remote folder fills the right half.
            "Show Tree Local": 0, "Show Tree Remote": 0, "Show message log": 0, "Show queue": 0, "Show quickconnect bar": 0, "Toolbar hidden": 1,
        }
        self.document("filezilla.xml", "<Settings>" + "".join(f'<Setting name="{name}">{value}</Setting>' for name, value in settings.items()) + "</Settings>")

    def choose_site(self, folder, local):
        """The site "matrix" of the site manager: a remote folder beside a local one."""
        place = self.place
        password = base64.b64encode(place.password.encode()).decode()
        site = elements(
            Host=place.host, Port=place.port, Protocol=self.protocol, Type=0, User=place.user, Logontype=WITH_PASSWORD, Name="matrix", LocalDir=local,
            RemoteDir=stored_path(folder),
        )
        self.document("sitemanager.xml", f'<Servers><Server>{site}<Pass encoding="base64">{password}</Pass></Server></Servers>')

    def show_only(self, name):
        """The list of the remote folder hides what does not have this name; None: it shows everything."""
        condition = elements(Type=0, Condition=1, Value=name or "")
        others = elements(Name="others", ApplyToFiles=1, ApplyToDirs=1, MatchType="None", MatchCase=1)
        chosen = elements(Local=0, Remote=int(name is not None))
        self.document(
            "filters.xml",
            f"<Filters><Filter>{others}<Conditions><Condition>{condition}</Condition></Conditions></Filter></Filters>"
            f'<Sets Current="0"><Set><Item>{chosen}</Item></Set></Sets>',
        )

    def fill_queue(self, files, download, action):
        """
        - files: pairs of a local and a remote path
        - action: what to do with a file that is there already
        """
        place = self.place
        self.database.unlink(missing_ok=True)
        connection = sqlite3.connect(self.database)
        connection.executescript(QUEUE)
        connection.execute(
            "INSERT INTO servers (id, host, port, user, password, protocol, type, logontype, encoding) VALUES (1, ?, ?, ?, ?, ?, 0, ?, 'Auto')",
            (place.host, place.port, place.user, place.password, self.protocol, WITH_PASSWORD),
        )
        for number, (local, remote) in enumerate(files, 1):
            folder, name = remote.rsplit("/", 1)
            connection.execute("INSERT INTO local_paths VALUES (?, ?)", (number, f"{local.parent}/"))
            connection.execute("INSERT INTO remote_paths VALUES (?, ?)", (number, stored_path(folder)))
            source, target = (name, local.name) if download else (local.name, name)
            size = None if download else local.stat().st_size
            connection.execute(
                "INSERT INTO files VALUES (?, 1, ?, ?, ?, ?, ?, NULL, ?, ?, ?, NULL)",
                (number, source, target, number, number, size, NORMAL_PRIORITY, DOWNLOAD * download, action),
            )
        connection.commit()
        connection.close()
