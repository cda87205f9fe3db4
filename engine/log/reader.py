"""Follows the runs below a log folder: those that are asked for, a portion at a time, as long as they grow.

All of it is done in one thread of the caller's choice; what it hands out is immutable. No TensorFlow is imported.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.event_files import LogReader
from engine.event_values import Logged
from engine.log_tree import FoundRun, LogTree
from engine.run_record import RECORD, RunRecord, read_record

_MARK = "tfevents"
_RECORDS = 500
_LOOK_S = 0.02

# The tree is gone through again after this long, or as many times what going through it took: a few per cent of a core
# at the most, however large it is.
_LOOK_AGAIN_S = 2.0
_LOOK_SHARE = 40

Signature = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Portion:
    """What one run's log said next. `behind` are the bytes that are yet to be read, 0 at the end of what there is for
    now. `skipped` says in lines what of all so far could not be read."""

    run: str
    entries: tuple[Logged, ...]
    behind: int
    skipped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a run without reading its log: `written` is when it last grew, in seconds since 1970 (0: never),
    `size` in bytes; `record` is gdtui's own, None for runs of other programs."""

    written: float
    size: int
    record: RunRecord | None


@dataclass(frozen=True, slots=True)
class News:
    """What one look brought. `runs` are all that are known, None where they are those known before; `searching` says
    that there may be more, `beyond` that there are too many to list; `at_end` that all was read that was asked for."""

    runs: tuple[FoundRun, ...] | None
    portions: tuple[Portion, ...]
    searching: bool
    beyond: bool
    at_end: bool


class _Followed:
    """One run that is read: its reader, and what its files were like when the reader had come to their end."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self.path = path
        self.reader = LogReader(path, clock)
        self.read_to: Signature | None = None


class LogdirReader:
    """Reads runs below `logdir`. Each is read from its start when it is first asked for, and then as it grows."""

    def __init__(self, logdir: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tree = LogTree(logdir, clock=clock)
        self._look_at = clock()
        self._looking_s = 0.0
        self._followed: dict[str, _Followed] = {}

    def read(self, wanted: Sequence[str], budget_s: float = 0.05) -> News:
        """Look for runs, and read on in those `wanted`, the first first, for about `budget_s` seconds."""
        runs = self._look()
        due = [each for each in self._signed(wanted) if each[1].read_to != each[2]]
        until = self._clock() + budget_s
        portions: list[Portion] = []
        for name, followed, signature in due:
            # A portion at least, so that reading gets on however slow the files are.
            while followed.read_to != signature and (not portions or self._clock() < until):
                entries = followed.reader.read(_RECORDS, max(until - self._clock(), 0.0))
                if followed.reader.at_end:
                    followed.read_to = signature
                portions.append(_portion(name, followed, entries, signature))
        at_end = all(followed.read_to == signature for _, followed, signature in due)
        return News(runs, tuple(portions), not self._tree.complete, self._tree.beyond, at_end)

    def about(self, names: Iterable[str]) -> dict[str, About]:
        """What is known of these runs without reading their logs."""
        return {name: _about(self._tree.runs[name].path) for name in names if name in self._tree.runs}

    def forget(self, name: str) -> None:
        """Let a run go; asked for again, it is read again from its start."""
        followed = self._followed.pop(name, None)
        if followed is not None:
            followed.reader.close()

    def close(self) -> None:
        """Let go of every file."""
        for name in list(self._followed):
            self.forget(name)

    def _signed(self, wanted: Sequence[str]) -> Iterator[tuple[str, _Followed, Signature]]:
        """The runs wanted that are there, and what their files are like now."""
        for name in wanted:
            found = self._tree.runs.get(name)
            if name not in self._followed and found is not None:
                self._followed[name] = _Followed(found.path, self._clock)
            if name in self._followed:
                yield name, self._followed[name], _signature(self._followed[name].path)

    def _look(self) -> tuple[FoundRun, ...] | None:
        """Go on looking for runs, where it is time; all of them where there are others than before."""
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
        behind = max(sum(size for _, size in signature) - followed.reader.offset, 1)
    return Portion(name, tuple(entries), behind, followed.reader.skipped)


def _event_files(path: Path) -> list[os.stat_result]:
    return [status for _, status in _scanned(path)]


def _signature(path: Path) -> Signature:
    """The names and sizes of a run's event files: as long as they stay, there is nothing new to read."""
    return tuple(sorted((name, status.st_size) for name, status in _scanned(path)))


def _scanned(path: Path) -> list[tuple[str, os.stat_result]]:
    found = []
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if _MARK in entry.name and entry.is_file(follow_symlinks=False):
                    found.append((entry.name, entry.stat(follow_symlinks=False)))
    except OSError:
        pass
    return found


def _about(path: Path) -> About:
    files = _event_files(path)
    record = read_record(path) if (path / RECORD).exists() else None
    return About(max((file.st_mtime for file in files), default=0.0), sum(file.st_size for file in files), record)
