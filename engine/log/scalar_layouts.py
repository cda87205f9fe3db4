"""A fast reader of events that hold only scalars: a training loop writes the same bytes again and again, and only time,
step and values differ.

A layout is learnt from an event that was parsed. It is used only if the event, rebuilt with the values read from those
positions, gives exactly the bytes that were read: so the positions are proven, not guessed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray, IntArray

_TIME = struct.Struct("<d")
_VALUE = struct.Struct("<f")
# The tags of an event's fields: a double, the time; a varint, the step; a message, the summary.
# Source: tensorflow/core/util/event.proto; the encoding: protobuf.dev/programming-guides/encoding.
_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A
_FLOAT = 1  # tensorflow/core/framework/types.proto
_MOST_LAYOUTS = 10_000
_LARGEST = 4096
_SENTINEL = 0x3C5AA500  # a finite float32 whose bytes rarely occur; its last byte numbers the values


@dataclass(frozen=True, slots=True)
class RecordLayout:
    """A summary's bytes without its values: where each part begins and ends, and the position of each tag's value."""

    parts: tuple[tuple[int, int, bytes], ...]
    values: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """The contents of several records: their row numbers [n], times [n], steps [n], and each tag's values [n]."""

    rows: npt.NDArray[np.intp]
    times: FloatArray
    steps: IntArray
    values: list[tuple[str, npt.NDArray[np.float64]]]


class ScalarLayouts:
    """The layouts seen so far, by the summary's length and by the length and bytes of what precedes the first value."""

    def __init__(self) -> None:
        self._known: dict[int, dict[int, dict[bytes, list[RecordLayout]]]] = {}
        self._count = 0

    def read(self, record: bytes) -> tuple[float, int, list[tuple[str, float]]] | None:
        """Read the time, the step and each tag's value of a record; None if its layout is unknown."""
        found = self.find(record)
        if found is None:
            return None
        start, step, layout = found
        values = [(tag, _VALUE.unpack_from(record, start + at)[0]) for tag, at in layout.values]
        return _TIME.unpack_from(record, 1)[0], step, values

    def find(self, record: bytes) -> tuple[int, int, RecordLayout] | None:
        """Find where a record's summary begins, its step, and the summary's layout, if that is known."""
        head = _head(record)
        if head is None:
            return None
        start, step = head
        for length, layouts in self._known.get(len(record) - start, {}).items():
            for layout in layouts.get(record[start : start + length], ()):
                for begin, end, part in layout.parts:
                    if record[start + begin : start + end] != part:
                        break
                else:
                    return start, step, layout
        return None

    def learn(self, record: bytes, event: Any) -> None:
        """Learn the layout of a record that was parsed to `event`, all of whose values are scalars."""
        head = _head(record)
        if self._count >= _MOST_LAYOUTS or head is None or record[head[0]] != _SUMMARY:
            return
        other = type(event)()
        other.CopyFrom(event)
        sentinels = [struct.pack("<I", _SENTINEL + number) for number in range(min(len(other.summary.value), 256))]
        if not sentinels or not all(map(_put, other.summary.value, sentinels)):
            return
        written = other.SerializeToString()
        places = [written.find(sentinel) for sentinel in sentinels]
        expected = bytearray(record)
        for place, sentinel in zip(places, sentinels, strict=True):
            if place < 0 or place + _VALUE.size > len(record):
                return
            expected[place : place + _VALUE.size] = sentinel
        if written != expected or len(sentinels) != len(other.summary.value):
            return
        start = head[0]
        at = [place - start for place in places]
        begins, ends = [0, *(each + _VALUE.size for each in at)], [*at, len(record) - start]
        parts = tuple((a, b, record[start + a : start + b]) for a, b in zip(begins, ends, strict=True))
        tags = [value.tag for value in event.summary.value]
        layout = RecordLayout(parts, tuple(zip(tags, at, strict=True)))
        layouts = self._known.setdefault(len(record) - start, {}).setdefault(at[0], {})
        layouts.setdefault(parts[0][2], []).append(layout)
        self._count += 1


def columns(rows: npt.NDArray[np.uint8], start: int, layout: RecordLayout) -> Columns:
    """Decode records of one length, uint8 [n, length], all at once: those whose summary begins at `start` and has this
    layout. The other rows are left out."""
    template = np.zeros(rows.shape[1], np.uint8)
    fixed = np.zeros(rows.shape[1], bool)
    template[0], fixed[0] = _WALL_TIME, True
    for begin, end, part in layout.parts:
        template[start + begin : start + end] = np.frombuffer(part, np.uint8)
        fixed[start + begin : start + end] = True
    if start > 9:
        template[9], fixed[9] = _STEP, True
    (places,) = np.nonzero(fixed)
    fits = (rows[:, places] == template[places]).all(axis=1)
    steps = np.zeros(len(rows), np.int64)
    for place in range(10, start):
        fits &= (rows[:, place] >= 0x80) == (place < start - 1)
        steps |= (rows[:, place] & 0x7F).astype(np.int64) << (7 * (place - 10))
    (matched,) = np.nonzero(fits)
    rows, steps = rows[matched], steps[matched]
    times = np.ascontiguousarray(rows[:, 1:9]).view("<f8").ravel()
    values = [
        (tag, np.ascontiguousarray(rows[:, start + at : start + at + 4]).view("<f4").ravel().astype(np.float64))
        for tag, at in layout.values
    ]
    return Columns(matched, times, steps, values)


def _head(record: bytes) -> tuple[int, int] | None:
    """Find where the summary begins, and the step; None if the record does not begin with a time and a step."""
    if not 12 <= len(record) <= _LARGEST or record[0] != _WALL_TIME:
        return None
    if record[9] != _STEP:
        return 9, 0
    step = 0
    # Nine bytes hold every step from 0 on; a negative one has ten, and is left to the parser.
    for place in range(10, min(19, len(record) - 1)):
        step |= (record[place] & 0x7F) << (7 * (place - 10))
        if record[place] < 0x80:
            return place + 1, step
    return None


def _put(value: Any, sentinel: bytes) -> bool:
    """Replace a scalar's value by a float's four bytes; returns whether it has a place for them."""
    number = _VALUE.unpack(sentinel)[0]
    if value.HasField("simple_value"):
        value.simple_value = number
        return True
    if not value.HasField("tensor") or value.tensor.dtype != _FLOAT:
        return False
    if len(value.tensor.tensor_content) == _VALUE.size and not value.tensor.float_val:
        value.tensor.tensor_content = sentinel
        return True
    if len(value.tensor.float_val) == 1 and not value.tensor.tensor_content:
        value.tensor.float_val[0] = number
        return True
    return False
