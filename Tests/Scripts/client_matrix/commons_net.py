"""Apache commons-net on Java's TLS, which many integration engines use: as it comes, and with session reuse."""
import pathlib

from dialogue import Dialogue

PROBE = pathlib.Path(__file__).parent / "CommonsNet.java"


class CommonsNetReusing(Dialogue):
    name = "Java commons-net, with session reuse"
    source = "Debian `libcommons-net-java`"
    settings = "`FTPSClient` with the `_prepareDataSocket_` below; `execPBSZ(0)`, `execPROT(\"P\")`, `enterLocalPassiveMode()`"
    kind = "reusing"

    def words(self):
        place = self.place
        return [
            "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Djdk.tls.client.protocols=TLSv{place.tls}",
            "--add-opens", "java.base/sun.security.ssl=ALL-UNNAMED", "--add-opens", "java.base/sun.security.util=ALL-UNNAMED",
            "-cp", "/usr/share/java/commons-net.jar", str(PROBE),
            place.host, str(place.port), "implicit" if place.implicit else "explicit", place.authority, place.user, self.kind,
        ]

    def put_parallel(self, source, names, folder):
        self.ask("parallel", "put", *[word for name in names for word in (source / name, f"{folder}/{name}")])

    def get_parallel(self, folder, names, target):
        self.ask("parallel", "get", *[word for name in names for word in (f"{folder}/{name}", target / name)])


class CommonsNetPlain(CommonsNetReusing):
    name = "Java commons-net, as it comes"
    settings = "`FTPSClient`; Java cannot resume sessions on other ports: an account with `--data-binding address`"
    kind = "plain"
    account = "oldsys"
