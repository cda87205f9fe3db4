"""Event files written byte by byte, in the formats of gdtui, TensorFlow 1 and 2, and PyTorch's SummaryWriter."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.plugins.custom_scalar.layout_pb2 import Category, Chart, Layout, MultilineChartContent

from engine.log import summary_values as values
from engine.log.raster import png

NAME = "events.out.tfevents.1700000000.host.1.0"
BEGAN = 1.7e9


def framed(data: bytes) -> bytes:
    """One record in the file format."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def append(folder: Path, *records: bytes, name: str = NAME) -> Path:
    """Append records to an event file, which is created if necessary."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with path.open("ab") as file:
        for record in records:
            file.write(framed(record))
    return path


def event(step: int, *added: Summary.Value, after_s: float | None = None) -> bytes:
    """A record of values at a step, by default logged as many seconds after the start of the run."""
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
    """A histogram of TensorFlow 1 and PyTorch: values 1 to 3, its last bin unbounded."""
    proto = HistogramProto(min=1, max=3, num=4, sum=8, sum_squares=18, bucket_limit=[1.5, 2.5, 1e308], bucket=[1, 2, 1])
    return event(step, Summary.Value(tag=tag, histo=proto))


def text(step: int, markdown: str, tag: str = "notes") -> bytes:
    """A text."""
    return event(step, values.text(tag, markdown))


def hparams(**settings: bool | float | str) -> bytes:
    """The hyperparameters for TensorBoard's HPARAMS tab."""
    return event(0, values.hparams(settings, BEGAN))


def with_plugin(step: int, tag: str, plugin: str, tensor: TensorProto) -> bytes:
    """A tensor that belongs to a plugin."""
    value = Summary.Value(tag=tag, tensor=tensor)
    value.metadata.plugin_data.plugin_name = plugin
    return event(step, value)


def precision_recall(step: int, points: list[list[float]], tag: str = "pr") -> bytes:
    """A precision-recall curve [6, k], as PyTorch's add_pr_curve writes it."""
    tensor = TensorProto(dtype=1, float_val=[number for row in points for number in row])
    tensor.tensor_shape.dim.add(size=6)
    tensor.tensor_shape.dim.add(size=len(points[0]))
    return with_plugin(step, tag, "pr_curves", tensor)


def wav(samples: int, rate: int = 8000) -> bytes:
    """A mono WAV file of silence, two bytes a sample."""
    data = bytes(2 * samples)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    content = b"WAVE" + head + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(content)) + content


def audio(step: int, *files: bytes, tag: str = "sound") -> bytes:
    """Audio clips, as tf.summary.audio writes them."""
    tensor = TensorProto(dtype=7, string_val=[part for file in files for part in (file, b"")])
    tensor.tensor_shape.dim.add(size=len(files))
    tensor.tensor_shape.dim.add(size=2)
    return with_plugin(step, tag, "audio", tensor)


def layout(**charts: list[str]) -> bytes:
    """A layout of one category, "losses", with a chart of tag patterns each."""
    made = Layout(category=[Category(title="losses")])
    for title, patterns in charts.items():
        made.category[0].chart.append(Chart(title=title, multiline=MultilineChartContent(tag=patterns)))
    tensor = TensorProto(dtype=7, string_val=[made.SerializeToString()])
    return with_plugin(0, "custom_scalars__config__", "custom_scalars", tensor)
