"""Output streams whose failures never reach the engine."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Mapping
from typing import TextIO


class Output:
    """A stream that may fail. After a failure it accepts text and writes nothing. `signs`, for str.translate, replaces
    signs that the terminal lacks."""

    def __init__(self, stream: TextIO, signs: Mapping[int, str] | None = None) -> None:
        self.stream = stream
        self._signs = signs
        self.failure: OSError | None = None

    @property
    def gone(self) -> bool:
        """Whether the reader has closed the pipe, as `head` does when it has enough."""
        return isinstance(self.failure, BrokenPipeError)

    def write(self, text: str) -> None:
        """Write and flush."""
        if not text or self.failure is not None:
            return
        try:
            self.stream.write(text if self._signs is None else text.translate(self._signs))
            self.stream.flush()
        except OSError as error:
            self.failure = error
            self._give_up()
        except ValueError:  # the stream is closed
            self.failure = OSError("the stream is closed")

    def _give_up(self) -> None:
        """Redirect the descriptor to the null device: the stream's buffer must not fail again when it is closed."""
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
    """Whether a stream's output shows on no terminal: it is a file, or the null device."""
    try:
        kind = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(kind) or (stat.S_ISCHR(kind) and not is_terminal(stream))
