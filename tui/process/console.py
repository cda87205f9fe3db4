"""The standard streams: whether there is a terminal to draw on, what it can show, and who may write to it.

Native libraries write to descriptors 1 and 2 at any log level: TensorFlow's first lines come before its log level is
read. So a run keeps duplicates of both for itself and redirects the descriptors to a file.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import io
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from engine.files import open_regular
from tui.process import folders

DEFAULT_WIDTH = 80

# The number of logs kept: each is small, and to find an error the last few are enough.
KEPT_LOGS = 20


@dataclass(frozen=True)
class Streams:
    """The streams for results and for messages; `log` is the file that receives everything else, None if there is
    none."""

    out: TextIO
    err: TextIO
    log: Path | None = None


_claimed: Streams | None = None


def can_draw(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the app has a terminal: stdin and stdout are one, and TERM is neither empty nor dumb."""
    return has_terminal_type(environ) and _is_terminal(0) and _is_terminal(1)


def has_terminal_type(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether TERM names a terminal that can move its cursor."""
    return environ.get("TERM", "") not in ("", "dumb")


def width_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> int:
    """The number of columns of a terminal: COLUMNS if it is a positive number, else what the terminal reports, else
    80."""
    said = environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said[:6]) > 0:
        return int(said[:6])
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    except (OSError, ValueError):
        return DEFAULT_WIDTH


def speaks_unicode(stream: TextIO) -> bool:
    """Whether a stream accepts every character; one in memory, which has no encoding, does."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def mend_standard_streams() -> None:
    """Open the null device for descriptors 0 to 2 that are closed, and replace characters that cannot be encoded.

    A closed descriptor would be reused for the next file that is opened, and output would be written into it.
    """
    for fd in (0, 1, 2):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    for fd, name in ((1, "stdout"), (2, "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(fd, "w", encoding="utf-8", errors="replace", closefd=False))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def claim(*, verbose: bool, encoding: str | None = None) -> Streams:
    """Reserve the two output descriptors for gdtui, once per process, before TensorFlow is imported.

    What other code writes there goes to a new file in the user's log folder, and so do the tracebacks of a crash; with
    `verbose` it goes to the messages' stream instead. sys.stdout and sys.stderr also lead there. The reserved streams
    are written in `encoding`; None stands for that of sys.stdout and sys.stderr.
    """
    out, err = _duplicate(sys.stdout, 1, encoding), _duplicate(sys.stderr, 2, encoding)
    log = None
    if verbose:
        os.dup2(2, 1)
    else:
        descriptor, log = _open_log()
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.close(descriptor)
    with contextlib.suppress(OSError, ValueError):
        faulthandler.enable(file=2)
    global _claimed
    _claimed = Streams(out, err, log)
    return _claimed


def claimed() -> Streams | None:
    """The result of `claim` in this process, or its replacement; None if it was not called."""
    return _claimed


def release(messages: TextIO) -> None:
    """Close what `claim` reserved: a program that waits for the terminal's last user, as ssh does, can then end.

    Everything that would have gone to the messages' stream goes to `messages` from now on.
    """
    global _claimed
    if _claimed is None:
        return
    if _claimed.log is None:  # --verbose, or no log could be made: descriptors 1 and 2 may lead to the terminal
        os.dup2(messages.fileno(), 1)
        os.dup2(messages.fileno(), 2)
    for stream in (_claimed.out, _claimed.err):
        with contextlib.suppress(OSError, ValueError):
            stream.close()
    _claimed = Streams(messages, messages, _claimed.log)


def give_up_output() -> None:
    """Redirect stdout to the null device: flushing the rest of the buffer cannot fail when Python ends."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def _duplicate(stream: TextIO, fd: int, encoding: str | None) -> TextIO:
    with contextlib.suppress(OSError, ValueError):
        stream.flush()
    encoding = encoding or getattr(stream, "encoding", None) or "utf-8"
    return open(os.dup(fd), "w", encoding=encoding, errors="replace")  # noqa: PTH123 - open for the whole run


def _open_log() -> tuple[int, Path | None]:
    """Open a new log file that only the user can read; the null device if there can be none."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    for folder in (folders.own_logs(), Path(tempfile.gettempdir()) / f"gdtui-{os.getuid()}"):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(folder / name, flags | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError:
            continue
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _retire_old_logs(folder)
        return descriptor, folder / name
    return os.open(os.devnull, os.O_WRONLY), None


def _retire_old_logs(folder: Path) -> None:
    """Delete all but the newest logs, except those of running processes."""
    for old in sorted(folder.glob("*-*-*.log"))[:-KEPT_LOGS]:
        with contextlib.suppress(OSError):
            if not _is_held(old):
                old.unlink()


def _is_held(log: Path) -> bool:
    """Whether a process writes to a log: it is locked while a process has the descriptor. Raises OSError."""
    descriptor = open_regular(log)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False
