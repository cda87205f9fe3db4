"""Hyperparameters of several runs in one table, with their results."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.model.log_filter import Value
from tui.model.log_names import natural
from tui.text.words import number

MOST_METRICS = 8
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class HparamsRow:
    """One run: name, clean label, slot if it is drawn, hyperparameters, and the last value of its metrics."""

    run: str
    label: str
    slot: int | None
    values: Mapping[str, Value]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class HparamsColumn:
    """A column: a hyperparameter or a metric."""

    name: str
    metric: bool = False


@dataclass(frozen=True, slots=True)
class HparamsSheet:
    """The rows, the columns that differ between them, and the values that all share. Of `known` runs, the logs of
    `read` have been read to their end."""

    rows: tuple[HparamsRow, ...] = ()
    columns: tuple[HparamsColumn, ...] = ()
    same: tuple[tuple[str, str], ...] = ()
    read: int = 0
    known: int = 0


def sheet(rows: Sequence[HparamsRow], read: int = 0, known: int = 0) -> HparamsSheet:
    """Build the table of these runs: hyperparameters that differ, then the metrics that most of them have."""
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    differ, same = [], []
    for name in names:
        texts = {said(row.values.get(name)) for row in rows}
        if len(texts) == 1 and len(rows) > 1:
            same.append((name, texts.pop()))
        else:
            differ.append(HparamsColumn(name))
    counts = Counter(name for row in rows for name in row.metrics)
    metrics = sorted(counts, key=lambda name: (-counts[name], natural(name)))[:MOST_METRICS]
    columns = [*[HparamsColumn(name, metric=True) for name in metrics], *differ]
    return HparamsSheet(tuple(rows), tuple(columns[:MOST_COLUMNS]), tuple(same), read, known)


def value_of(row: HparamsRow, column: HparamsColumn) -> Value | None:
    """The value of a row in a column."""
    return row.metrics.get(column.name) if column.metric else row.values.get(column.name)


def said(value: Value | None) -> str:
    """Format a value for display."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return number(value) if isinstance(value, float) else str(value)


def ordered(rows: Sequence[HparamsRow], column: HparamsColumn | None, *, descending: bool) -> list[HparamsRow]:
    """Sort the rows by one column, numbers before words; unknown values come last in either direction."""
    if column is None:
        return list(rows)
    known = [row for row in rows if _known(value_of(row, column))]
    unknown = [row for row in rows if not _known(value_of(row, column))]
    return sorted(known, key=lambda row: _key(value_of(row, column)), reverse=descending) + unknown


def _known(value: Value | None) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _key(value: Value | None) -> tuple[int, float, str]:
    if isinstance(value, bool | float | int):
        return 0, float(value), ""
    return 1, 0.0, str(value)
