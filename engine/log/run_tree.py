"""A search for the runs below a log folder, in small steps: ten thousand may take a while, and new ones appear.

A run is a folder that holds event files, as in TensorBoard, or a folder with gdtui's own run.json.
"""

from __future__ import annotations

import math
import os
import re
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.run.run_folder import EVENTS, RECORD

MOST_RUNS = 10_000
_MOST_FOLDERS = 100_000
_DEEPEST = 64
_STAMPED = re.compile(r"tfevents\.(\d{9,11})\.")

# A folder that was changed this shortly before it was read may have changed again within the same tick of its file
# system's clock: its time alone does not show that it is unchanged.
_UNSETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run: its name, which is its path below the log folder ("." for that folder itself), and its time in seconds
    since 1970, from its files' names or else its folder's time."""

    name: str
    path: Path
    since: float


@dataclass(frozen=True, slots=True)
class _Folder:
    """The contents of a folder when its time was `changed_ns`; 0 if that time is not reliable. `links` may lead to
    folders."""

    changed_ns: int
    inside: tuple[str, ...]
    links: tuple[str, ...]
    since: float | None


@dataclass(frozen=True, slots=True)
class _Due:
    """A folder to be visited: the run it may be, its path, its depth, and whether a link leads to it."""

    run: str
    path: str
    depth: int
    link: bool = False


class LogTree:
    """The runs at and below the log folders. `runs` are those known so far, unordered.

    Links are followed, except in a folder that gdtui writes itself. A folder is visited once per round even if several
    links lead to it, which ends every loop; a path without a link goes first.

    `complete` is true once the whole tree has been searched. `beyond` is true if there are more runs, or deeper
    folders, than the limits allow.
    """

    def __init__(self, *logdirs: Path, most: int = MOST_RUNS, clock: Callable[[], float] = time.monotonic) -> None:
        self.roots = told_apart(logdirs)
        self.runs: dict[str, FoundRun] = {}
        self.complete = False
        self.beyond = False
        self._most = most
        self._clock = clock
        self._folders: dict[str, _Folder] = {}
        self._round: dict[str, FoundRun] = {}
        self._seen: dict[str, _Folder] = {}
        self._met: set[tuple[int, int]] = set()
        self._waiting: list[_Due] = []
        self._links: list[_Due] = []
        self._too_deep = False

    def look(self, budget_s: float) -> bool:
        """Continue for about `budget_s` seconds; returns whether a round ended, with new runs added and lost ones
        removed."""
        until = self._clock() + budget_s
        if not self._waiting and not self._links:
            self._round, self._seen, self._met, self._too_deep = {}, {}, set(), False
            self._waiting = [_Due(name, os.fspath(path), 0, link=True) for name, path in self.roots.items()][::-1]
        while self._waiting or self._links:
            if len(self._round) >= self._most or len(self._seen) >= _MOST_FOLDERS:
                self._too_deep = True
                self._waiting.clear()
                self._links.clear()
                break
            self._visit(self._waiting.pop() if self._waiting else self._links.pop())
            if (self._waiting or self._links) and self._clock() >= until:
                if not self.complete:
                    self.runs = dict(self._round)
                return False
        self.beyond = self._too_deep
        self.runs, self._folders = dict(self._round), self._seen
        self._round, self._seen = {}, {}
        self.complete = True
        return True

    def _visit(self, due: _Due) -> None:
        try:
            status = os.stat(due.path, follow_symlinks=due.link)  # noqa: PTH116 - twice as fast
        except OSError:
            return
        if not stat.S_ISDIR(status.st_mode) or (status.st_dev, status.st_ino) in self._met:
            return
        self._met.add((status.st_dev, status.st_ino))
        changed_ns = status.st_mtime_ns
        folder = self._folders.get(due.path)
        if folder is None or folder.changed_ns != changed_ns:
            folder = _looked_into(due.path, changed_ns)
        self._seen[due.path] = folder
        if folder.since is not None:
            run = due.run or "."
            self._round[run] = FoundRun(run, Path(due.path), folder.since)
        if due.depth == _DEEPEST:
            self._too_deep = self._too_deep or bool(folder.inside or folder.links)
            return
        below = f"{due.run}/" if due.run else ""
        for names, stack, link in ((folder.inside, self._waiting, False), (folder.links, self._links, True)):
            stack += [_Due(below + name, f"{due.path}/{name}", due.depth + 1, link) for name in names]


def log_folders(logdir: Path, most: int = MOST_RUNS) -> tuple[Path, ...]:
    """List the folders of the runs at or below `logdir`, by name."""
    tree = LogTree(logdir, most=most)
    tree.look(math.inf)
    return tuple(sorted(run.path for run in tree.runs.values()))


def told_apart(logdirs: Sequence[Path]) -> Mapping[str, Path]:
    """Give each log folder a prefix for its runs' names: empty for one folder; for several, as many last parts of their
    paths as make them different."""
    folders = list(dict.fromkeys(Path(os.path.abspath(logdir)) for logdir in logdirs))  # noqa: PTH100 - no link resolved
    if len(folders) == 1:
        return {"": folders[0]}
    most = max((len(folder.parts) for folder in folders), default=0)
    for count in range(1, most + 1):
        names = {"/".join(folder.parts[-count:]).lstrip("/") or "root": folder for folder in folders}
        if len(names) == len(folders):
            break
    return names


def _looked_into(path: str, changed_ns: int) -> _Folder:
    settled = time.time_ns() - changed_ns > _UNSETTLED_NS
    folders: list[str] = []
    links: list[str] = []
    stamps: list[float] = []
    recorded = False
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
                elif EVENTS in entry.name and not entry.is_dir():
                    stamp = _STAMPED.search(entry.name)
                    stamps.append(float(stamp[1]) if stamp else changed_ns / 1e9)
                elif entry.name == RECORD:
                    recorded = True
                elif entry.is_symlink():
                    links.append(entry.name)
    except OSError:
        return _Folder(0, (), (), None)
    since = max(stamps, default=changed_ns / 1e9 if recorded else None)
    # The stack is taken from its end, so the last name comes first: among runs named by their time, the newest.
    followed = () if recorded else tuple(sorted(links))
    return _Folder(changed_ns if settled else 0, tuple(sorted(folders)), followed, since)
