"""The charts of TensorBoard's custom scalars: the tags of a log that are drawn in one plot.

Source: tensorboard/plugins/custom_scalar/layout.proto; a chart's tags are regular expressions that match the beginning
of a tag, as in custom_scalars_plugin.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.lazy import LazyModule

_layout_pb2: Any = LazyModule("tensorboard.plugins.custom_scalar.layout_pb2")
_message: Any = LazyModule("google.protobuf.message")

MOST_CHARTS = 500
_MOST_PATTERNS = 100
_LONGEST = 300

# Matching takes time exponential in the tag's length if a repeated group contains a repetition, and polynomial time if
# several repetitions follow each other. Patterns are untrusted, so neither kind is used.
_REPEATED_GROUP = re.compile(r"\)\s*[*+{?]")
_REPETITION = re.compile(r"(?<!\\)[*+{]")
_MOST_REPETITIONS = 3


@dataclass(frozen=True, slots=True)
class Margin:
    """Three tags: a value, and its lower and upper bound."""

    value: str
    lower: str
    upper: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A plot of the tags that a pattern matches, or of values with their margins. `name` includes its category."""

    name: str
    patterns: tuple[str, ...] = ()
    margins: tuple[Margin, ...] = ()


def charts_of(layout: bytes) -> tuple[Chart, ...]:
    """Parse a serialized layout into its charts, in order. Raises ValueError if it is invalid."""
    parsed = _layout_pb2.Layout()
    try:
        parsed.ParseFromString(layout)
    except _message.DecodeError:
        raise ValueError("invalid layouts") from None
    found: dict[str, Chart] = {}
    for category in parsed.category:
        for chart in category.chart:
            name = " / ".join(part[:_LONGEST] for part in (category.title, chart.title) if part) or "chart"
            patterns = tuple(tag for tag in chart.multiline.tag[:_MOST_PATTERNS] if len(tag) <= _LONGEST)
            margins = tuple(Margin(each.value, each.lower, each.upper) for each in chart.margin.series[:_MOST_PATTERNS])
            if len(found) < MOST_CHARTS:
                found.setdefault(name, Chart(name, patterns, margins))
    return tuple(found.values())


def tags_of(chart: Chart, tags: Sequence[str]) -> tuple[str, ...]:
    """The `tags`, in their order, whose beginning one of the chart's patterns matches."""
    return _matching(chart.patterns, tuple(tags))


@lru_cache(maxsize=64)
def _matching(patterns: tuple[str, ...], tags: tuple[str, ...]) -> tuple[str, ...]:
    expressions = [_expression(pattern) for pattern in patterns]
    return tuple(tag for tag in tags if any(each.match(tag) for each in expressions))


@lru_cache(maxsize=256)
def _expression(pattern: str) -> re.Pattern[str]:
    """Compile a chart's pattern; one that is invalid, or could take too long, matches tags that begin with its text."""
    repetitions = len(_REPETITION.findall(pattern))
    if repetitions > _MOST_REPETITIONS or (repetitions > 1 and _REPEATED_GROUP.search(pattern)):
        return re.compile(re.escape(pattern))
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return re.compile(re.escape(pattern))
