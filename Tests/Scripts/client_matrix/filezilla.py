"""FileZilla, with its windows on a screen that nobody sees: transfers through its queue, names through its list of the remote folder."""
import os
import re
import subprocess
import time

from desktop import Desktop, wait
from driver import Driver, Failed, LIMIT_SECONDS
from filezilla_profile import NOTHING, OVERWRITE, RESUME, TRANSFER, Profile

# How long keys may take until they have an effect, before they are pressed again.
ATTEMPT_SECONDS = 10
# The color of a selected row, in the theme that is asked for.
SELECTED = (0x35, 0x84, 0xE4)


class FileZilla(Driver):
    name = "FileZilla (3.63)"
    source = "Debian `filezilla` (GnuTLS), `xvfb`"
    settings = (
        "Site Manager: \"Require explicit FTP over TLS\", or implicit; answer the question about the unknown certificate with \"Always trust\" "
        "after you have compared it with `phrd cert fingerprint`"
    )

    def __init__(self, place):
        super().__init__(place)
        self.profile = Profile(place)
        self.profile.trust()
        self.desktop = Desktop(place.work)
        # Keys that went astray must not do harm to the files of root.
        self.user = "nobody" if os.geteuid() == 0 else None

    def close(self):
        self.desktop.close()

    # The program and its log.

    def run(self, words, work):
        """Starts FileZilla, does the work with its window, and waits for its end; whatever happens, it ends."""
        self.profile.log.unlink(missing_ok=True)
        environment = {
            **os.environ, "HOME": str(self.place.work), "XDG_CONFIG_HOME": str(self.place.work / ".config"), "DISPLAY": self.desktop.display,
            "LC_ALL": "C.UTF-8", "GDK_BACKEND": "x11", "GTK_THEME": "Adwaita", "NO_AT_BRIDGE": "1", "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "GNUTLS_SYSTEM_PRIORITY_FILE": str(self.profile.gnutls),
        }
        if self.user:
            self.place.run("chown", "-R", self.user, self.place.work)
        process = subprocess.Popen(
            ["filezilla", *words], user=self.user, group=self.user and "nogroup", extra_groups=self.user and [], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        try:
            work(wait(lambda: self.desktop.windows("FileZilla$"), "a window of FileZilla")[-1])
            wait(lambda: process.poll() is not None, "FileZilla to end")
        except Exception as failure:
            raise Failed(f"{failure}; on the screen are {self.desktop.titles()}\n{self.story()}") from failure
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()

    def log(self):
        return self.profile.log.read_text(errors="replace") if self.profile.log.exists() else ""

    def lines(self, pattern):
        """The matches in its log: each line has a time, a process, the number of a connection, and a message."""
        return re.findall(f"^.{{19}} [0-9]+ {pattern}", self.log(), re.MULTILINE)

    def story(self):
        """The end of its log, without the names that FEAT lists."""
        return "\n".join([line for line in self.log().splitlines() if "Response:  " not in line][-40:]) or "FileZilla wrote no log"

    # The queue.

    def transfer(self, files, download, action=OVERWRITE, connections=1):
        """Runs a queue of local and remote paths to its end, over so many connections at once."""
        self.profile.configure(connections, NOTHING)
        self.profile.fill_queue(files, download, action)
        written = self.profile.database.stat().st_mtime_ns

        def work(window):
            # FileZilla empties the stored queue when it has read it. It ends by itself when it is through.
            wait(lambda: self.profile.database.stat().st_mtime_ns != written, "FileZilla to read its queue")
            self.desktop.press(window, "ctrl+p")

        self.run([], work)
        used = self.lines("([0-9]+) Status: File transfer successful")
        if len(used) != len(files) or len(set(used)) != connections:
            raise Failed(f"{len(used)} of {len(files)} files came over {len(set(used))} of {connections} connections\n{self.story()}")

    # The list of the remote folder.

    def browse(self, folder, name, work, local=None, return_key=NOTHING):
        """Connects, shows a file or all of a remote folder, and works on this list."""
        self.profile.configure(1, return_key)
        self.profile.choose_site(folder, local or self.place.work)
        self.profile.show_only(name)

        def with_list(window):
            wait(lambda: self.lines("[0-9]+ Status: Directory listing of .* successful"), "the listing")
            work(window)

        self.run(["-c", "0/matrix"], with_list)

    def select(self, window, key):
        """Gives the list the keyboard, and selects something with a key; what is selected shows in the list, or else the keyboard is elsewhere."""
        width, height = self.desktop.SIZE

        def press():
            # What becomes of a key in the path above the list, which has the keyboard at first.
            for complaint in self.desktop.windows("^Failed to change directory$"):
                self.desktop.press(complaint, "Escape")
            self.desktop.focus(window)
            self.desktop.click(width * 3 // 4, height * 2 // 3)
            self.desktop.press(window, key)

        area = (width * 6 // 10, height * 15 // 100, width * 9 // 10, height * 6 // 10)
        self.until(press, lambda: self.desktop.count(SELECTED, *area) > 2_000, "a selection in the list")

    def until(self, press, effect, what):
        """Presses keys until they have an effect: they have none as long as FileZilla is busy with its list."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            press()
            try:
                return wait(effect, what, ATTEMPT_SECONDS)
            except Failed:
                if time.monotonic() > deadline:
                    raise

    def change(self, path, press, question, command):
        """Selects a file, and presses keys that lead to a command, or to a question first, which is answered with yes."""
        folder, name = path.rsplit("/", 1)

        def replies():
            return re.findall(f"Command: {command} .*\n.* Response: ([0-9]+)", self.log())

        def work(window):
            def select_and_press():
                self.select(window, "End")
                press(window)

            self.until(select_and_press, lambda: replies() or self.desktop.windows(question), f"{command}, or a question")
            self.until(lambda: [self.desktop.press(asked, "alt+y") for asked in self.desktop.windows(question)], replies, f"a reply to {command}")
            self.desktop.press(window, "ctrl+q")

        self.browse(folder, name, work)
        if replies() != ["250"]:
            raise Failed(f"the replies to {command} were {replies()}\n{self.story()}")

    # What it is asked to do.

    def put(self, local, remote):
        self.transfer([(local, remote)], download=False)

    def get(self, remote, local):
        self.transfer([(local, remote)], download=True)

    def list(self, folder):
        """The names of what it gets when everything in its list is selected."""
        target = self.place.work / "from-the-list"
        target.mkdir()

        def work(window):
            def select_and_press():
                self.select(window, "ctrl+a")
                self.desktop.press(window, "Return")

            self.until(select_and_press, lambda: self.lines("[0-9]+ Status: Starting download"), "a download")

        self.browse(folder, None, work, target, TRANSFER)
        return [path.name for path in target.iterdir()]

    def rename(self, old, new):
        def press(window):
            self.desktop.press(window, "F2", "ctrl+a")
            self.desktop.type(new.rsplit("/", 1)[-1])
            self.desktop.press(window, "Return")

        self.change(old, press, "^File exists$", "RNTO")

    def delete(self, remote):
        self.change(remote, lambda window: self.desktop.press(window, "Delete"), "^Confirmation needed$", "DELE")

    def resume_get(self, remote, local):
        self.transfer([(local, remote)], download=True, action=RESUME)
        if not self.lines("[0-9]+ Command: REST [1-9]"):
            raise Failed(f"it began anew\n{self.story()}")

    def put_many(self, source, names, folder, connections=1):
        self.transfer([(source / name, f"{folder}/{name}") for name in names], download=False, connections=connections)

    def get_many(self, folder, names, target, connections=1):
        self.transfer([(target / name, f"{folder}/{name}") for name in names], download=True, connections=connections)

    def put_parallel(self, source, names, folder):
        self.put_many(source, names, folder, 4)

    def get_parallel(self, folder, names, target):
        self.get_many(folder, names, target, 4)
