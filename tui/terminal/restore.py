"""The terminal's state before the app, and its restoration by the app, its watchdog or its guardian.

Nothing here waits for a terminal that accepts nothing, takes a lock, or needs an event loop.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tui.terminal.meter import ANSWER
from tui.terminal.shared import Shared

CUT = "\x18\x1b\\"
"""Ends a sequence or string that was cut off before: CAN, then ST."""

LEAVE = (
    "\x1b[?2026l"  # synchronized output: what is drawn shows
    "\x1b[<u"  # the keyboard protocol of kitty, before the screen to which it belongs is left
    "\x1b[?2004l"  # bracketed paste
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse: clicks, moves, and their encodings
    "\x1b[?1004l"  # focus reports
    "\x1b[?2048l"  # size reports
    "\x1b[?7h"  # lines wrap
    "\x1b[0m"
    "\x1b[?1049l"  # the alternate screen
    "\x1b[?25h"  # the cursor shows
)
"""Resets every mode that the app's driver sets."""

PATIENCE_S = 0.25
"""How long a terminal may accept nothing before its waiting output is discarded."""


@dataclass(frozen=True)
class Terminal:
    """The terminal of this process. `screen` is a descriptor to draw on that is shared with no other process and not
    affected by redirection; `keyboard` is standard input, and `before` its settings at the start."""

    screen: int
    keyboard: int
    before: list[Any]
    never_blocks: bool
    shared: Shared = field(default_factory=Shared)

    @classmethod
    def open(cls) -> Terminal | None:
        """The terminal on standard input and output; None if there is none."""
        try:
            before = termios.tcgetattr(0)
        except termios.error:
            return None
        drawn_on = next((fd for fd in (1, 2, 0) if os.isatty(fd)), 0)
        screen = _open_again(drawn_on)
        if screen is not None:
            return cls(screen, 0, before, True)
        return cls(os.dup(drawn_on), 0, before, False)

    def restore(self) -> None:
        """Restore the terminal if it is in the app's modes; takes at most three quarters of a second."""
        if self.shared.modes_on:
            self._take_answers()
            self.restore_settings()
            self.insist((CUT + LEAVE).encode())
            self.shared.modes_on = False

    def restore_settings(self) -> None:
        """Restore line discipline and echo, and drop input that was typed for the app.

        Does nothing in the background: there the shell has the terminal, with its own settings.
        """
        if in_foreground(self.keyboard):
            with stops_ignored(), contextlib.suppress(termios.error):
                termios.tcsetattr(self.keyboard, termios.TCSANOW, self.before)
                termios.tcflush(self.keyboard, termios.TCIFLUSH)

    def _take_answers(self) -> None:
        """Read answers that the terminal still owes the app, for a while: later ones would be typed into the shell."""
        until, read = time.monotonic() + PATIENCE_S, b""
        while read.count(ANSWER.encode()) < self.shared.owed and in_foreground(self.keyboard):
            if not select.select([self.keyboard], [], [], max(until - time.monotonic(), 0.0))[0]:
                break
            try:
                data = os.read(self.keyboard, 4096)
            except OSError:  # the terminal has gone
                break
            if not data:
                break
            read += data
        self.shared.owed = 0

    def insist(self, data: bytes) -> bool:
        """Write all of `data`; waiting output may be discarded for it. Returns False if even that fails."""
        if not self.offer(data, PATIENCE_S):
            return True
        with stops_ignored(), contextlib.suppress(termios.error):
            termios.tcflush(self.screen, termios.TCOFLUSH)
        return not self.offer(CUT.encode() + data, PATIENCE_S)

    def offer(self, data: bytes, patience_s: float) -> bytes:
        """Write until the terminal has accepted nothing for `patience_s`; returns the rest."""
        until = time.monotonic() + patience_s
        while data and (left_s := until - time.monotonic()) > 0:
            try:
                if not select.select([], [self.screen], [], left_s)[1]:
                    break
                # A blocking descriptor accepts less than it has reported room for.
                taken = os.write(self.screen, data if self.never_blocks else data[:256])
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # the terminal has gone
                return b""
            data = data[taken:]
            until = time.monotonic() + patience_s
        return data


def controls(fd: int) -> bool:
    """Whether a terminal controls this process: its shell runs jobs on it, its keys send signals."""
    return _foreground_group(fd) is not None


def in_foreground(fd: int) -> bool:
    """Whether this process may use the terminal. One that controls no session belongs to no other process."""
    return _foreground_group(fd) in (None, os.getpgrp())


def _foreground_group(fd: int) -> int | None:
    try:
        return os.tcgetpgrp(fd)
    except OSError:
        return None


@contextlib.contextmanager
def stops_ignored() -> Iterator[None]:
    """A context in which a terminal's settings can be changed from the background; otherwise that would stop the
    process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_again(fd: int) -> int | None:
    """Open another descriptor for a terminal, with its own flags: O_NONBLOCK on a shared one would affect the shell."""
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        return os.open(os.ttyname(fd), flags)
    with contextlib.suppress(OSError):
        # After su, /dev/tty can be opened even if the terminal's own name cannot.
        return os.open("/dev/tty", flags) if controls(fd) else None
    return None
