"""Logs of a million scalars, each in its own record, as TensorFlow's summary writer writes them."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import google_crc32c

from engine.log import summary_values as values

Kind = Literal["loop", "mixed"]
"""The log of a loop, which writes the same few tags again and again; or one whose records rarely repeat: some thousand
tags, values of both kinds, steps that jump."""

RECORDS = 1_000_000
_LOOP_TAGS = 4
_MIXED_TAGS = 2_000
_AT_ONCE = 10_000
_BEGAN = 1.7e9


def write(folder: Path, kind: Kind, records: int = RECORDS) -> None:
    """Write such a log into an existing folder."""
    made = _loop(records) if kind == "loop" else _mixed(records)
    with (folder / "events.out.tfevents.1700000000.host.1.0").open("wb") as file:
        file.write(_framed(values.version(_BEGAN)))
        held: list[bytes] = []
        for record in made:
            held.append(_framed(record))
            if len(held) == _AT_ONCE:
                file.write(b"".join(held))
                held.clear()
        file.write(b"".join(held))


def _loop(records: int) -> Iterator[bytes]:
    scalars = [values.scalar(f"epoch/{name}", 0.0) for name in ("loss", "accuracy", "val_loss", "rate")[:_LOOP_TAGS]]
    for number in range(records):
        scalar = scalars[number % _LOOP_TAGS]
        scalar.tensor.float_val[0] = 1.0 / (1 + number)
        yield values.event(number // _LOOP_TAGS, _BEGAN + 0.001 * number, [scalar])


def _mixed(records: int) -> Iterator[bytes]:
    scalars = [values.scalar(f"layer-{number}/{'x' * (number % 37)}", 0.0) for number in range(_MIXED_TAGS)]
    for scalar in scalars[::2]:  # as TensorFlow 1 and PyTorch write them
        scalar.ClearField("tensor")
        scalar.ClearField("metadata")
    for number in range(records):
        scalar = scalars[number * 7919 % _MIXED_TAGS]
        if scalar.HasField("tensor"):
            scalar.tensor.float_val[0] = 1.0 / (1 + number)
        else:
            scalar.simple_value = 1.0 / (1 + number)
        yield values.event(number * 13, _BEGAN + 0.001 * number, [scalar])


def _framed(data: bytes) -> bytes:
    """One record in the file format. Source: TensorFlow, tensorflow/core/lib/io/record_writer.h."""
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _masked(data: bytes) -> bytes:
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
