"""A reader of TensorBoard logs, gdtui's own or another program's, finished or still being written.

It imports no TensorFlow. Entries that cannot be read raise no error: `skipped` reports each of them.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.log.contents import LogContents, TagSeries
from engine.log.event_values import Decoder, Logged, LoggedImages, Reread
from engine.log.records import RecordFile
from engine.run.run_folder import EVENTS

_MOST_FILES = 10_000
_MOST_LINES = 20
_AT_ONCE = 250  # records read ahead: the number at which checksums are computed fastest
_MOST_BYTES = 8 * 2**20  # the most that one read holds, give or take a record


class LogReader:
    """Reads the event files in a folder, in the order of their names, and goes on as they grow or new ones appear.

    If a part of a file that was read is gone, everything is read again from the start. Links are followed only with
    `follow`. `clock` returns monotonic seconds.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic, *, follow: bool = False) -> None:
        self.folder = folder
        self._clock = clock
        self._follow = follow
        self._files: dict[str, RecordFile] = {}
        self.at_end = False
        self.decoder = Decoder()
        self._ahead: deque[bytes] = deque()
        self._beyond = 0
        self._changed: dict[str, int] = {}

    def read(self, most_records: int = 1000, budget_s: float = 0.02) -> list[Logged]:
        """Read what is new since the last call, at most `most_records` records and for about `budget_s` seconds.

        `at_end` is then true if the present end is reached. After a `Reread`, the entries come again from the start.
        """
        until = self._clock() + budget_s
        found: list[Logged] = []
        records = size = 0
        self.at_end = False
        self._look()
        for record in self._records():
            if record is not None:
                found += self.decoder.decode(record)
                records, size = records + 1, size + len(record)
            if records >= most_records or size >= _MOST_BYTES or self._clock() >= until:
                return found
        changed = [name for name, file in self._files.items() if file.changed]
        if changed:
            self._begin_again(changed)
            return [Reread("", 0, 0.0)]
        self.at_end = True
        return found

    def batches(self, most: int) -> Iterator[list[bytes]]:
        """All records that exist now, undecoded, in batches of about `most`: to read a log once, and fast."""
        self._look()
        records: list[bytes] = []
        for name in sorted(self._files):
            file = self._files[name]
            while (several := file.several(most)) or file.searching:
                records += several
                if len(records) >= most:
                    yield records
                    records = []
            file.close()
        if records:
            yield records
        self.at_end = True

    def _records(self) -> Iterator[bytes | None]:
        """The records, file after file; None while the next valid one is searched for. The iterator can be left and
        resumed."""
        yield from self._taken()
        for name in sorted(self._files):
            file = self._files[name]
            while (several := file.several(_AT_ONCE)) or file.searching:
                if not several:
                    yield None
                self._ahead.extend(several)
                yield from self._taken()
            file.close()
            if file.changed:
                return

    def _begin_again(self, changed: list[str]) -> None:
        """Discard all that was read."""
        self.close()
        for name in changed:
            self._changed[name] = self._changed.get(name, 0) + 1
        self._files, self.decoder = {}, Decoder()
        self._ahead.clear()

    def _taken(self) -> Iterator[bytes]:
        """The records that were read ahead."""
        while self._ahead:
            yield self._ahead.popleft()

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    @property
    def offset(self) -> int:
        """How many bytes of all files have been read."""
        return sum(file.offset for file in self._files.values())

    @property
    def skipped(self) -> tuple[str, ...]:
        """Descriptions, one line each, of what could not be read so far."""
        lines = []
        for name, file in sorted(self._files.items()):
            if name in self._changed:
                lines.append(f"{name}: was shortened or rewritten, and read again from its start")
            if file.damaged:
                lines.append(f"{name}: {_counted(file.damaged, 'damaged record')} passed over")
            if file.lost:
                lines.append(f"{name}: {file.lost}")
            if file.trouble:
                lines.append(f"{name}: {file.trouble}")
            elif file.pending and self.at_end and not file.lost:
                lines.append(f"{name}: the last {_counted(file.pending, 'byte')} are not a complete record")
        passed_over = sorted(self.decoder.passed_over.items())
        lines += [f"{what}: {count} passed over" for what, count in passed_over[:_MOST_LINES]]
        if len(passed_over) > _MOST_LINES:
            lines.append(f"{_counted(len(passed_over) - _MOST_LINES, 'other kind')} of values passed over")
        if self._beyond:
            lines.append(f"{_counted(self._beyond, 'event file')} beyond the first {_MOST_FILES}")
        return tuple(lines)

    def _look(self) -> None:
        """Find new event files."""
        names = event_files(self.folder)
        for name in names[:_MOST_FILES]:
            if name not in self._files:
                self._files[name] = RecordFile(self.folder / name, follow=self._follow)
        self._beyond = max(len(names) - _MOST_FILES, 0)


@dataclass(frozen=True)
class Log:
    """A folder's whole log, and one line for each part of it that could not be read."""

    contents: LogContents
    skipped: tuple[str, ...]

    @property
    def scalars(self) -> dict[str, TagSeries]:
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


def event_files(folder: Path) -> list[str]:
    """List the names of the event files in `folder`, in the order in which they were written."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if _is_event_file(entry))
    except OSError:
        return []


def _is_event_file(entry: os.DirEntry[str]) -> bool:
    return EVENTS in entry.name and not entry.is_dir()


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
