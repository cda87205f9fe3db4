"""The handling of SIGINT, SIGTERM and SIGHUP: the engine stops at its next event, and the log is flushed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

# Within two seconds the process has ended: some of it is reserved for the work after the engine has stopped.
GRACE_S = 1.6


class Stopper:
    """A context in which the first of the signals calls `stop` and starts the grace period; after that, or at a second
    SIGINT, the process ends at once. A signal that was ignored before (nohup) stays ignored.

    Plain handlers, not asyncio's: they run even while the main thread waits for a stalled terminal.
    """

    def __init__(self, leave: Callable[[int], Any] = os._exit, grace_s: float = GRACE_S) -> None:
        self.received: int | None = None
        self._stop: Callable[[], None] = lambda: None
        self._leave = leave
        self._grace_s = grace_s
        self._before: dict[int, Any] = {}

    @property
    def code(self) -> int | None:
        """The exit code if a signal has come."""
        return None if self.received is None else 128 + self.received

    def on_signal(self, stop: Callable[[], None]) -> None:
        """Call `stop` when a signal comes, or at once if one has come. It must be safe to call from a signal
        handler."""
        self._stop = stop
        if self.received is not None:
            stop()

    def leave_by(self, leave: Callable[[int], Any]) -> None:
        """Call `leave` with the exit code when the process has to end at once."""
        self._leave = leave

    def __enter__(self) -> Self:
        for number in SIGNALS:
            with contextlib.suppress(ValueError):  # not the main thread, which cannot set handlers
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.received is not None:
            if number == signal.SIGINT:
                self._leave(128 + self.received)
            return
        self.received = number
        threading.Thread(target=self._leave_late, name="grace", daemon=True).start()
        self._stop()

    def _leave_late(self) -> None:
        time.sleep(self._grace_s)
        self._leave(128 + (self.received or 0))
