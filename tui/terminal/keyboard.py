"""The keyboard: the terminal's input as messages, and its answers to the questions that measure the line."""

from __future__ import annotations

import os
import threading
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator

from textual.message import Message

from tui.terminal.input_parser import InputParser


class Keyboard:
    """Reads from a terminal, in the input thread, through the descriptor `fd`, which never blocks. It calls
    `on_answer(at)` for an answer, and `on_refused(length)` for a paste that is too long. Bytes that are not UTF-8
    become U+FFFD."""

    def __init__(
        self,
        fd: int,
        on_answer: Callable[[float], object],
        on_refused: Callable[[int], object] = lambda length: None,
    ) -> None:
        self.fd = _never_blocking(fd)
        self._on_answer = on_answer
        self._on_refused = on_refused
        self._came = threading.Event()
        self.answers = 0
        self.restart()

    def restart(self) -> None:
        """Discard the input so far."""
        self._text = ""
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode
        self._parser = InputParser(self._answered, self._on_refused)

    def read(self) -> bool:
        """Read the available input; returns False if the terminal has gone."""
        try:
            data = os.read(self.fd, 4096)
        except BlockingIOError:
            return True
        except OSError:  # EIO
            return False
        self._text = self._decode(data)
        return bool(data)

    def messages(self) -> Iterator[Message]:
        """Parse what was read, and end what has waited too long."""
        text, self._text = self._text, ""
        if text:
            yield from self._parser.feed(text)
        yield from self._parser.tick()

    def await_answers(self, number: int, limit_s: float) -> None:
        """Wait, in another thread, until there were `number` answers in all: an answer that comes later is typed into
        the next program that reads from the terminal."""
        until = time.monotonic() + limit_s
        while self.answers < number:
            self._came.clear()
            if self.answers < number and not self._came.wait(max(until - time.monotonic(), 0.0)):
                break

    def _answered(self) -> None:
        self.answers += 1
        self._came.set()
        self._on_answer(time.monotonic())


def _never_blocking(fd: int) -> int:
    """Open the terminal of a descriptor once more, for reads that return at once without input: while the app was
    stopped, its guardian may have discarded what was there. Other programs share `fd`, which is left as it is, and
    returned if it is no terminal or may not be opened."""
    try:
        return os.open(os.ttyname(fd), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    except OSError:
        return fd
