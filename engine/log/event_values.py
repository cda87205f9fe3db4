"""What one record of a TensorBoard log says, typed: scalars, images, texts, histograms, of any program that writes one.

Everything here comes from outside: sizes are checked before anything is made of them, and what cannot be understood is
counted by a reason and passed over. Texts and tags are as they were written: clean them before they reach a terminal.
"""

from __future__ import annotations

import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from engine.lazy import LazyModule
from engine.scalar_layouts import ScalarLayouts

# The schema alone, which imports no TensorFlow.
_event_pb2: Any = LazyModule("tensorboard.compat.proto.event_pb2")
_hparams_pb2: Any = LazyModule("tensorboard.plugins.hparams.plugin_data_pb2")
_message: Any = LazyModule("google.protobuf.message")

# What a plugin of this name holds is gdtui's own: TensorBoard does not know it and leaves it alone.
OWN_PLUGIN = "gdtui"

# Plugins that say nothing to look at.
_SILENT = ("graphs", "graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model")
_MOST_BINS = 100_000
_MOST_HPARAMS = 1_000
_LATEST_S = 2.0**36  # the year 4147: what is later is no time, and many a calendar fails on it
_MOST_PIXELS = 2**24

# Source: TensorFlow, tensorflow/core/framework/types.proto; the field of each type in tensor.proto.
_DTYPES: dict[int, tuple[str, str]] = {
    1: ("<f4", "float_val"),
    2: ("<f8", "double_val"),
    3: ("<i4", "int_val"),
    4: ("u1", "int_val"),
    5: ("<i2", "int_val"),
    6: ("i1", "int_val"),
    9: ("<i8", "int64_val"),
    10: ("?", "bool_val"),
}


@dataclass(frozen=True, slots=True)
class Logged:
    """Anything that a log holds: its tag, the step, and the seconds since 1970 when it was written."""

    tag: str
    step: int
    wall_time: float

    @property
    def payload(self) -> int:
        """Bytes, or letters, of what it brings beside a few numbers: what it costs to keep it."""
        return 0


@dataclass(frozen=True, slots=True)
class LoggedScalar(Logged):
    """A number; it may be NaN or infinite."""

    value: float


@dataclass(frozen=True, slots=True)
class LoggedImages(Logged):
    """One or more images as files (PNG or another kind), undecoded: see `decoded`."""

    files: tuple[bytes, ...]

    @property
    def payload(self) -> int:
        return sum(len(file) for file in self.files)


@dataclass(frozen=True, slots=True)
class LoggedText(Logged):
    """One or more texts, Markdown as a rule."""

    texts: tuple[str, ...]

    @property
    def payload(self) -> int:
        return sum(len(text) for text in self.texts)


@dataclass(frozen=True, slots=True)
class LoggedHistogram(Logged):
    """Bins float64 [k, 3]: left edge, right edge, count."""

    bins: FloatArray

    @property
    def payload(self) -> int:
        return self.bins.nbytes


@dataclass(frozen=True, slots=True)
class LoggedArray(Logged):
    """A plain array of gdtui's own, float64 of any shape, and what the log says of it."""

    values: FloatArray
    about: bytes

    @property
    def payload(self) -> int:
        return self.values.nbytes


@dataclass(frozen=True, slots=True)
class LoggedHparams(Logged):
    """What HPARAMS compares the run by, when it began; or its `status` (done, failed), when it ended."""

    values: Mapping[str, bool | float | str]
    status: str = ""


@dataclass(frozen=True, slots=True)
class Restarted(Logged):
    """The program began again behind a checkpoint: what was logged from `step` on before this is to be forgotten."""


class NotUnderstoodError(ValueError):
    """A value that is not what its plugin says; the text is a short reason."""


class Decoder:
    """Turns records into what they say. It remembers each tag's plugin, which a log may name the first time alone.

    `passed_over` counts what was left out, by reason.
    """

    def __init__(self) -> None:
        self.passed_over: Counter[str] = Counter()
        self._plugins: dict[str, tuple[str, bytes]] = {}
        self._layouts = ScalarLayouts()

    def decode(self, record: bytes) -> list[Logged]:
        """What one record says, in its order. Never raises."""
        known = self._layouts.read(record)
        if known is not None:
            wall_time, step, values = known
            if not 0 <= wall_time < _LATEST_S:
                wall_time = 0.0
            return [LoggedScalar(tag, step, wall_time, value) for tag, value in values]
        event = _event_pb2.Event()
        try:
            event.ParseFromString(record)
        except _message.DecodeError:
            self.passed_over["records that are no events"] += 1
            return []
        kind = event.WhichOneof("what")
        if not 0 <= event.wall_time < _LATEST_S:
            event.wall_time = 0.0
        if kind == "session_log" and event.session_log.status == event.session_log.START:
            return [Restarted("", event.step, event.wall_time)]
        if kind != "summary":
            return []
        found = list(self._values(event))
        if found and len(found) == len(event.summary.value) and all(isinstance(each, LoggedScalar) for each in found):
            self._layouts.learn(record, event)
        return found

    def _values(self, event: Any) -> Iterator[Logged]:
        for value in event.summary.value:
            if value.HasField("metadata") and value.metadata.plugin_data.plugin_name:
                plugin = value.metadata.plugin_data
                self._plugins.setdefault(value.tag, (plugin.plugin_name, plugin.content))
            plugin_name, about = self._plugins.get(value.tag, ("", b""))
            if plugin_name in _SILENT:
                continue
            try:
                if plugin_name == "hparams":
                    yield from _hparams(value, event.step, event.wall_time)
                    continue
                yield _decoded(value, plugin_name, about, event.step, event.wall_time)
            except NotUnderstoodError as error:
                self.passed_over[str(error)] += 1


