"""How gdtui ends."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes, everywhere the same. Beside these, 128 + n says that signal n ended it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DIVERGED = 3
    NO_CHECKPOINT = 4
    IN_USE = 5
    PIPE_CLOSED = 141
    """Whoever read the results has gone; SIGPIPE, 13, ends most programs then."""
