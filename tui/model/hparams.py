"""Hyperparameters of several runs in one table, with what came of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui.attach_names import natural
from tui.words import number

Value = bool | float | str
MOST_METRICS = 8
MOST_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class HparamsRow:
    """One run: name, clean label, slot where it is drawn, hyperparameters, and the last value of its metrics."""

    run: str
    label: str
    slot: int | None
    values: Mapping[str, Value]
    metrics: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: a hyperparameter or a metric."""

    name: str
    metric: bool = False


@dataclass(frozen=True, slots=True)
class HparamsSheet:
    """The rows, the columns that tell them apart, and what is the same in all of them."""

    rows: tuple[HparamsRow, ...] = ()
    columns: tuple[Column, ...] = ()
    same: tuple[tuple[str, str], ...] = ()


def sheet(rows: Sequence[HparamsRow]) -> HparamsSheet:
    """The table of these runs: hyperparameters that differ, then the metrics that most of them have."""
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    differ, same = [], []
    for name in names:
        texts = {said(row.values.get(name)) for row in rows}
        if len(texts) == 1 and len(rows) > 1:
            same.append((name, texts.pop()))
        else:
            differ.append(Column(name))
    counts = Counter(name for row in rows for name in row.metrics)
    metrics = sorted(counts, key=lambda name: (-counts[name], natural(name)))[:MOST_METRICS]
    columns = [*[Column(name, metric=True) for name in metrics], *differ]
    return HparamsSheet(tuple(rows), tuple(columns[:MOST_COLUMNS]), tuple(same))


def value_of(row: HparamsRow, column: Column) -> Value | None:
    """What a row has in a column."""
    return row.metrics.get(column.name) if column.metric else row.values.get(column.name)


def said(value: Value | None) -> str:
    """A value as it is shown."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return number(value) if isinstance(value, float) else str(value)


def ordered(rows: Sequence[HparamsRow], column: Column | None, *, descending: bool) -> list[HparamsRow]:
    """The rows by one column, numbers before words; what is not known comes last either way."""
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
