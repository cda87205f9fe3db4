"""Exit codes of gdtui."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of all commands. Besides these, 128 + n means that signal n ended the process."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    DIVERGED = 3
    NO_CHECKPOINT = 4
    IN_USE = 5
    UNSOLVED = 6
    PIPE_CLOSED = 141
    """The reader of the results closed the pipe; SIGPIPE, 13, ends most programs in that case."""
