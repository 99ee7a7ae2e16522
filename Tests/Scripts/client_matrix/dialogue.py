"""A client in another language: one process that reads commands, one a line, tab-separated, and answers "ok …" or "error …"."""
import select
import subprocess

from driver import LIMIT_SECONDS, Driver, Failed


class Dialogue(Driver):
    """Subclasses say with `words` which program it is; it gets the password as its first line."""

    def __init__(self, place):
        super().__init__(place)
        self.complaints = open(place.work / "complaints", "w+b")
        self.process = subprocess.Popen(self.words(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.complaints, encoding="utf-8", bufsize=1)
        self.process.stdin.write(place.password + "\n")

    def ask(self, *words):
        self.process.stdin.write("\t".join(str(word) for word in words) + "\n")
        self.process.stdin.flush()
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT_SECONDS)
        answer = self.process.stdout.readline().rstrip("\n").split("\t") if ready else ["no answer"]
        if answer[0] != "ok":
            self.complaints.seek(0)
            raise Failed(f"{answer}\n{self.complaints.read().decode(errors='replace')[-2000:]}")
        return [word for word in answer[1:] if word]

    def close(self):
        self.process.stdin.close()
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.process.stdout.close()
            self.complaints.close()
        if code != 0:
            raise Failed(f"it ended with {code}")

    def put(self, local, remote):
        self.ask("put", local, remote)

    def get(self, remote, local):
        self.ask("get", remote, local)

    def list(self, folder):
        return self.ask("list", folder)

    def rename(self, old, new):
        self.ask("rename", old, new)

    def resume_put(self, local, remote):
        self.ask("resume_put", local, remote)

    def resume_get(self, remote, local):
        self.ask("resume_get", remote, local)

    def delete(self, remote):
        self.ask("delete", remote)

    def put_many(self, source, names, folder):
        for name in names:
            self.put(source / name, f"{folder}/{name}")

    def get_many(self, folder, names, target):
        for name in names:
            self.get(f"{folder}/{name}", target / name)
