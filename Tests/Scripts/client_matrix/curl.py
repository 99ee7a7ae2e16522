"""The program curl."""
from driver import Driver

# Before 8.22 curl's parallel transfers share a TLS 1.3 ticket that OpenSSL takes for spent after its first use: a 522 now and then.
PARALLEL = ["--parallel", "--parallel-max", 4, "--retry", 3, "--retry-all-errors"]


class Curl(Driver):
    name = "curl"
    source = "Debian `curl`"
    settings = "`curl --ssl-reqd --cacert ca.pem --netrc-file FILE -T record.hl7 ftp://HOST/inbox/alice/`; implicit TLS: `ftps://HOST:990/…`; with `--parallel` also `--retry 3 --retry-all-errors`"

    def __init__(self, place):
        super().__init__(place)
        self.netrc = place.write("netrc", f"machine {place.host} login {place.user} password {place.password}\n")

    def curl(self, *words, input=b""):
        place = self.place
        version = ["--tlsv1.2", "--tls-max", "1.2"] if place.tls == "1.2" else ["--tlsv1.3"]
        fixed = ["--silent", "--show-error", "--fail", "--max-time", 35, "--ssl-reqd", "--cacert", place.authority, "--netrc-file", self.netrc]
        return place.run("curl", *fixed, *version, *words, input=input)

    def url(self, path):
        return self.place.url(path)

    def put(self, local, remote):
        self.curl("-T", local, self.url(remote))

    def put_stream(self, data, remote):
        self.curl("-T", "-", self.url(remote), input=data)

    def get(self, remote, local):
        self.curl("-o", local, self.url(remote))

    def list(self, folder):
        return self.curl("--list-only", self.url(folder + "/")).decode().splitlines()

    def rename(self, old, new):
        self.curl("-Q", f"RNFR {old}", "-Q", f"RNTO {new}", "-o", "/dev/null", self.url("/"))

    def resume_put(self, local, remote):
        self.curl("-C", "-", "-T", local, self.url(remote))

    def resume_get(self, remote, local):
        self.curl("-C", "-", "-o", local, self.url(remote))

    def delete(self, remote):
        self.curl("-Q", f"DELE {remote}", "-o", "/dev/null", self.url("/"))

    def put_many(self, source, names, folder, *options):
        self.curl(*options, "-T", "{" + ",".join(str(source / name) for name in names) + "}", self.url(folder + "/"))

    def get_many(self, folder, names, target, *options):
        self.curl(*options, "--output-dir", target, "-o", "#1", self.url(folder + "/{" + ",".join(names) + "}"))

    def put_parallel(self, source, names, folder):
        self.put_many(source, names, folder, *PARALLEL)

    def get_parallel(self, folder, names, target):
        self.get_many(folder, names, target, *PARALLEL)
