"""What is written, and what becomes of it where it cannot be: never the engine's concern."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TextIO


class Output:
    """A stream that may fail. After a failure it takes what it is given and writes nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.failure: OSError | None = None

    @property
    def gone(self) -> bool:
        """Whether whoever read it has gone, as `head` does when it has seen enough."""
        return isinstance(self.failure, BrokenPipeError)

    def write(self, text: str) -> None:
        """Write, and hand it on at once."""
        if not text or self.failure is not None:
            return
        try:
            self.stream.write(text)
            self.stream.flush()
        except OSError as error:
            self.failure = error
            self._give_up()
        except ValueError:  # the stream is closed
            self.failure = OSError("the stream is closed")

    def _give_up(self) -> None:
        """Point the descriptor at nothing: what the stream still holds must not fail again when it is closed."""
        with contextlib.suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self.stream.fileno())
            os.close(nothing)


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def is_at_rest(stream: TextIO) -> bool:
    """Whether what is written to a stream shows up on no terminal: a file, or nothing."""
    try:
        kind = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(kind) or (stat.S_ISCHR(kind) and not is_terminal(stream))
