"""A real pseudo-terminal for tests: a program runs on it, its screen is read through pyte, keys and signals are sent.

    with Terminal(["gdtui"], columns=120, lines=36) as terminal:
        terminal.wait_for("Himmelblau")
        terminal.press("enter")
        terminal.wait_until(lambda: "step 20" in terminal.text)
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 143

Nothing sleeps: every wait ends when what was waited for has happened, and fails after a limit, with the screen.
"""

from __future__ import annotations

import contextlib
import copy
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import psutil
import pyte

LIMIT_S = 30.0
"""The longest time for anything on a busy machine."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "delete": "\x1b[3~",
    "f1": "\x1bOP",
    **{f"ctrl+{chr(96 + code)}": chr(code) for code in range(1, 27)},
}

ALTERNATE, CURSOR, PASTE, FOCUS, SYNCHRONIZED = 1049, 25, 2004, 1004, 2026
MOUSE = frozenset((1000, 1002, 1003, 1006, 1015, 1016))
OF_AN_APP = MOUSE | {ALTERNATE, PASTE, FOCUS, SYNCHRONIZED, 2048}
"""The modes that are off in a terminal of a shell."""

_PRIVATE_MODE = re.compile(r"\x1b\[\?([\d;]+)([hl])")
_KEYBOARD = re.compile(r"\x1b\[([<>=])[\d;]*u")
_ASKED_MODE = re.compile(r"\x1b\[\?(\d+)\$p")
_UNKNOWN_TO_PYTE = re.compile(rf"{_KEYBOARD.pattern}|{_ASKED_MODE.pattern}")
_UNFINISHED = re.compile(r"\x1b(\[[\d;?<>=$]*)?\Z")


class Terminal:
    """A process on its own pseudo-terminal, as the leader of the session that the terminal controls.

    `answers` is whether it answers questions as terminals do, `synchronized` whether it reports support of synchronized
    output. At most `at_most` bytes per second are read if given: a slow line.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int = 80,
        lines: int = 24,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        answers: bool = True,
        synchronized: bool = False,
        at_most: int | None = None,
        ignored: Sequence[signal.Signals] = (),
        stderr: int | None = None,
    ) -> None:
        self.screen = _Screen(columns, lines)
        self.transcript = bytearray()
        self.modes: set[int] = {CURSOR, 7}
        self.keyboard_levels = 0
        self._answers = answers
        self._synchronized = synchronized
        self._at_most = at_most
        self._stream = pyte.Stream(self.screen)
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._rest = ""
        self._changed = threading.Condition()
        self._reading = threading.Event()
        self._reading.set()
        self._master, self._slave = pty.openpty()
        os.set_blocking(self._master, False)
        if answers:
            self.screen.write_process_input = lambda data: self._send(data.encode())
        _set_size(self._slave, columns, lines)
        self.settings_before = self.settings()
        # A session leader that opens a terminal gets it as its controlling terminal.
        script = "".join(f"trap '' {number.name[3:]}; " for number in ignored) + 'exec "$@" <> "$0"'
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", script, os.ttyname(self._slave), *argv],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave if stderr is None else stderr,
            cwd=cwd,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **(environ or {})},
            start_new_session=True,
        )
        self._wake, self._woken = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (*psutil.Process(self.process.pid).children(recursive=True), self.process):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait()
        self.hang_up()
        for each in (self._slave, self._wake, self._woken):
            os.close(each)

    # --- the output -----------------------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The present screen, one line per row."""
        with self._changed:
            return "\n".join(self.screen.display)

    @property
    def restored(self) -> bool:
        """Whether the terminal is as a shell needs it: settings as before, no mode of an app's on, the cursor shown."""
        with self._changed:
            modes = {CURSOR, 7} <= self.modes and not self.modes & OF_AN_APP and self.keyboard_levels == 0
        return modes and self.settings() == self.settings_before

    def settings(self) -> list[Any]:
        """The terminal's own settings: echo, line discipline."""
        return termios.tcgetattr(self._slave)

    @property
    def received_bytes(self) -> int:
        """The number of bytes drawn so far."""
        return len(self.transcript)

    def wait_for(self, text: str, limit_s: float = LIMIT_S) -> None:
        """Wait until `text` is on the screen."""
        self.wait_until(lambda: text in self.text, repr(text), limit_s)

    def wait_until(self, holds: Callable[[], object], what: str = "", limit_s: float = LIMIT_S) -> None:
        """Wait until `holds()`; it is called whenever something was drawn, and periodically for changes that draw
        nothing."""
        until = time.monotonic() + limit_s
        while not holds():
            with self._changed:
                self._changed.wait(0.02)
            if time.monotonic() > until:
                raise AssertionError(f"waited {limit_s:g} s for {what or holds}; the screen is\n{self.text}")

    # --- actions --------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Send keys, by name or as their characters."""
        for key in keys:
            self._send(KEYS.get(key, key).encode())

    def send(self, data: bytes) -> None:
        """Send raw bytes."""
        self._send(data)

    def resize(self, columns: int, lines: int) -> None:
        """Change the size, as a window manager would."""
        with self._changed:
            self.screen.resize(lines, columns)
        _set_size(self._slave, columns, lines)

    def stall(self) -> None:
        """Stop reading, like an ssh client whose line is dead."""
        self._reading.clear()
        os.write(self._woken, b".")

    def go_on(self, at_most: int | None = None) -> None:
        """Read again, at most `at_most` bytes per second if given."""
        self._at_most = at_most
        self._reading.set()

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed."""
        if self._master < 0:
            return
        self._reading.set()
        master, self._master = self._master, -1
        os.write(self._woken, b".")
        self._reader.join()
        os.close(master)

    # --- the processes --------------------------------------------------------------------------------------------

    @property
    def app(self) -> psutil.Process:
        """The process that draws: the guardian's child if there is a guardian."""
        guardian = psutil.Process(self.process.pid)
        children = [child for child in guardian.children() if child.name() == guardian.name()]
        return children[0] if children else guardian

    def signal(self, number: int) -> None:
        """Send a signal to the process that was started."""
        self.process.send_signal(number)

    def exit_code(self, limit_s: float = LIMIT_S) -> int:
        """Wait until the process has ended, and all its output has been read."""
        try:
            code = self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"not ended after {limit_s:g} s; the screen is\n{self.text}") from None
        if self._reading.is_set() and self._master >= 0:
            self.wait_until(self._is_read, "the rest of the output")
        return code

    def _is_read(self) -> bool:
        with self._changed:
            return not select.select([self._master], [], [], 0)[0]

    # --- reading --------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Read the output, until hung up."""
        while self._master >= 0:
            self._reading.wait()
            master = self._master
            ready = select.select([master, self._wake] if master >= 0 else [self._wake], [], [])[0]
            if self._wake in ready:
                os.read(self._wake, 1)
                continue
            with self._changed:
                try:
                    data = os.read(master, 4096 if self._at_most is None else max(self._at_most // 50, 1))
                except BlockingIOError:
                    continue
                except OSError:
                    return
                self.transcript += data
                self._feed(self._decode(data))
                self._changed.notify_all()
            if self._at_most is not None:
                select.select([self._wake], [], [], 0.02)  # the line's pace

    def _feed(self, text: str) -> None:
        text = self._rest + text
        unfinished = _UNFINISHED.search(text)
        cut = unfinished.start() if unfinished else len(text)
        text, self._rest = text[:cut], text[cut:]
        for match in _PRIVATE_MODE.finditer(text):
            numbers = {int(number) for number in match[1].split(";")}
            self.modes = self.modes | numbers if match[2] == "h" else self.modes - numbers
        for match in _KEYBOARD.finditer(text):
            self.keyboard_levels = max(self.keyboard_levels + {">": 1, "<": -1, "=": 0}[match[1]], 0)
        if self._answers:
            for match in _ASKED_MODE.finditer(text):
                known = self._synchronized and int(match[1]) == SYNCHRONIZED
                self._send(f"\x1b[?{match[1]};{2 if known else 0}$y".encode())
        self._draw(_UNKNOWN_TO_PYTE.sub("", text))

    def _draw(self, text: str) -> None:
        self._stream.feed(text)

    def _send(self, data: bytes) -> None:
        """Write for the process to read; drop what does not fit once it has ended."""
        with contextlib.suppress(OSError):
            while data:
                if select.select([], [self._master], [], 0.1)[1]:
                    with contextlib.suppress(BlockingIOError):
                        data = data[os.write(self._master, data) :]
                elif self.process.poll() is not None:
                    return


class _Screen(pyte.Screen):
    """pyte's screen, extended by the alternate screen."""

    _main: Any = None

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        super().set_mode(*modes, **kwargs)
        if kwargs.get("private") and ALTERNATE in modes and self._main is None:
            self._main = copy.deepcopy(self.buffer), copy.copy(self.cursor)
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and ALTERNATE in modes and self._main is not None:
            (self.buffer, self.cursor), self._main = self._main, None
            self.dirty.update(range(self.lines))


def _set_size(fd: int, columns: int, lines: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


def is_stopped(process: psutil.Process) -> bool:
    """Whether a process is stopped, as by SIGTSTP."""
    return bool(process.status() == psutil.STATUS_STOPPED)


def python(*argv: str) -> list[str]:
    """A command line that runs this interpreter."""
    return [sys.executable, *argv]
