"""The watchdog: if an app that was asked to end has not ended after a while, it ends the process at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

from tui.terminal.restore import Terminal

GRACE_S = 1.5
"""From the signal to the end, within the two seconds allowed for a signal."""


class Watchdog:
    """Restores the terminal and ends the process `grace_s` seconds after it was set."""

    def __init__(
        self, terminal: Terminal | None, grace_s: float = GRACE_S, leave: Callable[[int], object] = os._exit
    ) -> None:
        self._terminal = terminal
        self._grace_s = grace_s
        self._leave = leave

    def set(self, code: int) -> None:
        """End the process with `code` unless it ends before; not from a signal handler, because it starts a thread."""
        timer = threading.Timer(self._grace_s, self.leave_now, (code,))
        timer.daemon = True
        timer.start()

    def leave_now(self, code: int) -> None:
        """Restore the terminal and end the process. Takes no lock: it may be called in a signal handler."""
        try:
            if self._terminal is not None:
                self._terminal.restore()
        finally:
            self._leave(code)
