"""Typed values of a record of a TensorBoard log, written by any program: scalars, images, texts, histograms.

All input is untrusted: sizes are checked before memory is allocated, and values that cannot be decoded are skipped and
counted by reason. Texts and tags are unchanged: clean them before they reach a terminal.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from engine.lazy import LazyModule
from engine.log.audio import Clip, clip_of
from engine.log.charts import Chart, charts_of
from engine.log.scalar_layouts import ScalarLayouts

# Only the schema, which imports no TensorFlow.
_event_pb2: Any = LazyModule("tensorboard.compat.proto.event_pb2")
_hparams_pb2: Any = LazyModule("tensorboard.plugins.hparams.plugin_data_pb2")
_message: Any = LazyModule("google.protobuf.message")

# The name of gdtui's own plugin: TensorBoard does not know it and ignores its values.
OWN_PLUGIN = "gdtui"

# Plugins whose values hold nothing to show.
_SILENT = ("graphs", "graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model")
_MOST_BINS = 100_000
_LONGEST_LABEL = 1_000
_MOST_HPARAMS = 1_000
LATEST_S = 2.0**36  # the year 4147: a later time is damage, and many calendars fail on it
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
    14: ("<u2", "half_val"),
    17: ("<u2", "int_val"),
    19: ("<f2", "half_val"),
    22: ("<u4", "uint32_val"),
    23: ("<u8", "uint64_val"),
}
_BFLOAT16 = 14  # the upper half of a float32

NO_PLUGIN = "values without a plugin"
"""Why a tensor is passed over whose tag belongs to no plugin so far."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Any entry of a log: its tag, the step, and the time it was written, in seconds since 1970."""

    tag: str
    step: int
    wall_time: float

    @property
    def payload(self) -> int:
        """The bytes or characters in it besides a few numbers: the memory it takes to keep it."""
        return 0


@dataclass(frozen=True, slots=True)
class LoggedScalar(Logged):
    """A number; it may be NaN or infinite."""

    value: float


@dataclass(frozen=True, slots=True)
class LoggedImages(Logged):
    """One or more images as undecoded files (PNG or another format): see `decoded`."""

    files: tuple[bytes, ...]

    @property
    def payload(self) -> int:
        return sum(len(file) for file in self.files)


@dataclass(frozen=True, slots=True)
class LoggedText(Logged):
    """One or more texts, usually Markdown."""

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
class LoggedCurve(Logged):
    """A precision-recall curve float64 [6, k], one column per threshold, ascending: true positives, false positives,
    true negatives, false negatives, precision, recall."""

    points: FloatArray

    @property
    def payload(self) -> int:
        return self.points.nbytes


@dataclass(frozen=True, slots=True)
class LoggedAudio(Logged):
    """Audio clips, described by their headers."""

    clips: tuple[Clip, ...]

    @property
    def payload(self) -> int:
        return 100 * len(self.clips)


@dataclass(frozen=True, slots=True)
class LoggedCharts(Logged):
    """The charts in which the log's scalars are to be drawn."""

    charts: tuple[Chart, ...]

    @property
    def payload(self) -> int:
        return sum(len(chart.name) + sum(map(len, chart.patterns)) for chart in self.charts)


@dataclass(frozen=True, slots=True)
class LoggedOwn(Logged):
    """An entry for other programs that gdtui itself does not show: the log of a resumed run needs only its step."""


@dataclass(frozen=True, slots=True)
class LoggedHparams(Logged):
    """The hyperparameters for the HPARAMS tab, logged when the run began; or its `status` (done, failed), when it
    ended."""

    values: Mapping[str, bool | float | str]
    status: str = ""


@dataclass(frozen=True, slots=True)
class Reread(Logged):
    """A sign to discard all that came before: the files are read again from their start."""


class NotUnderstoodError(ValueError):
    """A value that does not match its plugin's format; the text is a short reason."""