def decoded(file: bytes) -> npt.NDArray[np.uint8] | None:
    """An image file as uint8 [h, w] grey or [h, w, 3] RGB; None where it is none, or too large to be meant well."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(file), formats=("PNG", "JPEG", "GIF")) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            return np.asarray(image.convert("L" if image.mode in ("1", "L", "I;16", "I") else "RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        return None


def _decoded(value: Any, plugin: str, about: bytes, step: int, wall_time: float) -> Logged:
    tag = value.tag
    match value.WhichOneof("value"):
        case "simple_value":
            return LoggedScalar(tag, step, wall_time, value.simple_value)
        case "image":
            return LoggedImages(tag, step, wall_time, (value.image.encoded_image_string,))
        case "histo":
            return LoggedHistogram(tag, step, wall_time, _old_bins(value.histo))
        case "tensor":
            tensor = value.tensor
        case other:
            raise NotUnderstoodError(f"{other or 'empty'} values")
    match plugin:
        case "scalars":
            return LoggedScalar(tag, step, wall_time, _number(tensor))
        case "images":
            # Width and height come first; the files themselves know better.
            return LoggedImages(tag, step, wall_time, tuple(tensor.string_val[2:]))
        case "text":
            return LoggedText(
                tag, step, wall_time, tuple(part.decode("utf-8", "replace") for part in tensor.string_val)
            )
        case "histograms":
            return LoggedHistogram(tag, step, wall_time, _bins(tensor))
        case _ if plugin == OWN_PLUGIN:
            return LoggedArray(tag, step, wall_time, _array(tensor), about)
        case "":
            raise NotUnderstoodError("values of no plugin")
        case _:
            raise NotUnderstoodError(f"values of the plugin {plugin[:64]!r}")


def _hparams(value: Any, step: int, wall_time: float) -> Iterator[LoggedHparams]:
    """Source: tensorboard/plugins/hparams/plugin_data.proto; each value repeats all that it says in its metadata."""
    data = _hparams_pb2.HParamsPluginData()
    try:
        data.ParseFromString(value.metadata.plugin_data.content)
    except _message.DecodeError:
        raise NotUnderstoodError("hyperparameters that are none") from None
    if data.HasField("session_start_info"):
        found: dict[str, bool | float | str] = {}
        for name, each in data.session_start_info.hparams.items():
            kind = each.WhichOneof("kind")
            if kind in ("bool_value", "number_value", "string_value") and len(found) < _MOST_HPARAMS:
                found[name] = getattr(each, kind)
        yield LoggedHparams(value.tag, step, wall_time, found)
    elif data.HasField("session_end_info"):
        status = {1: "done", 2: "failed"}.get(data.session_end_info.status, "")
        yield LoggedHparams(value.tag, step, wall_time, {}, status)


def _number(tensor: Any) -> float:
    values = _elements(tensor)
    if not values.size:
        raise NotUnderstoodError("scalars without a number")
    return float(values.flat[0])


def _elements(tensor: Any) -> npt.NDArray[Any]:
    """The elements that a tensor really holds, one-dimensional, whatever its shape claims."""
    if tensor.dtype not in _DTYPES:
        raise NotUnderstoodError(f"tensors of type {tensor.dtype}")
    dtype, field = _DTYPES[tensor.dtype]
    content = tensor.tensor_content
    if not content:
        return np.array(getattr(tensor, field), dtype)
    size = np.dtype(dtype).itemsize
    return np.frombuffer(content, dtype, len(content) // size)


def _array(tensor: Any) -> FloatArray:
    values = _elements(tensor).astype(np.float64)
    shape = [dimension.size for dimension in tensor.tensor_shape.dim]
    if any(size < 0 for size in shape) or math.prod(shape) != values.size:
        raise NotUnderstoodError("tensors whose shape does not fit")
    return values.reshape(shape)


def _bins(tensor: Any) -> FloatArray:
    values = _elements(tensor).astype(np.float64)
    if values.size % 3 or values.size > 3 * _MOST_BINS:
        raise NotUnderstoodError("histograms that are no bins")
    return values.reshape(-1, 3)


def _old_bins(histogram: Any) -> FloatArray:
    """The bins of TensorFlow 1's histogram: the first begins at the least value, the last ends at the greatest."""
    right, counts = np.array(histogram.bucket_limit, np.float64), np.array(histogram.bucket, np.float64)
    if right.shape != counts.shape or not right.size or right.size > _MOST_BINS:
        raise NotUnderstoodError("histograms that are no bins")
    left = np.append(histogram.min, right[:-1])
    right = np.minimum(right, histogram.max)
    return np.stack([np.minimum(left, right), right, counts], axis=1)
