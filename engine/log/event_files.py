"""TensorBoard logs read back: live while they are written or afterwards, gdtui's own or another program's.

No TensorFlow is imported. What cannot be read is said in `skipped`, never raised and never passed over in silence.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.event_values import Decoder, Logged, LoggedImages
from engine.log_contents import LogContents, Series
from engine.records import RecordFile

_MARK = "tfevents"  # what TensorBoard looks for in a file's name
_MOST_FILES = 10_000
_DEEPEST = 8
_MOST_LINES = 20
_AT_ONCE = 250  # records that are read ahead: as many as their checksums are best computed at once
_MOST_BYTES = 8 * 2**20  # what one read holds at a time, give or take a record


class LogReader:
    """Reads the event files in a folder, in the order of their names, and goes on as they grow or others appear.

    `clock` returns seconds and never goes back.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder = folder
        self._clock = clock
        self._files: dict[str, RecordFile] = {}
        self.at_end = False
        self._decoder = Decoder()
        self._ahead: deque[bytes] = deque()
        self._beyond = 0

    def read(self, most_records: int = 1000, budget_s: float = 0.02) -> list[Logged]:
        """What has come since the last call, of `most_records` records at most and for about `budget_s` seconds.

        `at_end` then says whether that was all there is for now.
        """
        until = self._clock() + budget_s
        found: list[Logged] = []
        records = size = 0
        self.at_end = False
        self._look()
        for record in self._records():
            found += self._decoder.decode(record)
            records, size = records + 1, size + len(record)
            if records >= most_records or size >= _MOST_BYTES or self._clock() >= until:
                return found
        self.at_end = True
        return found

    def _records(self) -> Iterator[bytes]:
        """The records that are there, file after file; left off, it goes on with the next one the next time."""
        yield from self._taken()
        for name in sorted(self._files):
            file = self._files[name]
            while several := file.several(_AT_ONCE):
                self._ahead.extend(several)
                yield from self._taken()
            file.close()

    def _taken(self) -> Iterator[bytes]:
        """The records that were read ahead."""
        while self._ahead:
            yield self._ahead.popleft()

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files.values():
            file.close()

    @property
    def offset(self) -> int:
        """How many bytes have been read, of all files."""
        return sum(file.offset for file in self._files.values())

    @property
    def skipped(self) -> tuple[str, ...]:
        """What of the log could not be read so far, a line each."""
        lines = []
        for name, file in sorted(self._files.items()):
            if file.damaged:
                lines.append(f"{name}: {_counted(file.damaged, 'damaged record')} passed over")
            if file.trouble:
                lines.append(f"{name}: {file.trouble}; what follows cannot be read")
            elif file.pending and self.at_end:
                lines.append(f"{name}: the last {_counted(file.pending, 'byte')} are no whole record")
        passed_over = sorted(self._decoder.passed_over.items())
        lines += [f"{what}: {count} passed over" for what, count in passed_over[:_MOST_LINES]]
        if len(passed_over) > _MOST_LINES:
            lines.append(f"{_counted(len(passed_over) - _MOST_LINES, 'other kind')} of values passed over")
        if self._beyond:
            lines.append(f"{_counted(self._beyond, 'event file')} beyond the first {_MOST_FILES}")
        return tuple(lines)

    def _look(self) -> None:
        """Take up the event files that are new."""
        names = event_files(self.folder)
        for name in names[:_MOST_FILES]:
            if name not in self._files:
                self._files[name] = RecordFile(self.folder / name)
        self._beyond = max(len(names) - _MOST_FILES, 0)


@dataclass(frozen=True)
class Log:
    """A folder's whole log and, a line each, what of it could not be read."""

    contents: LogContents
    skipped: tuple[str, ...]

    @property
    def scalars(self) -> dict[str, Series]:
        """Every scalar tag's series."""
        return self.contents.scalars

    @property
    def images(self) -> dict[str, tuple[LoggedImages, ...]]:
        """The last images of each tag."""
        return self.contents.images


def read_log(folder: Path, *, keep: int = 50, budget_s: float = float("inf")) -> Log:
    """Read the log in `folder` to its end, or for about `budget_s` seconds. Never raises for what is in the files."""
    reader, contents = LogReader(folder), LogContents(keep)
    until = time.monotonic() + budget_s
    cut = ""
    try:
        while not reader.at_end:
            contents.add(reader.read(most_records=1000, budget_s=0.5))
            if time.monotonic() >= until and not reader.at_end:
                cut = f"reading stopped after {budget_s:g} seconds"
                break
    finally:
        reader.close()
    return Log(contents, (*reader.skipped, cut) if cut else reader.skipped)


def log_folders(logdir: Path, most: int = 10_000) -> tuple[Path, ...]:
    """The folders at or below `logdir` that hold event files, by name; links are not followed."""
    found: list[Path] = []
    waiting = [(str(logdir), 0)]
    while waiting and len(found) < most:
        path, depth = waiting.pop()
        try:
            with os.scandir(path) as entries:
                inside = sorted(entries, key=lambda entry: entry.name, reverse=True)
        except OSError:
            continue
        if any(_is_event_file(entry) for entry in inside):
            found.append(Path(path))
        if depth < _DEEPEST:
            waiting += [(entry.path, depth + 1) for entry in inside if entry.is_dir(follow_symlinks=False)]
    return tuple(found)


def event_files(folder: Path) -> list[str]:
    """The names of the event files in `folder`, in the order in which they were written."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if _is_event_file(entry))
    except OSError:
        return []


def _is_event_file(entry: os.DirEntry[str]) -> bool:
    return _MARK in entry.name and not entry.is_dir(follow_symlinks=False)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