class Decoder:
    """Decodes records into entries. It remembers each tag's plugin, because a log may name it only the first time.

    `passed_over` counts the values left out, by reason. A time that no calendar holds becomes 0, unless `raw_times`.
    """

    def __init__(self, *, raw_times: bool = False) -> None:
        self.passed_over: Counter[str] = Counter()
        self._raw_times = raw_times
        self._plugins: dict[str, str] = {}
        self.layouts = ScalarLayouts()

    def decode(self, record: bytes) -> list[Logged]:
        """Decode one record into its entries, in order. Never raises."""
        known = self.layouts.read(record)
        if known is not None:
            wall_time, step, values = known
            wall_time = self._time(wall_time)
            return [LoggedScalar(tag, step, wall_time, value) for tag, value in values]
        event = _event_pb2.Event()
        try:
            event.ParseFromString(record)
        except _message.DecodeError:
            self.passed_over["records that are not events"] += 1
            return []
        if event.WhichOneof("what") != "summary":
            return []
        event.wall_time = self._time(event.wall_time)
        found = list(self._values(event))
        if found and len(found) == len(event.summary.value) and all(isinstance(each, LoggedScalar) for each in found):
            self.layouts.learn(record, event)
        return found

    def _time(self, wall_time: float) -> float:
        return wall_time if self._raw_times or 0 <= wall_time < LATEST_S else 0.0

    def _values(self, event: Any) -> Iterator[Logged]:
        for value in event.summary.value:
            if value.HasField("metadata") and value.metadata.plugin_data.plugin_name:
                self._plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
            plugin_name = self._plugins.get(value.tag, "")
            if plugin_name in _SILENT:
                continue
            try:
                if plugin_name == "hparams":
                    yield from _hparams(value, event.step, event.wall_time)
                    continue
                yield _decoded(value, plugin_name, event.step, event.wall_time)
            except NotUnderstoodError as error:
                self.passed_over[str(error)] += 1


def decoded(file: bytes) -> npt.NDArray[np.uint8] | None:
    """Decode an image file to uint8 [h, w] grey or [h, w, 3] RGB; None if it is not an image, or suspiciously large."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(file), formats=("PNG", "JPEG", "GIF")) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            return np.asarray(image.convert("L" if image.mode in ("1", "L", "I;16", "I") else "RGB"))
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError):
        return None


def _decoded(value: Any, plugin: str, step: int, wall_time: float) -> Logged:
    tag = value.tag
    match value.WhichOneof("value"):
        case "simple_value":
            return LoggedScalar(tag, step, wall_time, value.simple_value)
        case "image":
            return LoggedImages(tag, step, wall_time, (value.image.encoded_image_string,))
        case "histo":
            return LoggedHistogram(tag, step, wall_time, _old_bins(value.histo))
        case "audio":
            return LoggedAudio(tag, step, wall_time, (_old_clip(value.audio),))
        case "tensor":
            tensor = value.tensor
        case other:
            raise NotUnderstoodError(f"{other or 'empty'} values")
    match plugin:
        case "scalars":
            return LoggedScalar(tag, step, wall_time, _number(tensor))
        case "images":
            # The claimed width and height come first; the size in the files themselves is used instead.
            return LoggedImages(tag, step, wall_time, tuple(tensor.string_val[2:]))
        case "text":
            return LoggedText(
                tag, step, wall_time, tuple(part.decode("utf-8", "replace") for part in tensor.string_val)
            )
        case "histograms":
            return LoggedHistogram(tag, step, wall_time, _bins(tensor))
        case "pr_curves":
            return LoggedCurve(tag, step, wall_time, _curve(tensor))
        case "audio":
            return LoggedAudio(tag, step, wall_time, _clips(tensor))
        case "custom_scalars":
            return LoggedCharts(tag, step, wall_time, _charts(tensor))
        case _ if plugin == OWN_PLUGIN:
            return LoggedOwn(tag, step, wall_time)
        case "":
            raise NotUnderstoodError(NO_PLUGIN)
        case _:
            raise NotUnderstoodError(f"values of the plugin {plugin[:64]!r}")


def _hparams(value: Any, step: int, wall_time: float) -> Iterator[LoggedHparams]:
    """Decode hyperparameters; each value repeats everything in its metadata. Source:
    tensorboard/plugins/hparams/plugin_data.proto."""
    data = _hparams_pb2.HParamsPluginData()
    try:
        data.ParseFromString(value.metadata.plugin_data.content)
    except _message.DecodeError:
        raise NotUnderstoodError("hyperparameters that cannot be read") from None
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
    """The elements that a tensor really holds, one-dimensional; the shape that it claims is not used."""
    if tensor.dtype not in _DTYPES:
        raise NotUnderstoodError(f"tensors of type {tensor.dtype}")
    dtype, field = _DTYPES[tensor.dtype]
    content = tensor.tensor_content
    if content:
        values = np.frombuffer(content, dtype, len(content) // np.dtype(dtype).itemsize)
    elif field == "half_val":  # the bits of each
        values = (np.array(tensor.half_val, np.int64) & 0xFFFF).astype("<u2").view(dtype)
    else:
        values = np.array(getattr(tensor, field), dtype)
    return (values.astype("<u4") << 16).view("<f4") if tensor.dtype == _BFLOAT16 else values


def _bins(tensor: Any) -> FloatArray:
    values = _elements(tensor).astype(np.float64)
    if values.size % 3 or values.size > 3 * _MOST_BINS:
        raise NotUnderstoodError("histograms without bins")
    return values.reshape(-1, 3)


def _curve(tensor: Any) -> FloatArray:
    """Decode a precision-recall curve. Source of its rows' order: tensorboard/plugins/pr_curve/metadata.py."""
    values = _elements(tensor).astype(np.float64)
    if not values.size or values.size % 6 or values.size > 6 * _MOST_BINS:
        raise NotUnderstoodError("invalid precision-recall curves")
    return values.reshape(6, -1)


