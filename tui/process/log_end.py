"""The end of a log: its last lines, and the last message of native code that ended the process. Imports very little."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path

from engine.files import open_regular
from tui.text.clean import clean

TAIL_LINES = 12
_TAIL_BYTES = 2**16  # after an unknown flag TensorFlow prints a table of 16 KB
_LONGEST = 300

# A message of level F, after which a process ends. Source of the form: Abseil, absl/log/internal/log_format.cc.
_FATAL = re.compile(r"F\d{4} [\d:.]+ +\d+ \S+\] (.*)", re.ASCII)

# The message of std::terminate about an exception.
_WHAT = re.compile(r"\s*(what\(\): .*)")

# The first words of a traceback by Python's faulthandler after a crash of native code, and those of the thread in which
# it crashed. A thread of native code has no traceback; then no thread is called the current one.
_DUMP = "Fatal Python error: "
_CRASHED = "Current thread "

# A line of ordinary logging, or of a stack of native code.
_ORDINARY = re.compile(r"[IWE]\d{4} |\s|\*\*\* |$", re.ASCII)


def end_of(log: Path | None) -> list[str]:
    """The last lines of a log, or after a crash of native code the traceback of the thread that crashed; empty if there
    is no log."""
    lines = _tail(log)
    dumped = _dump_in(lines)
    if dumped is not None:
        dump = lines[dumped:]
        lines = dump[next((place for place, line in enumerate(dump) if line.startswith(_CRASHED)), 0) :][:TAIL_LINES]
    return [clean(line.expandtabs())[:200] for line in deque(lines, TAIL_LINES)]


def cause_in(log: Path | None) -> str:
    """The last message of native code that ended the process, from the end of its log; empty if there is none, as after
    SIGKILL."""
    lines = _tail(log)
    dumped = _dump_in(lines)
    for line in reversed(lines[:dumped]):
        if found := _FATAL.match(line) or _WHAT.match(line):
            return clean(" ".join(found[1].split()))[:_LONGEST]
    if dumped is None:
        return ""
    said = lines[dumped - 1] if dumped else ""
    if _ORDINARY.match(said):  # nothing was said of the crash, by the C library or another one
        said = lines[dumped].removeprefix(_DUMP)
    return clean(said)[:_LONGEST]


def _dump_in(lines: list[str]) -> int | None:
    """The place of the last traceback by faulthandler, or None."""
    return next((place for place in range(len(lines) - 1, -1, -1) if lines[place].startswith(_DUMP)), None)


def _tail(log: Path | None) -> list[str]:
    if log is None:
        return []
    try:
        with os.fdopen(open_regular(log), "rb") as file:
            file.seek(max(os.fstat(file.fileno()).st_size - _TAIL_BYTES, 0))
            return file.read(_TAIL_BYTES).decode(errors="replace").splitlines()
    except OSError:
        return []
