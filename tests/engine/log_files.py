"""Event files written byte by byte, as gdtui, TensorFlow 1 and 2, and PyTorch's SummaryWriter write them."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from engine import summary_values as values
from engine.raster import png

NAME = "events.out.tfevents.1700000000.host.1.0"
BEGAN = 1.7e9


def framed(data: bytes) -> bytes:
    """One record as it lies in a file."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def append(folder: Path, *records: bytes, name: str = NAME) -> Path:
    """Put records at the end of an event file, which is made where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("ab") as file:
        for record in records:
            file.write(framed(record))
    return path


def event(step: int, *added: Summary.Value, after_s: float | None = None) -> bytes:
    """A record of values at a step, by default logged as many seconds after the run began."""
    return values.event(step, BEGAN + (step if after_s is None else after_s), added)


def scalars(*steps: int, tag: str = "train-loss", scale: float = 1.0) -> list[bytes]:
    """TensorFlow 2's scalars: 1 / (1 + step)."""
    return [event(step, values.scalar(tag, scale / (1 + step))) for step in steps]


def old_scalars(*steps: int, tag: str = "loss") -> list[bytes]:
    """Scalars of TensorFlow 1 and PyTorch."""
    return [event(step, Summary.Value(tag=tag, simple_value=1 / (1 + step))) for step in steps]


def image(step: int, *shades: int, tag: str = "digits", size: int = 4) -> bytes:
    """Square images of one shade of grey each."""
    files = [png(np.full((size, size), shade, np.uint8)) for shade in shades]
    return event(step, values.images(tag, files, size, size))


def histogram(step: int, edges: list[float], counts: list[int], tag: str = "weights") -> bytes:
    """TensorFlow 2's histogram."""
    return event(step, values.histogram(tag, np.array(edges), np.array(counts)))


def old_histogram(step: int, tag: str = "weights") -> bytes:
    """A histogram of TensorFlow 1 and PyTorch: values 1 to 3, its last bin without end."""
    proto = HistogramProto(min=1, max=3, num=4, sum=8, sum_squares=18, bucket_limit=[1.5, 2.5, 1e308], bucket=[1, 2, 1])
    return event(step, Summary.Value(tag=tag, histo=proto))


def text(step: int, markdown: str, tag: str = "notes") -> bytes:
    """A text."""
    return event(step, values.text(tag, markdown))


def hparams(**settings: bool | float | str) -> bytes:
    """What TensorBoard's HPARAMS tab compares runs by."""
    return event(0, values.hparams(settings, BEGAN))


def restart(step: int) -> bytes:
    """That the program began again at a step."""
    record: bytes = Event(
        wall_time=BEGAN, step=step, session_log=SessionLog(status=SessionLog.START)
    ).SerializeToString()
    return record
