"""The program wget, which only fetches."""
from driver import Driver
from lftp import PRIORITIES


class Wget(Driver):
    name = "wget"
    source = "Debian `wget` (GnuTLS)"
    settings = "`wget --ca-certificate=ca.pem ftps://HOST/exchange/lab/result.pdf`, name and password in `~/.wgetrc`; implicit TLS: `--ftps-implicit`"

    def __init__(self, place):
        super().__init__(place)
        self.login = place.write("wgetrc", f"ftp_user = {place.user}\nftp_password = {place.password}\n")

    def wget(self, *words):
        fixed = ["--no-verbose", "--tries=1", "--timeout=20", f"--ca-certificate={self.place.authority}", f"--ciphers={PRIORITIES[self.place.tls]}"]
        mode = ["--ftps-implicit"] if self.place.implicit else []
        self.place.run("wget", *fixed, *mode, *words, environment={"WGETRC": str(self.login)})

    def get(self, remote, local):
        self.wget("-O", local, self.place.url(remote, "ftps"))

    def resume_get(self, remote, local):
        # wget continues a file of the remote name.
        target = local.parent / remote.rsplit("/", 1)[-1]
        local.rename(target)
        self.wget("-c", "-P", target.parent, self.place.url(remote, "ftps"))
        target.rename(local)

    def get_many(self, folder, names, target):
        self.wget("-P", target, *[self.place.url(f"{folder}/{name}", "ftps") for name in names])
