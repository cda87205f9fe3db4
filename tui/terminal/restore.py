"""How the terminal was before the app, and what brings it back there: for the app, its watchdog and its guardian.

Nothing here waits for a terminal that takes nothing, takes a lock, or needs an event loop.
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
"""Ends whatever sequence or string was cut off before: CAN, then ST."""

LEAVE = (
    "\x1b[?2026l"  # synchronized output: what is drawn shows
    "\x1b[<u"  # the keyboard protocol of kitty, before the screen to which it belongs is left
    "\x1b[?2004l"  # bracketed paste
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # mouse: clicks, moves, and how they are told
    "\x1b[?1004l"  # focus reports
    "\x1b[?2048l"  # size reports
    "\x1b[?7h"  # lines wrap
    "\x1b[0m"
    "\x1b[?1049l"  # the alternate screen
    "\x1b[?25h"  # the cursor shows
)
"""Undoes every mode that the app's driver sets."""

PATIENCE_S = 0.25
"""How long a terminal may take nothing until what waits in it is thrown away."""


@dataclass(frozen=True)
class Terminal:
    """The terminal of this process. `screen` is a descriptor of its own to draw on, which no other process shares and
    which no redirection reaches; `keyboard` is standard input, and `before` its settings at the start."""

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
        screen = _open_anew(drawn_on)
        if screen is not None:
            return cls(screen, 0, before, True)
        return cls(os.dup(drawn_on), 0, before, False)

    def restore(self) -> None:
        """Bring the terminal back to where it was, if the app has its modes on; three quarters of a second at most."""
        if self.shared.modes_on:
            self._take_answers()
            self.restore_settings()
            self.insist((CUT + LEAVE).encode())
            self.shared.modes_on = False

    def restore_settings(self) -> None:
        """Set line discipline and echo as they were, and forget what was typed for the app.

        Not from the background: there the shell has the terminal, and its settings are on.
        """
        if in_foreground(self.keyboard):
            with stops_ignored(), contextlib.suppress(termios.error):
                termios.tcsetattr(self.keyboard, termios.TCSANOW, self.before)
                termios.tcflush(self.keyboard, termios.TCIFLUSH)

    def _take_answers(self) -> None:
        """Read what the terminal still owes the app, for a while: later it would be typed into the shell."""
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
        """Write all of `data`, at the cost of what the terminal has not taken yet; False if even that does not help."""
        if not self.offer(data, PATIENCE_S):
            return True
        with stops_ignored(), contextlib.suppress(termios.error):
            termios.tcflush(self.screen, termios.TCOFLUSH)
        return not self.offer(CUT.encode() + data, PATIENCE_S)

    def offer(self, data: bytes, patience_s: float) -> bytes:
        """Write until the terminal has taken nothing for `patience_s`; returns what it has not taken."""
        until = time.monotonic() + patience_s
        while data and (left_s := until - time.monotonic()) > 0:
            try:
                if not select.select([], [self.screen], [], left_s)[1]:
                    break
                # A descriptor that may block takes less than what it has said there is room for.
                taken = os.write(self.screen, data if self.never_blocks else data[:256])
            except BlockingIOError:
                continue
            except (OSError, ValueError):  # the terminal has gone
                return b""
            data = data[taken:]
            until = time.monotonic() + patience_s
        return data


def controls(fd: int) -> bool:
    """Whether a terminal is the one that controls this process: its shell runs jobs on it, its keys send signals."""
    return _foreground_group(fd) is not None


def in_foreground(fd: int) -> bool:
    """Whether this process may use the terminal. One that controls no session is nobody else's to use."""
    return _foreground_group(fd) in (None, os.getpgrp())


def _foreground_group(fd: int) -> int | None:
    try:
        return os.tcgetpgrp(fd)
    except OSError:
        return None


@contextlib.contextmanager
def stops_ignored() -> Iterator[None]:
    """While entered, a terminal's settings can be changed from the background; the process would be stopped for it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _open_anew(fd: int) -> int | None:
    """Another descriptor for a terminal, with flags of its own: O_NONBLOCK on a shared one would reach the shell."""
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        return os.open(os.ttyname(fd), flags)
    with contextlib.suppress(OSError):
        # After su, /dev/tty can be opened where the terminal's own name cannot.
        return os.open("/dev/tty", flags) if controls(fd) else None
    return None
