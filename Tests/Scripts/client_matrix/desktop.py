"""A screen that nobody sees (Xvfb), for a client with windows, the keys that are pressed on it (xdotool), and a look at it."""
import os
import struct
import subprocess
import time

from driver import Failed, LIMIT_SECONDS


def wait(condition, what, limit=LIMIT_SECONDS):
    """The first value of the condition that is not empty; a failure when there is none in time."""
    deadline = time.monotonic() + limit
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Failed(f"waited {limit} s for {what}")
        time.sleep(0.05)
    return value


class Desktop:
    """Ends with the process group of whoever made it, or earlier when it is closed."""

    SIZE = (1200, 800)

    def __init__(self, folder):
        """
        - folder: where the server keeps its picture
        """
        self.picture = folder / "Xvfb_screen0"
        readable, writable = os.pipe()
        size = "x".join(str(length) for length in self.SIZE)
        words = ["Xvfb", "-displayfd", str(writable), "-screen", "0", f"{size}x24", "-fbdir", str(folder), "-nolisten", "tcp", "-noreset"]
        with open(readable, "rb") as answer:
            self.server = subprocess.Popen(words, pass_fds=[writable], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            os.close(writable)
            # The number of a display that was free; nothing when the server ended.
            number = answer.readline().decode().strip()
        if not number:
            raise Failed(f"Xvfb ended with {self.server.wait()}")
        self.display = f":{number}"

    def close(self):
        self.server.terminate()
        self.server.wait()

    def xdotool(self, *words):
        """Its standard output; nothing when it found nothing."""
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(["xdotool", *[str(word) for word in words]], capture_output=True, timeout=LIMIT_SECONDS, env=environment).stdout.decode()

    def windows(self, title):
        """The visible windows whose title matches a regular expression."""
        return self.xdotool("search", "--onlyvisible", "--name", title).split()

    def titles(self):
        return [self.xdotool("getwindowname", window).strip() for window in self.windows(".")]

    def focus(self, window):
        """Without a window manager nobody else gives a window the keyboard."""
        wait(lambda: self.xdotool("windowfocus", window, "getwindowfocus", "-f").split() == [window], f"the keyboard of window {window}")

    def press(self, window, *keys):
        self.focus(window)
        self.xdotool("key", "--clearmodifiers", *keys)

    def type(self, text):
        self.xdotool("type", "--clearmodifiers", text)

    def click(self, x, y):
        self.xdotool("mousemove", x, y, "click", 1)

    def count(self, color, left, top, right, bottom):
        """How many pixels of a rectangle have a color of red, green and blue."""
        # An XWD file: a header of 32-bit numbers, the color map, and rows of blue, green, red, nothing.
        picture = self.picture.read_bytes()
        header = struct.unpack(">25I", picture[:100])
        start, row = header[0] + 12 * header[19], header[12]
        return sum(picture[start + y * row + 4 * left : start + y * row + 4 * right].count(bytes(reversed(color))) for y in range(top, bottom))
