"""The crash message: a small process beside a run prints it if the run ends without a message or hangs.

A crash of native code, as when TensorFlow runs out of memory, and SIGKILL, as when the system does, leave no time for a
message; and while TensorFlow connects workers no other code runs. The small process reads from a pipe the message it
would have to print; if the pipe ends before it is cancelled, it prints that. It receives signals from the kernel,
without Python's interpreter in the run, and kills a run that was asked to end and has not.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TextIO

from engine.files import open_regular
from tui.process.log_end import cause_in

CAUSE = "<cause>"
"""A placeholder in a text for the last message of native code."""

_MOST_DESCRIPTORS = 65_536

_EVERY_S = 10.0

# A run ends within two seconds of a signal. The run's own grace period needs the interpreter, which native code may
# hold: loading TensorFlow sometimes does so for a second.
_LAST_RESORT_S = 1.9
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CrashMessage:
    """The run's side. Create it before other threads run. It never raises: without the other process the message is not
    printed."""

    def __init__(self, messages: TextIO) -> None:
        self._pipe = self._signals = -1
        self._told: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            theirs, self._pipe = os.pipe()
            heard, self._signals = os.pipe()
            run = os.getpid()
            if os.fork() == 0:
                _listen(theirs, heard, messages.fileno(), run)
            os.close(theirs)
            os.close(heard)
            os.set_blocking(self._signals, False)

    @contextlib.contextmanager
    def watching_signals(self) -> Iterator[None]:
        """A context in which a run that was asked to end is killed if it does not end in time."""
        try:
            before = signal.set_wakeup_fd(self._signals, warn_on_full_buffer=False)
        except ValueError:  # not the main thread, or there is no other process
            yield
            return
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)

    def set(
        self, text: str, *, meanwhile: str = "", crashed: str = "", late: str = "", log: Path | None = None
    ) -> None:
        """Set the text to print if the run ends without a message, with its line end, and the text to print every ten
        seconds until then.

        `crashed`, with CAUSE in it, is printed instead if the end of `log` shows why native code ended the run, and
        `late` if the run was killed after a signal.
        """
        told = {"text": text, "meanwhile": meanwhile, "crashed": crashed, "late": late}
        self._tell({**told, "log": str(log) if log is not None else ""})

    def append_to(self, path: Path) -> None:
        """Append the messages to a file from now on, and close the stream for messages."""
        self._tell({"path": str(path)})

    def cancel(self) -> None:
        """Cancel the messages: the run ends in order, or has reported its end itself."""
        self.set("")

    def _tell(self, told: dict[str, str]) -> None:
        if told == self._told:  # it would restart the wait
            return
        self._told = told
        with contextlib.suppress(OSError):
            os.write(self._pipe, json.dumps(told).encode() + b"\n")


def _listen(pipe: int, signals: int, messages: int, run: int) -> NoReturn:
    """The other process: wait for the end of the pipe, and print the last message that came."""
    try:
        # Signals that a terminal sends to all its processes are meant for the run.
        for number in (*_ENDING, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        os.dup2(pipe, 0)
        os.dup2(messages, 2)
        os.dup2(2, 1)
        os.dup2(signals, 3)
        os.closerange(4, _MOST_DESCRIPTORS)
        told: dict[str, str] = {}
        for row in _rows(run):
            if row is None:
                _say(told.get("meanwhile", ""))
                continue
            told |= json.loads(row)
            if "path" in told:
                _write_to(told.pop("path"))
        _say(_last_of(told))
    finally:
        os._exit(0)


def _rows(run: int) -> Iterator[bytes | None]:
    """The lines on descriptor 0 until it ends; None each time that none came for a while.

    Descriptor 3 has the numbers of the signals that the process `run` gets. If the process has not ended in time after
    one, it is killed, and a line reports that.
    """
    rest, watched, due = b"", [0, 3], None
    while True:
        ready = select.select(watched, [], [], _EVERY_S if due is None else max(due - time.monotonic(), 0.0))[0]
        if not ready and due is None:
            yield None
        elif not ready:
            due = None
            watched = [0]
            if os.getppid() == run:
                yield b'{"killed": "yes"}'
                os.kill(run, signal.SIGKILL)
        if 3 in ready:
            numbers = os.read(3, 64)
            if not numbers:
                watched = [0]
            elif due is None and set(numbers).intersection(_ENDING):
                due = time.monotonic() + _LAST_RESORT_S
        if 0 in ready:
            piece = os.read(0, 65_536)
            if not piece:
                return
            *rows, rest = (rest + piece).split(b"\n")
            yield from rows


def _last_of(told: Mapping[str, str]) -> str:
    """The message to print at the end."""
    if told.get("killed") and told.get("late"):
        return told["late"]
    if told.get("crashed") and told.get("log") and (cause := cause_in(Path(told["log"]))):
        return told["crashed"].replace(CAUSE, cause)
    return told.get("text", "")


def _say(text: str) -> None:
    os.write(2, text.encode(errors="replace"))


def _write_to(path: str) -> None:
    file = open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os.close(file)
