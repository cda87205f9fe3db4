"""A pseudo-terminal that keeps its output with the times of arrival, and reads it later.

Reading a screen takes a processor, which the measured program may need: so a stretch is first recorded, then read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.end_to_end.terminal import Terminal

ALIVE, YES = "\x1b[5n", "\x1b[0n"
"""The question by which a program checks that a terminal is alive, and the answer."""


class Recorder(Terminal):
    """A Terminal. With `recording` it records from its first byte on."""

    def __init__(self, *args: Any, recording: bool = False, **kwargs: Any) -> None:
        self._unread: list[tuple[float, str]] = []
        self._recording = recording
        self._asking = ""
        self._silent = False
        self.drawn_at = 0.0
        """When something was last drawn (monotonic, s)."""
        self.began = time.monotonic()
        super().__init__(*args, **kwargs)

    def _feed(self, text: str) -> None:
        self.drawn_at = time.monotonic()
        if not self._recording:
            super()._feed(text)
            return
        self._unread.append((self.drawn_at, text))
        asked = self._asking + text
        for _ in range(asked.count(ALIVE)):  # answered at once, as by a terminal that reads all the time
            self._send(YES.encode())
        self._asking = asked[1 - len(ALIVE) :]

    @contextmanager
    def recording(self) -> Iterator[None]:
        """A context in which nothing is read; `read` does it afterwards."""
        with self._changed:
            self._recording = True
        yield

    def read(self) -> Iterator[tuple[float, str]]:
        """Read what was recorded: for each piece, its time of arrival (monotonic, s) and the screen after it.

        At the end the terminal reads its output immediately again.
        """
        while True:
            yield from self.read_so_far()
            with self._changed:
                if not self._unread:
                    self._recording = False
                    return

    def read_so_far(self) -> Iterator[tuple[float, str]]:
        """As `read`, but the recording goes on."""
        while self._unread:
            with self._changed:
                at, text = self._unread.pop(0)
                self._silent = True  # questions in the recording were answered when they came
                super()._feed(text)
                self._silent = False
                shown = "\n".join(self.screen.display)
            yield at, shown

    def _send(self, data: bytes) -> None:
        if not self._silent:
            super()._send(data)
