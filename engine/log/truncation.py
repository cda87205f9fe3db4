"""A log brought back to where a run goes on that had ended: without its end, and without steps that will be others.

No mark in the log would do: TensorBoard's server heeds one, and its reader for programs shows both histories at once.
Of several ends the HPARAMS tab shows the first.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from engine.event_files import event_files
from engine.lazy import LazyModule
from engine.records import RecordFile

_event_pb2: Any = LazyModule("tensorboard.compat.proto.event_pb2")
_message: Any = LazyModule("google.protobuf.message")

# The tag of what the HPARAMS tab knows of a run's end by; it comes with the run's last record.
_END = b"_hparams_/session_end_info"


def cut_log(folder: Path, step: int | None) -> None:
    """Cut each event file in `folder` off before the record of the run's end, and before its first record of a later
    step than `step`, if there is one. Raises OSError."""
    for name in event_files(folder):
        end = _first_to_go(folder / name, step)
        if end is None:
            continue
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _first_to_go(path: Path, step: int | None) -> int | None:
    """Where the first record begins, in bytes, that is to go; None where there is none that can be read."""
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
    """The step of an event; 0 of one that cannot be read."""
    try:
        step: int = _event_pb2.Event.FromString(record).step
    except _message.DecodeError:
        return 0
    return step
