"""pycurl: a current libcurl, used as a library that keeps its connection."""
import io

import pycurl

from driver import Driver

VERSIONS = {
    "1.2": pycurl.SSLVERSION_TLSv1_2 | pycurl.SSLVERSION_MAX_TLSv1_2,
    "1.3": pycurl.SSLVERSION_TLSv1_3 | pycurl.SSLVERSION_MAX_TLSv1_3,
}


class PyCurl(Driver):
    name = "libcurl (8.23)"
    source = "PyPI `pycurl`"
    settings = "`CURLOPT_USE_SSL = CURLUSESSL_ALL`, `CURLOPT_CAINFO`"

    def __init__(self, place):
        super().__init__(place)
        self.handle = pycurl.Curl()

    def close(self):
        self.handle.close()

    def prepare(self, path, handle=None):
        handle = handle or self.handle
        handle.reset()
        for option, value in [
            (pycurl.URL, self.place.url(path)),
            (pycurl.USERNAME, self.place.user),
            (pycurl.PASSWORD, self.place.password),
            (pycurl.CAINFO, self.place.authority),
            (pycurl.USE_SSL, pycurl.USESSL_ALL),
            (pycurl.SSLVERSION, VERSIONS[self.place.tls]),
            (pycurl.TIMEOUT, 35),
            (pycurl.NOSIGNAL, 1),
        ]:
            handle.setopt(option, value)
        return handle

    def receive(self, path, target, *options):
        handle = self.prepare(path)
        handle.setopt(pycurl.WRITEFUNCTION, target.write)
        for option, value in options:
            handle.setopt(option, value)
        handle.perform()

    def put(self, local, remote, *options):
        with open(local, "rb") as source:
            handle = self.prepare(remote)
            handle.setopt(pycurl.UPLOAD, 1)
            handle.setopt(pycurl.READFUNCTION, source.read)
            handle.setopt(pycurl.SEEKFUNCTION, lambda offset, origin: source.seek(offset, origin) and None)
            for option, value in options:
                handle.setopt(option, value)
            handle.perform()

    def get(self, remote, local):
        with open(local, "wb") as target:
            self.receive(remote, target)

    def list(self, folder):
        target = io.BytesIO()
        self.receive(folder + "/", target, (pycurl.DIRLISTONLY, 1))
        return target.getvalue().decode().splitlines()

    def rename(self, old, new):
        self.receive("/", io.BytesIO(), (pycurl.QUOTE, [f"RNFR {old}", f"RNTO {new}"]))

    def resume_put(self, local, remote):
        self.put(local, remote, (pycurl.RESUME_FROM, -1), (pycurl.INFILESIZE, local.stat().st_size))

    def resume_get(self, remote, local):
        with open(local, "ab") as target:
            self.receive(remote, target, (pycurl.RESUME_FROM, target.tell()))

    def delete(self, remote):
        self.receive("/", io.BytesIO(), (pycurl.QUOTE, [f"DELE {remote}"]))

    def put_many(self, source, names, folder):
        for name in names:
            self.put(source / name, f"{folder}/{name}")

    def get_many(self, folder, names, target):
        for name in names:
            self.get(f"{folder}/{name}", target / name)

    def together(self, handles):
        """Runs transfers at once over at most four connections."""
        multi = pycurl.CurlMulti()
        multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, 4)
        for handle in handles:
            multi.add_handle(handle)
        running, failures = len(handles), []
        while running:
            multi.select(1.0)
            _, running = multi.perform()
            failures += multi.info_read()[2]
        assert not failures, failures
        for handle in handles:
            multi.remove_handle(handle)
            handle.close()

    def put_parallel(self, source, names, folder):
        files = [open(source / name, "rb") for name in names]
        handles = [self.prepare(f"{folder}/{name}", pycurl.Curl()) for name in names]
        for handle, file in zip(handles, files):
            handle.setopt(pycurl.UPLOAD, 1)
            handle.setopt(pycurl.READFUNCTION, file.read)
        self.together(handles)
        for file in files:
            file.close()

    def get_parallel(self, folder, names, target):
        files = [open(target / name, "wb") for name in names]
        handles = [self.prepare(f"{folder}/{name}", pycurl.Curl()) for name in names]
        for handle, file in zip(handles, files):
            handle.setopt(pycurl.WRITEFUNCTION, file.write)
        self.together(handles)
        for file in files:
            file.close()
