"""Events that hold nothing but scalars, read without parsing them: a training loop writes the same bytes again and
again, of which only time, step and values differ.

A layout is learnt from an event that was parsed. It is taken only where the event, written anew with other values in
those places, gives the very bytes that were read: so the places are known and not guessed.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

_TIME = struct.Struct("<d")
_VALUE = struct.Struct("<f")
# The tags of an event's fields: a double, the time; a varint, the step; a message, the summary.
# Source: tensorflow/core/util/event.proto; the encoding: protobuf.dev/programming-guides/encoding.
_WALL_TIME, _STEP, _SUMMARY = 0x09, 0x10, 0x2A
_FLOAT = 1  # tensorflow/core/framework/types.proto
_MOST_LAYOUTS = 1000
_LARGEST = 4096
_SENTINEL = 0x3C5AA500  # a finite float32 whose bytes are hardly found elsewhere; the last byte counts the values


@dataclass(frozen=True, slots=True)
class _Layout:
    """A summary's bytes but for its values: where each part begins and ends, and where the value of each tag is."""

    parts: tuple[tuple[int, int, bytes], ...]
    values: tuple[tuple[str, int], ...]


class ScalarLayouts:
    """The layouts seen so far, by the summary's length."""

    def __init__(self) -> None:
        self._known: dict[int, list[_Layout]] = {}
        self._count = 0

    def read(self, record: bytes) -> tuple[float, int, list[tuple[str, float]]] | None:
        """The time, the step and each tag's value, of a record whose layout is known."""
        head = _head(record)
        if head is None:
            return None
        start, step = head
        for layout in self._known.get(len(record) - start, ()):
            for begin, end, part in layout.parts:
                if record[start + begin : start + end] != part:
                    break
            else:
                values = [(tag, _VALUE.unpack_from(record, start + at)[0]) for tag, at in layout.values]
                return _TIME.unpack_from(record, 1)[0], step, values
        return None

    def learn(self, record: bytes, event: Any) -> None:
        """Take the layout of a record that was parsed to `event`, each of whose values is a scalar."""
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
        self._known.setdefault(len(record) - start, []).append(_Layout(parts, tuple(zip(tags, at, strict=True))))
        self._count += 1


def _head(record: bytes) -> tuple[int, int] | None:
    """Where the summary begins, and the step; None where the record does not begin with a time and a step."""
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
    """Put a float's four bytes in the place of a scalar's; whether it has such a place."""
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
