"""The values of a TensorBoard summary in the formats of its plugins, built without TensorFlow.

Source of each format: the plugin's metadata.py and summary_v2.py in tensorboard/plugins.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from engine.events import Cell, FloatArray, IntArray
from engine.lazy import LazyModule
from engine.log.event_values import OWN_PLUGIN

_event_pb2: Any = LazyModule("tensorboard.compat.proto.event_pb2")
_summary_pb2: Any = LazyModule("tensorboard.compat.proto.summary_pb2")
_hparams: Any = LazyModule("tensorboard.plugins.hparams.summary_v2")
_hparams_api: Any = LazyModule("tensorboard.plugins.hparams.api_pb2")
_hparams_data: Any = LazyModule("tensorboard.plugins.hparams.plugin_data_pb2")
_hparams_metadata: Any = LazyModule("tensorboard.plugins.hparams.metadata")

# Source: tensorflow/core/framework/types.proto.
_FLOAT, _DOUBLE, _STRING = 1, 2, 7

# Source: tensorflow/core/framework/summary.proto, DataClass.
_SCALAR, _TENSOR, _BLOB_SEQUENCE = 1, 2, 3

Value = Any
"""A `tensorboard.compat.proto.summary_pb2.Summary.Value`."""


def event(step: int, wall_time: float, values: Sequence[Value]) -> bytes:
    """Encode one record of an event file: `values` at `step`, at `wall_time` seconds since 1970."""
    made = _event_pb2.Event(step=step, wall_time=wall_time)
    made.summary.value.extend(values)
    content: bytes = made.SerializeToString()
    return content


def version(wall_time: float) -> bytes:
    """Encode the first record of an event file, which gives the format's version."""
    content: bytes = _event_pb2.Event(wall_time=wall_time, file_version="brain.Event:2").SerializeToString()
    return content


def scalar(tag: str, number: float) -> Value:
    """A scalar value; NaN and infinities are kept."""
    value = _summary_pb2.Summary.Value()
    value.CopyFrom(_scalar_of(tag))
    value.tensor.float_val.append(number)
    return value


@cache
def _scalar_of(tag: str) -> Value:
    """A scalar's value without its number, cached: building it each time would be most of the work."""
    value = _value(tag, "scalars", _SCALAR)
    value.tensor.dtype = _FLOAT
    value.tensor.tensor_shape.SetInParent()
    return value


def images(tag: str, files: Sequence[bytes], width: int, height: int) -> Value:
    """An image value of PNG files of one size."""
    value = _value(tag, "images", _BLOB_SEQUENCE)
    return _with_strings(value, [str(width).encode(), str(height).encode(), *files])


def text(tag: str, markdown: str) -> Value:
    """A text value in Markdown."""
    return _with_strings(_value(tag, "text", _TENSOR), [markdown.encode("utf-8", "replace")])


def histogram(tag: str, edges: FloatArray, counts: IntArray) -> Value:
    """A histogram value of counts [b] between edges [b+1]."""
    bins = np.stack([edges[:-1], edges[1:], counts.astype(np.float64)], axis=1)
    return _with_array(_value(tag, "histograms", _TENSOR), bins)


def array(tag: str, values: IntArray | FloatArray, about: bytes) -> Value:
    """An array that only gdtui reads back; TensorBoard ignores values of plugins that it does not know."""
    return _with_array(_value(tag, OWN_PLUGIN, _TENSOR, about), values.astype(np.float64))


def hparams(settings: Mapping[str, Any], started: float) -> Value:
    """The hyperparameters for the HPARAMS tab: bool, float or str by name; `started` in seconds since 1970."""
    return _hparams.hparams_pb(dict(settings), start_time_secs=started).value[0]


def hparams_end(succeeded: bool) -> Value:
    """The end of the run for the HPARAMS tab, and whether it succeeded."""
    status = _hparams_api.STATUS_SUCCESS if succeeded else _hparams_api.STATUS_FAILURE
    info = _hparams_data.SessionEndInfo(status=status, end_time_secs=time.time())
    return _summary_pb2.Summary.Value(
        tag=_hparams_metadata.SESSION_END_INFO_TAG,
        metadata=_hparams_metadata.create_summary_metadata(_hparams_data.HParamsPluginData(session_end_info=info)),
        tensor=_hparams_metadata.NULL_TENSOR,
    )


def table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:.10g}"
    return " ".join(str(cell).replace("\\", "\\\\").replace("|", "\\|").split())


def _value(tag: str, plugin: str, data_class: int, content: bytes = b"") -> Value:
    value = _summary_pb2.Summary.Value(tag=tag)
    value.metadata.plugin_data.plugin_name = plugin
    value.metadata.plugin_data.content = content
    value.metadata.data_class = data_class
    return value


def _with_strings(value: Value, strings: Sequence[bytes]) -> Value:
    value.tensor.dtype = _STRING
    value.tensor.tensor_shape.dim.add(size=len(strings))
    value.tensor.string_val.extend(strings)
    return value


def _with_array(value: Value, values: FloatArray) -> Value:
    value.tensor.dtype = _DOUBLE
    for size in values.shape:
        value.tensor.tensor_shape.dim.add(size=size)
    value.tensor.tensor_content = np.ascontiguousarray(values, "<f8").tobytes()
    return value
