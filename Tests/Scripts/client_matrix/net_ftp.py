"""Perl's Net::FTP."""
import pathlib

from dialogue import Dialogue

PROBE = pathlib.Path(__file__).parent / "net_ftp.pl"


class NetFTP(Dialogue):
    name = "Perl Net::FTP"
    source = "Debian `libio-socket-ssl-perl`"
    settings = "`starttls` before `login`; then `prot('P')`; implicit TLS: `SSL => 1`; it does not resume sessions: an account with `--data-binding address`"
    account = "oldsys"
    # Its probe has no upload from an offset: Net::FTP's put always begins at the start.
    resume_put = None

    def words(self):
        place = self.place
        version = "TLSv" + place.tls.replace(".", "_")
        return ["perl", str(PROBE), place.host, str(place.port), "implicit" if place.implicit else "explicit", place.authority, place.user, version]