def _clips(tensor: Any) -> tuple[Clip, ...]:
    """Decode pairs of a file and its label. Source: tensorboard/plugins/audio/summary_v2.py."""
    texts = [bytes(each) for each in tensor.string_val]
    sizes = [dimension.size for dimension in tensor.tensor_shape.dim]
    labels = texts[1::2] if sizes[1:] == [2] else [b""] * len(texts)
    files = texts[::2] if sizes[1:] == [2] else texts
    pairs = zip(files, labels, strict=False)
    return tuple(clip_of(file, label[:_LONGEST_LABEL].decode("utf-8", "replace")) for file, label in pairs)


def _old_clip(audio: Any) -> Clip:
    """Decode the audio of TensorFlow 1 and PyTorch, whose values describe their own files."""
    found = clip_of(audio.encoded_audio_string)
    rate = int(audio.sample_rate) if 0 < audio.sample_rate < 1e9 else found.rate_hz
    seconds = audio.length_frames / rate if rate and audio.length_frames > 0 else found.seconds
    return Clip(found.kind, found.size, rate, int(audio.num_channels) or found.channels, seconds)


def _charts(tensor: Any) -> tuple[Chart, ...]:
    if not tensor.string_val:
        raise NotUnderstoodError("invalid layouts")
    try:
        return charts_of(tensor.string_val[0])
    except ValueError as error:
        raise NotUnderstoodError(str(error)) from None


def _old_bins(histogram: Any) -> FloatArray:
    """The bins of TensorFlow 1's histogram: the first begins at the least value, the last ends at the greatest."""
    right, counts = np.array(histogram.bucket_limit, np.float64), np.array(histogram.bucket, np.float64)
    if right.shape != counts.shape or not right.size or right.size > _MOST_BINS:
        raise NotUnderstoodError("histograms without bins")
    left = np.append(histogram.min, right[:-1])
    right = np.minimum(right, histogram.max)
    return np.stack([np.minimum(left, right), right, counts], axis=1)
