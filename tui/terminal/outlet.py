"""The output queue of the terminal: writing never waits, and what the terminal does not accept stays here."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import time
from collections import deque
from collections.abc import Callable

from tui.terminal.restore import CUT, Terminal

POLL_S = 0.02


class Outlet:
    """Writes to a terminal from the event loop's thread. `on_drained(size, busy_s)` is called there when all bytes that
    had to wait are accepted, `busy_s` seconds after the first of them."""

    def __init__(
        self, terminal: Terminal, loop: asyncio.AbstractEventLoop, on_drained: Callable[[int, float], None]
    ) -> None:
        self._terminal = terminal
        self._loop = loop
        self._on_drained = on_drained
        self._waiting: deque[bytes] = deque()
        self._torn = False
        self._blocked_since: float | None = None
        self._taken_since = 0
        self._due: asyncio.Handle | None = None
        self._watched = False
        self.backlog_bytes = 0
        self.gone = False
        """Whether the terminal accepts nothing because it has gone."""

    def write(self, data: bytes) -> None:
        """Write soon: with the next `drain`, or in the loop's next iteration."""
        if self.gone or not data:
            return
        self._waiting.append(data)
        self.backlog_bytes += len(data)
        if self._due is None and not self._watched:
            self._due = self._loop.call_soon(self.drain)

    def drain(self) -> None:
        """Write what the terminal accepts now."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        while self._waiting:
            taken = self._offer(self._waiting[0])
            if not taken:
                break
            self._took(taken)
        if self._waiting:
            if self._blocked_since is None:
                self._blocked_since, self._taken_since = time.monotonic(), 0
            self._watch()
        else:
            self._unwatch()
            if self._blocked_since is not None:
                busy_s, self._blocked_since = time.monotonic() - self._blocked_since, None
                self._on_drained(self._taken_since, busy_s)

    def cut(self) -> None:
        """Discard the waiting bytes; if this cuts a sequence, the next write ends it properly."""
        torn = self._torn
        self._clear()
        if torn:
            self._torn = False
            self.write(CUT.encode())

    def flush(self, patience_s: float) -> bool:
        """Write all waiting bytes, in this thread, while the terminal accepts some every `patience_s`."""
        data = b"".join(self._waiting)
        self._clear()
        self._unwatch()
        rest = self._terminal.offer(data, patience_s)
        return not rest

    def close(self) -> None:
        """Discard the waiting bytes and stop watching the terminal."""
        self._clear()
        self._unwatch()

    def _offer(self, data: bytes) -> int:
        """Write without blocking; returns how many bytes of `data` the terminal accepted."""
        if not self._terminal.never_blocks:
            if not select.select([], [self._terminal.screen], [], 0)[1]:
                return 0
            data = data[:256]
        try:
            return os.write(self._terminal.screen, data)
        except BlockingIOError:
            return 0
        except OSError:  # EIO: the terminal has gone; the input thread will report it
            self.gone = True
            self._clear()
            return 0

    def _took(self, size: int) -> None:
        first = self._waiting.popleft()
        self._torn = size < len(first)
        if self._torn:
            self._waiting.appendleft(first[size:])
        self.backlog_bytes -= size
        self._taken_since += size

    def _clear(self) -> None:
        self._waiting.clear()
        self.backlog_bytes = 0
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _watch(self) -> None:
        """Continue when there is room again."""
        if self._watched:
            return
        try:
            self._loop.add_writer(self._terminal.screen, self.drain)
            self._watched = True
        except OSError:  # the loop cannot wait for terminals: macOS's kqueue
            self._due = self._loop.call_later(POLL_S, self.drain)

    def _unwatch(self) -> None:
        if self._watched:
            self._watched = False
            with contextlib.suppress(OSError, RuntimeError):
                self._loop.remove_writer(self._terminal.screen)
