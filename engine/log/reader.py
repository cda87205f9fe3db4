"""A reader that follows the runs below a log folder: the requested ones, a portion at a time, while they grow.

All work is done in one thread of the caller's choice; the results are immutable. TensorFlow is not imported.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.log.event_files import LogReader
from engine.log.event_values import Logged
from engine.log.run_tree import FoundRun, LogTree
from engine.run.run_folder import EVENTS, RECORD
from engine.run.run_record import RunRecord, read_record

_RECORDS = 500
_LOOK_S = 0.02

# The tree is searched again after this long, or after this many times the duration of the last search: at most a few
# per cent of a core, however large it is.
_LOOK_AGAIN_S = 2.0
_LOOK_SHARE = 40

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """The next part of one run's log. `behind` are the bytes yet to be read, 0 at the present end. `skipped` are lines
    about everything so far that could not be read."""

    run: str
    entries: tuple[Logged, ...]
    behind: int
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """The facts about a run that need no reading of its log: `written` is when it last grew, in seconds since 1970 (0:
    never), `size` in bytes; `record` is gdtui's own, None for runs of other programs."""

    written: float
    size: int
    record: RunRecord | None


@dataclass(frozen=True, slots=True)
class LogUpdate:
    """The result of one call of `read`. `runs` are all known runs, None if they have not changed; `searching` is true
    while there may be more, `beyond` if there are too many to list; `at_end` if all requested runs are read to their
    ends."""

    runs: tuple[FoundRun, ...] | None
    portions: tuple[Portion, ...]
    searching: bool
    beyond: bool
    at_end: bool


class _Followed:
    """One run that is read: its reader, and the signature of its files when the reader had come to their end."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.path = path
        # In a folder that gdtui writes itself, links are not followed.
        self.reader = LogReader(path, clock, follow=not (path / RECORD).exists())
        self.read_to: Signature | None = None


class LogdirReader:
    """Reads runs below log folders. Each is read from its start when first requested, and then as it grows."""

    def __init__(self, *logdirs: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tree = LogTree(*logdirs, clock=clock)
        self._look_at = clock()
        self._looking_s = 0.0
        self._followed: dict[str, _Followed] = {}

    def read(self, wanted: Sequence[str], budget_s: float = 0.05) -> LogUpdate:
        """Look for runs, and read on in those `wanted`, in that order, for about `budget_s` seconds."""
        runs = self._look()
        due = [each for each in self._signed(wanted) if each[1].read_to != each[2]]
        until = self._clock() + budget_s
        portions: list[Portion] = []
        for name, followed, signature in due:
            # At least one portion, or slow files would never be read.
            while followed.read_to != signature and (not portions or self._clock() < until):
                entries = followed.reader.read(_RECORDS, max(until - self._clock(), 0.0))
                if followed.reader.at_end:
                    followed.read_to = signature
                portions.append(_portion(name, followed, entries, signature))
        at_end = all(followed.read_to == signature for _, followed, signature in due)
        return LogUpdate(runs, tuple(portions), not self._tree.complete, self._tree.beyond, at_end)

    def about(self, names: Iterable[str]) -> dict[str, About]:
        """Get the facts about these runs without reading their logs."""
        return {name: _about(self._tree.runs[name].path) for name in names if name in self._tree.runs}

    def forget(self, name: str) -> None:
        """Close a run; if it is requested again, it is read from its start."""
        followed = self._followed.pop(name, None)
        if followed is not None:
            followed.reader.close()

    def close(self) -> None:
        """Close all files."""
        for name in list(self._followed):
            self.forget(name)

    def _signed(self, wanted: Sequence[str]) -> Iterator[tuple[str, _Followed, Signature]]:
        """The wanted runs that exist, and the present signatures of their files."""
        for name in wanted:
            found = self._tree.runs.get(name)
            if name not in self._followed and found is not None:
                self._followed[name] = _Followed(found.path, self._clock)
            if name in self._followed:
                yield name, self._followed[name], _signature(self._followed[name].path)

    def _look(self) -> tuple[FoundRun, ...] | None:
        """Continue the search for runs if it is due; returns all of them if they have changed."""
        now = self._clock()
        if now < self._look_at:
            return None
        before = self._tree.runs
        ended = self._tree.look(_LOOK_S)
        self._looking_s += self._clock() - now
        if ended:
            self._look_at = self._clock() + max(_LOOK_AGAIN_S, _LOOK_SHARE * self._looking_s)
            self._looking_s = 0.0
        elif self._tree.complete:
            self._look_at = self._clock() + _LOOK_S * _LOOK_SHARE
        return tuple(self._tree.runs.values()) if self._tree.runs != before else None


def _portion(name: str, followed: _Followed, entries: list[Logged], signature: Signature) -> Portion:
    behind = 0
    if not followed.reader.at_end:
        behind = max(sum(size for _, size, _ in signature) - followed.reader.offset, 1)
    return Portion(name, tuple(entries), behind, followed.reader.skipped)


def _event_files(path: Path) -> list[os.stat_result]:
    return [status for _, status in _scanned(path)]


def _signature(path: Path) -> Signature:
    """The names, sizes and times of a run's event files: while they stay the same, there is nothing new to read."""
    return tuple(sorted((name, status.st_size, status.st_mtime_ns) for name, status in _scanned(path)))


def _scanned(path: Path) -> list[tuple[str, os.stat_result]]:
    found = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if EVENTS in entry.name and entry.is_file():
                    found.append((entry.name, entry.stat()))
    except OSError:
        pass
    return found


def _about(path: Path) -> About:
    files = _event_files(path)
    record = read_record(path) if (path / RECORD).exists() else None
    return About(max((file.st_mtime for file in files), default=0.0), sum(file.st_size for file in files), record)
