"""The runs below a log folder, found bit by bit: the first at once, ten thousand in a while, new ones as they come.

A run is what TensorBoard takes for one, a folder that holds event files, or a folder with gdtui's own run.json.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.run_record import RECORD

MOST_RUNS = 10_000
_MOST_FOLDERS = 100_000
_DEEPEST = 8
_MARK = "tfevents"  # what TensorBoard looks for in a file's name
_STAMPED = re.compile(r"tfevents\.(\d{9,11})\.")

# A folder that was changed this shortly before it was looked at may have changed again within the same tick of its
# file system's clock: its time alone does not say that it is as it was.
_UNSETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run: its name, which is its path below the log folder ("." is that folder itself), and since when (seconds
    since 1970, as its files' names say, or else its folder's time)."""

    name: str
    path: Path
    since: float


@dataclass(frozen=True, slots=True)
class _Folder:
    """What was seen in a folder when its time was `changed_ns`; 0 where that may not be relied on."""

    changed_ns: int
    inside: tuple[str, ...]
    since: float | None


class LogTree:
    """The runs at and below `logdir`; links are not followed. `runs` are those known so far, in no order.

    `complete` says whether the whole tree has been gone through once. `beyond` says that there are more than are
    known.
    """

    def __init__(self, logdir: Path, *, most: int = MOST_RUNS, clock: Callable[[], float] = time.monotonic) -> None:
        self.logdir = logdir
        self.runs: dict[str, FoundRun] = {}
        self.complete = False
        self.beyond = False
        self._most = most
        self._clock = clock
        self._folders: dict[str, _Folder] = {}
        self._round: dict[str, FoundRun] = {}
        self._seen: dict[str, _Folder] = {}
        self._waiting: list[tuple[str, int]] = []

    def look(self, budget_s: float) -> bool:
        """Go on for about `budget_s` seconds; whether a round ended, which takes in what is new and what is gone."""
        until = self._clock() + budget_s
        if not self._waiting:
            self._waiting, self._round, self._seen = [("", 0)], {}, {}
        while self._waiting:
            if len(self._round) >= self._most or len(self._seen) >= _MOST_FOLDERS:
                self.beyond = True
                self._waiting.clear()
                break
            self._visit(*self._waiting.pop())
            if self._waiting and self._clock() >= until:
                if not self.complete:
                    self.runs = dict(self._round)
                return False
        else:
            self.beyond = False
        self.runs, self._folders = dict(self._round), self._seen
        self._round, self._seen = {}, {}
        self.complete = True
        return True

    def _visit(self, name: str, depth: int) -> None:
        path = os.path.join(self.logdir, name) if name else os.fspath(self.logdir)  # noqa: PTH118 - twice as fast
        try:
            changed_ns = os.stat(path, follow_symlinks=not name).st_mtime_ns  # noqa: PTH116
        except OSError:
            return
        folder = self._folders.get(name)
        if folder is None or folder.changed_ns != changed_ns:
            folder = _looked_into(path, changed_ns)
        self._seen[name] = folder
        if folder.since is not None:
            run = name or "."
            self._round[run] = FoundRun(run, Path(path), folder.since)
        if depth < _DEEPEST:
            below = f"{name}/" if name else ""
            self._waiting += [(below + each, depth + 1) for each in folder.inside]


def _looked_into(path: str, changed_ns: int) -> _Folder:
    settled = time.time_ns() - changed_ns > _UNSETTLED_NS
    folders: list[str] = []
    stamps: list[float] = []
    recorded = False
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif _MARK in entry.name:
                    stamp = _STAMPED.search(entry.name)
                    stamps.append(float(stamp[1]) if stamp else changed_ns / 1e9)
                elif entry.name == RECORD:
                    recorded = True
    except OSError:
        return _Folder(0, (), None)
    since = max(stamps, default=changed_ns / 1e9 if recorded else None)
    # The last name comes first from a stack whose end is taken: of runs named by their time, the newest.
    return _Folder(changed_ns if settled else 0, tuple(sorted(folders)), since)
