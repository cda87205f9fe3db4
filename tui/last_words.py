"""A small process beside a run's own, which says a line when that one is gone without a word, or waits for long.

A crash of native code, which is how TensorFlow runs out of memory, and SIGKILL, which is how the system does, leave no
time to say anything; and while TensorFlow connects workers it lets no other code run. The process that is left behind
reads from a pipe what it would have to say; when the pipe ends before it was told that all is well, it says that.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, TextIO

_MOST_DESCRIPTORS = 65_536

_EVERY_S = 10.0


class LastWords:
    """The run's side. Make it before other threads run. It never raises: where there is no other side, nobody says
    the words."""

    def __init__(self, messages: TextIO) -> None:
        self._pipe = -1
        self._told: dict[str, str] = {}
        with contextlib.suppress(OSError, ValueError):
            theirs, self._pipe = os.pipe()
            if os.fork() == 0:
                _listen(theirs, messages.fileno())
            os.close(theirs)

    def are(self, text: str, meanwhile: str = "") -> None:
        """What is to be written if nothing else comes, line end and all, and what every ten seconds until then."""
        self._tell({"text": text, "meanwhile": meanwhile})

    def go_to(self, path: Path) -> None:
        """They are to be appended to a file from now on, and the stream for messages to be let go."""
        self._tell({"path": str(path)})

    def are_not_needed(self) -> None:
        """The run ends in order, or has said itself how it ended."""
        self._tell({"text": "", "meanwhile": ""})

    def _tell(self, told: dict[str, str]) -> None:
        if told == self._told:  # it would begin to wait anew
            return
        self._told = told
        with contextlib.suppress(OSError):
            os.write(self._pipe, json.dumps(told).encode() + b"\n")


def _listen(pipe: int, messages: int) -> NoReturn:
    """The other side: wait for the end of the pipe, and say the last line that came."""
    try:
        # What a terminal sends to all that run in it is for the run.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, signal.SIG_IGN)
        os.dup2(pipe, 0)
        os.dup2(messages, 2)
        os.dup2(2, 1)
        os.closerange(3, _MOST_DESCRIPTORS)
        text = meanwhile = ""
        for row in _rows():
            if row is None:
                _say(meanwhile)
                continue
            told = json.loads(row)
            text, meanwhile = told.get("text", text), told.get("meanwhile", meanwhile)
            if "path" in told:
                _write_to(told["path"])
        _say(text)
    finally:
        os._exit(0)


def _rows() -> Iterator[bytes | None]:
    """The rows that come on descriptor 0 until it ends; None each time that none came for a while."""
    rest = b""
    while True:
        if not select.select([0], [], [], _EVERY_S)[0]:
            yield None
            continue
        piece = os.read(0, 65_536)
        if not piece:
            return
        *rows, rest = (rest + piece).split(b"\n")
        yield from rows


def _say(text: str) -> None:
    os.write(2, text.encode(errors="replace"))


def _write_to(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW)
    for descriptor in (1, 2):
        os.dup2(file, descriptor)
    os.close(file)
