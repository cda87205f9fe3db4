"""All scalars of a run's log, read once and decoded many records at a time: each tag's points as columns.

No point is left out and no value changed: the columns equal what TensorBoard's own EventAccumulator reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, IntArray
from engine.log.event_files import LogReader
from engine.log.event_values import NO_PLUGIN, Decoder, Logged, LoggedHparams, LoggedScalar
from engine.log.scalar_layouts import RecordLayout, columns
from engine.run.run_folder import RECORD

_AT_ONCE = 20_000
_LEAST_ROWS = 32  # fewer records of a length are decoded one by one
_MOST_LAYOUTS = 8  # each is compared with all records of a length; records of other layouts are parsed and sorted
_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class TagPoints:
    """A tag's points in the order in which they were logged: steps int64 [n], times in seconds since 1970 float64 [n],
    which may be any number, values float64 [n]."""

    steps: IntArray
    wall_times: FloatArray
    values: FloatArray

    @property
    def valid(self) -> npt.NDArray[np.bool_]:
        """Which points are not superseded by a later one whose step is not after theirs, bool [n]. Points that are all
        at step 0 were logged without a step, and are all valid."""
        if not self.steps.any():
            return np.ones(len(self.steps), bool)
        least_from_here = np.minimum.accumulate(self.steps[::-1])[::-1]
        return np.append(self.steps[:-1] < least_from_here[1:], True)


@dataclass(frozen=True, slots=True)
class ScalarTable:
    """A run's scalars by tag, its hyperparameters, its outcome from the log (done, failed, or empty), and one line for
    each part of its log that could not be read."""

    scalars: Mapping[str, TagPoints]
    hparams: Mapping[str, bool | float | str]
    status: str
    skipped: tuple[str, ...]


def read_scalars(folder: Path) -> ScalarTable:
    """Read the log in `folder` to its end. Never raises for what is in the files."""
    reader = LogReader(folder, follow=not (folder / RECORD).exists())
    reader.decoder = Decoder(raw_times=True)
    gathered = _Gathered(reader.decoder)
    try:
        for records in reader.batches(_AT_ONCE):
            gathered.take(records)
    finally:
        reader.close()
    return ScalarTable(dict(gathered.points()), gathered.hparams, gathered.status, reader.skipped)


class _Gathered:
    """The columns so far, in parts; each point has its record's number, by which the parts are sorted."""

    def __init__(self, decoder: Decoder) -> None:
        self.hparams: Mapping[str, bool | float | str] = {}
        self._decoder = decoder
        self._count = 0
        self._parts: dict[str, list[tuple[npt.NDArray[np.intp], IntArray, FloatArray, FloatArray]]] = {}
        self._single: dict[str, list[tuple[int, int, float, float]]] = {}
        self._status = (-1, "")
        self._last_value = -1
        self._unnamed: list[tuple[bytes, int]] = []

    @property
    def status(self) -> str:
        """The outcome that the run logged, if nothing was logged after it."""
        at, status = self._status
        return status if at >= self._last_value else ""

    def take(self, records: Sequence[bytes]) -> None:
        """Decode records that follow the earlier ones."""
        lengths = np.fromiter(map(len, records), np.intp, len(records))
        for length in np.unique(lengths).tolist():
            (places,) = np.nonzero(lengths == length)
            if len(places) < _LEAST_ROWS or length > _LONGEST:
                for place in places.tolist():
                    self._take_one(records[place], self._count + place)
            else:
                self._take_many([records[place] for place in places.tolist()], places + self._count)
        # The record that names their tag's plugin, perhaps of another length, has now been decoded.
        unnamed, self._unnamed = self._unnamed, []
        for record, number in unnamed:
            self._add(self._decoder.decode(record), number)
        self._count += len(records)

    def _take_many(self, records: Sequence[bytes], numbers: npt.NDArray[np.intp]) -> None:
        """Decode records of one length."""
        rows = np.frombuffer(b"".join(records), np.uint8).reshape(len(records), -1)
        left = np.arange(len(records))
        for _ in range(_MOST_LAYOUTS):
            found = None
            while found is None and len(left):
                record = records[left[0]]
                found = self._decoder.layouts.find(record)
                if found is None:
                    self._take_one(record, int(numbers[left[0]]))
                    found = self._decoder.layouts.find(record)
                    left = left[1:]
            if found is None or not len(left):
                break
            read = self._put(rows[left], numbers[left], found[0], found[2])
            left = np.delete(left, read)
        groups: dict[tuple[int, int], tuple[RecordLayout, list[int]]] = {}
        for place in left.tolist():
            found = self._decoder.layouts.find(records[place])
            if found is None:
                self._take_one(records[place], int(numbers[place]))
            else:
                groups.setdefault((found[0], id(found[2])), (found[2], []))[1].append(place)
        for (start, _), (layout, places) in groups.items():
            self._put(rows[places], numbers[places], start, layout)

    def _put(
        self, rows: npt.NDArray[np.uint8], numbers: npt.NDArray[np.intp], start: int, layout: RecordLayout
    ) -> npt.NDArray[np.intp]:
        """Add the rows that have this layout; returns their numbers."""
        read = columns(rows, start, layout)
        here = numbers[read.rows]
        for tag, values in read.values:
            self._parts.setdefault(tag, []).append((here, read.steps, read.times, values))
        self._last_value = max(self._last_value, int(here[-1]) if len(here) else -1)
        return read.rows

    def _take_one(self, record: bytes, number: int) -> None:
        counts = self._decoder.passed_over
        before = counts.copy()
        entries = self._decoder.decode(record)
        if counts[NO_PLUGIN] > before[NO_PLUGIN]:
            self._decoder.passed_over = before
            self._unnamed.append((record, number))
        else:
            self._add(entries, number)

    def _add(self, entries: Iterable[Logged], number: int) -> None:
        for entry in entries:
            if isinstance(entry, LoggedHparams):
                self.hparams = entry.values or self.hparams
                if number >= self._status[0]:
                    self._status = number, entry.status
                continue
            self._last_value = max(self._last_value, number)
            if isinstance(entry, LoggedScalar):
                point = number, entry.step, entry.wall_time, entry.value
                self._single.setdefault(entry.tag, []).append(point)

    def points(self) -> Iterator[tuple[str, TagPoints]]:
        """Each tag's points."""
        for tag in dict.fromkeys((*self._parts, *self._single)):
            parts = list(self._parts.get(tag, ()))
            if tag in self._single:
                order, at_step, at_time, value = zip(*self._single[tag], strict=True)
                parts.append(
                    (np.array(order, np.intp), np.array(at_step, np.int64), np.array(at_time), np.array(value))
                )
            numbers = np.concatenate([part[0] for part in parts])
            points = TagPoints(*(np.concatenate([part[place] for part in parts]) for place in (1, 2, 3)))
            if (np.diff(numbers) < 0).any():
                logged = np.argsort(numbers, kind="stable")
                points = TagPoints(points.steps[logged], points.wall_times[logged], points.values[logged])
            yield tag, points
