"""The program lftp, which uses GnuTLS."""
from driver import Driver

PRIORITIES = {"1.2": "NORMAL:-VERS-ALL:+VERS-TLS1.2", "1.3": "NORMAL:-VERS-ALL:+VERS-TLS1.3"}


class Lftp(Driver):
    name = "lftp"
    source = "Debian `lftp` (GnuTLS)"
    settings = "`set ftp:ssl-force yes; set ssl:ca-file ca.pem; open -u stmary HOST; mirror -R outbox /inbox/alice`; implicit TLS: `open ftps://HOST:990`"

    def lftp(self, *commands):
        place = self.place
        script = place.write(
            "lftp.script",
            "\n".join(
                [
                    "set cmd:fail-exit yes; set net:timeout 15; set net:max-retries 2; set net:reconnect-interval-base 1; set xfer:clobber yes",
                    "set ftp:ssl-force yes; set ftp:ssl-protect-data yes",
                    f"set ssl:ca-file {place.authority}; set ssl:priority {PRIORITIES[place.tls]}",
                    f"open -u {place.user},{place.password} {place.url('')}",
                    *commands,
                ]
            ),
        )
        return place.run("lftp", "-f", script)

    def put(self, local, remote):
        self.lftp(f"put {local} -o {remote}")

    def get(self, remote, local):
        self.lftp(f"get {remote} -o {local}")

    def list(self, folder):
        return self.lftp(f"cls -1 {folder}/").decode().splitlines()

    def rename(self, old, new):
        self.lftp(f"mv {old} {new}")

    def resume_put(self, local, remote):
        self.lftp(f"put -c {local} -o {remote}")

    def resume_get(self, remote, local):
        self.lftp(f"get -c {remote} -o {local}")

    def delete(self, remote):
        self.lftp(f"rm {remote}")

    def put_many(self, source, names, folder):
        self.lftp(f"mput -O {folder} " + " ".join(str(source / name) for name in names))

    def get_many(self, folder, names, target):
        self.lftp(f"mget -O {target} " + " ".join(f"{folder}/{name}" for name in names))

    def put_parallel(self, source, names, folder):
        self.lftp(f"mirror -R -P4 {source} {folder}")

    def get_parallel(self, folder, names, target):
        self.lftp(f"mirror -P4 {folder} {target}", f"pget -n4 {folder}/{names[-1]} -o {target}/in-pieces")
