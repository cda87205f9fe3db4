"""What comes from the terminal: keys, and answers to the questions that measure the line."""

from __future__ import annotations

import os
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable

from tui.terminal.meter import ANSWER


class Keyboard:
    """Reads text from a descriptor, in the input thread, and takes the answers out of it, of which it tells
    `on_answers(number, at)`. Bytes that are no UTF-8 become U+FFFD."""

    def __init__(self, fd: int, on_answers: Callable[[int, float], object]) -> None:
        self._fd = fd
        self._on_answers = on_answers
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._kept = ""
        self._came = threading.Event()
        self.answers = 0

    def read(self) -> str | None:
        """The keys that have come, perhaps none; None where the terminal has gone."""
        try:
            data = os.read(self._fd, 4096)
        except OSError:  # EIO
            return None
        return self._sort(self._decode(data)) if data else None

    def rest(self) -> str:
        """What was kept because it might have been the start of an answer, and was none."""
        kept, self._kept = self._kept, ""
        return kept

    def await_answers(self, number: int, limit_s: float) -> None:
        """Wait until there were `number` answers in all, in another thread: what comes later is typed into whatever
        reads from the terminal next."""
        until = time.monotonic() + limit_s
        while self.answers < number:
            self._came.clear()
            if self.answers < number and not self._came.wait(max(until - time.monotonic(), 0.0)):
                break

    def _sort(self, text: str) -> str:
        text = self._kept + text
        answers = text.count(ANSWER)
        text = text.replace(ANSWER, "")
        if answers:
            self.answers += answers
            self._came.set()
            self._on_answers(answers, time.monotonic())
        kept = next((ANSWER[:length] for length in (3, 2) if text.endswith(ANSWER[:length])), "")
        self._kept = kept
        return text.removesuffix(kept)
