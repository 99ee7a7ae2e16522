"""ftp-ssl, the old Unix client with TLS: the sender that ends uploads without a TLS close_notify."""
import re

from driver import Driver, Failed


class FtpSSL(Driver):
    name = "ftp-ssl"
    source = "Debian `ftp-ssl`"
    settings = "`ftp-ssl -p -z secure HOST`; before each `put`: `quote ALLO SIZE`, because it ends uploads without a TLS close_notify"
    modes = ("explicit",)

    def __init__(self, place):
        super().__init__(place)
        bounds = "".join(f"{name} = TLSv{place.tls}\n" for name in ("MinProtocol", "MaxProtocol"))
        self.configuration = place.write("openssl.cnf", f"openssl_conf = all\n[all]\nssl_conf = tls\n[tls]\nsystem_default = bounds\n[bounds]\n{bounds}")

    def ftp(self, *commands):
        place = self.place
        script = "\n".join([f"user {place.user} {place.password}", "binary", "prompt", *commands, "quit", ""])
        output = place.run(
            "ftp-ssl", "-n", "-v", "-p", "-z", "secure", "-z", "verify=1", place.host, place.port, input=script.encode(),
            environment={"OPENSSL_CONF": str(self.configuration), "SSL_CERT_FILE": place.authority},
        ).decode()
        # Its exit code is always 0.
        if refusal := re.search(r"^[45]\d\d .*", output, re.M):
            raise Failed(refusal[0])

    def upload(self, local, remote):
        return f"quote ALLO {local.stat().st_size}", f"put {local} {remote}"

    def put(self, local, remote):
        self.ftp(*self.upload(local, remote))

    def get(self, remote, local):
        self.ftp(f"get {remote} {local}")

    def list(self, folder):
        self.ftp(f"nlist {folder} {self.place.work}/names")
        return (self.place.work / "names").read_text().splitlines()

    def rename(self, old, new):
        self.ftp(f"rename {old} {new}")

    def resume_get(self, remote, local):
        self.ftp(f"reget {remote} {local}")

    def delete(self, remote):
        self.ftp(f"delete {remote}")

    def put_many(self, source, names, folder):
        self.ftp(*[command for name in names for command in self.upload(source / name, f"{folder}/{name}")])

    def get_many(self, folder, names, target):
        self.ftp(f"lcd {target}", f"cd {folder}", "mget " + " ".join(names))
