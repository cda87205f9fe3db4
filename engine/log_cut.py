"""A log brought back to a step, for a run that goes on from a checkpoint with other numbers than it logged behind it.

No mark in the log would do: TensorBoard's server heeds one, and its reader for programs shows both histories at once.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from engine.event_files import event_files
from engine.lazy import LazyModule
from engine.records import RecordFile

_event_pb2: Any = LazyModule("tensorboard.compat.proto.event_pb2")
_message: Any = LazyModule("google.protobuf.message")


def cut_log(folder: Path, step: int) -> None:
    """Cut each event file in `folder` off before its first record of a later step than `step`. Raises OSError."""
    for name in event_files(folder):
        end = _first_beyond(folder / name, step)
        if end is None:
            continue
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _first_beyond(path: Path, step: int) -> int | None:
    """Where the first record of a later step begins, in bytes; None where there is none that can be read."""
    file, begin = RecordFile(path), 0
    try:
        while (record := file.next()) is not None:
            with contextlib.suppress(_message.DecodeError):
                if _event_pb2.Event.FromString(record).step > step:
                    return begin
            begin = file.offset
    finally:
        file.close()
    return None
