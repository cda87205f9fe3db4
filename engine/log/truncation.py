"""Truncation of a log for a resumed run: its end record is removed, and steps that will get other numbers.

A mark in the log would not do: TensorBoard's server respects one, but its reader for programs shows both histories. If
there are several ends, the HPARAMS tab shows the first.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from engine.files import open_regular
from engine.lazy import LazyModule
from engine.log.event_files import event_files
from engine.log.records import RecordFile

_event_pb2: Any = LazyModule("tensorboard.compat.proto.event_pb2")
_message: Any = LazyModule("google.protobuf.message")

# The tag of the run's end for the HPARAMS tab; it is in the run's last record.
_END = b"_hparams_/session_end_info"


def cut_log(folder: Path, step: int | None) -> None:
    """Cut off each event file in `folder` before the record of the run's end, and before its first record with a step
    after `step`, if given. Raises OSError."""
    for name in event_files(folder):
        end = _first_to_go(folder / name, step)
        if end is None:
            continue
        descriptor = open_regular(folder / name, os.O_WRONLY)
        try:
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _first_to_go(path: Path, step: int | None) -> int | None:
    """The offset in bytes of the first record to cut off; None if there is none that can be read."""
    file, begin = RecordFile(path), 0
    try:
        while (record := file.next()) is not None:
            if _END in record or (step is not None and _step_of(record) > step):
                return begin
            begin = file.offset
    finally:
        file.close()
    return None


def _step_of(record: bytes) -> int:
    """The step of an event; 0 if it cannot be read."""
    try:
        step: int = _event_pb2.Event.FromString(record).step
    except _message.DecodeError:
        return 0
    return step
