"""Signals that end the app: the first one in order, the second one at once.

Plain handlers, not asyncio's: they also run while the event loop is busy or waits for something. A handler does very
little, because it may have interrupted anything; a thread that waits for it does the rest.
"""

from __future__ import annotations

import contextlib
import queue
import signal
import time
from collections.abc import Callable
from types import FrameType

from tui.terminal.guardian import ENDING

# A shell and the kernel both report that the terminal has gone, and a signal to the whole process group arrives through
# the guardian too: signals in such quick succession are the same event.
SAME_EVENT_S = 0.5


class Signals:
    """Handles SIGINT, SIGTERM, SIGHUP and SIGQUIT after `listen`. One that was ignored before (nohup) stays ignored.

    `at_once` is called in the handler with the number of the first signal when another comes; it should not return.
    """

    def __init__(self, at_once: Callable[[int], object], clock: Callable[[], float] = time.monotonic) -> None:
        self.received: int | None = None
        self._at_once = at_once
        self._clock = clock
        self._since = 0.0
        self._leaving = False
        self._first: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put may interrupt itself

    def listen(self) -> None:
        """Set the handlers; in the main thread."""
        for number in ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(ValueError):
                    signal.signal(number, self._handle)

    def wait(self) -> int:
        """Wait for the first signal; returns its number."""
        return self._first.get()

    def end(self, number: int) -> None:
        """Act as if signal `number` had come, if none has; from any thread."""
        if self.received is None:
            self.received = number
            self._since = self._clock()
            self._first.put(number)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.received is None:
            self.end(number)
        elif number != signal.SIGHUP and not self._leaving and self._clock() - self._since > SAME_EVENT_S:
            self._leaving = True  # a third one must not interrupt that
            self._at_once(self.received)
