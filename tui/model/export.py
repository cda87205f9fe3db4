"""The data of a plot as CSV or JSON: every number that was drawn, at full precision."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tui.model.run_state import RunState

DataForm = Literal["csv", "json"]
Form = Literal["csv", "json", "svg"]
What = Literal["paths", "loss", "gradient", "accuracy", "confusion", "curves", "tables"]

NAMES: dict[What, str] = {
    "paths": "every step of every path",
    "loss": "the loss of every step",
    "gradient": "the gradient's norm",
    "accuracy": "the tests: loss and accuracy",
    "confusion": "the confusion matrix",
    "curves": "the curves and their gradients",
    "tables": "the tables, a cell a row",
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Numbers in columns; `name` is what they describe."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]


def sheet_of(state: RunState, what: What) -> Sheet | None:
    """The data that a plot of this run shows, in columns; None if the run has nothing of the kind."""
    return {
        "paths": _paths,
        "loss": _loss,
        "gradient": _gradient,
        "accuracy": _accuracy,
        "confusion": _confusion,
        "curves": _curves,
        "tables": _tables,
    }[what](state)


def available(state: RunState) -> tuple[What, ...]:
    """The kinds of data of a run that can be exported."""
    order: tuple[What, ...] = ("paths", "loss", "accuracy", "gradient", "confusion", "curves", "tables")
    return tuple(what for what in order if sheet_of(state, what) is not None)


def _paths(state: RunState) -> Sheet | None:
    paths = state.paths
    if paths is None:
        return None
    dimensions = paths.points.shape[2]
    names = ("x", "y")[:dimensions]
    columns = ("path", "label", "optimizer", "step", "learning_rate", *names, "f", *(f"df/d{name}" for name in names))
    rows = [
        (
            number,
            paths.opened.labels[number],
            paths.opened.optimizers[number],
            step,
            float(paths.rates[step]),
            *map(float, paths.points[number, step]),
            float(paths.values[number, step]),
            *map(float, paths.gradients[number, step]),
        )
        for number in range(len(paths.opened.labels))
        for step in range(paths.steps + 1)
    ]
    return Sheet("paths", columns, rows)


def _loss(state: RunState) -> Sheet | None:
    training = state.training
    if training is None or not len(training.loss):
        return None
    parts = (training.steps, training.times_s, training.loss, training.rates)
    rows = list(zip(*(part.array.tolist() for part in parts), strict=True))
    return Sheet("loss", ("step", "time_s", "loss", "learning_rate"), rows)


def _gradient(state: RunState) -> Sheet | None:
    training = state.training
    if training is None or not len(training.norm):
        return None
    parts = (training.norm_steps, training.norm_times_s, training.norm)
    return Sheet(
        "gradient-norm", ("step", "time_s", "gradient_norm"), list(zip(*(p.array.tolist() for p in parts), strict=True))
    )


def _accuracy(state: RunState) -> Sheet | None:
    training = state.training
    if training is None or not training.evaluations:
        return None
    rows = [(each.step, each.epoch, each.loss, each.accuracy, each.train_accuracy) for each in training.evaluations]
    return Sheet("accuracy", ("step", "epoch", "test_loss", "test_accuracy", "train_accuracy"), rows)


def _confusion(state: RunState) -> Sheet | None:
    training = state.training
    if training is None or not training.evaluations:
        return None
    last = training.evaluations[-1]
    if not last.class_names:
        return None
    rows = [(name, *map(int, row)) for name, row in zip(last.class_names, last.confusion, strict=True)]
    return Sheet("confusion", ("true \\ predicted", *last.class_names), rows)


def _curves(state: RunState) -> Sheet | None:
    if not state.curves:
        return None
    rows = [
        (curve.key, x, y, slope)
        for curve in state.curves
        for x, y, slope in zip(curve.x.tolist(), curve.y.tolist(), curve.gradient.tolist(), strict=True)
    ]
    return Sheet("curves", ("curve", "x", "f", "gradient"), rows)


def _tables(state: RunState) -> Sheet | None:
    from engine.events import Table

    tables = [item for item in state.page if isinstance(item, Table)]
    if not tables:
        return None
    rows = [
        (table.key, place, column, cell)
        for table in tables
        for place, row in enumerate(table.rows)
        for column, cell in zip(table.columns, row, strict=True)
    ]
    return Sheet("tables", ("table", "row", "column", "value"), rows)


def as_csv(sheet: Sheet) -> str:
    """Format the sheet as CSV with a header line; a number that is not finite is written nan, inf or -inf."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(sheet.columns)
    writer.writerows(sheet.rows)
    return text.getvalue()


def as_json(sheet: Sheet, state: RunState) -> str:
    """Format the sheet as one JSON object with its run: the command, the initial settings and the live `changes`. A
    number that is not finite is null."""
    content = {
        "run": state.run,
        "lesson": state.lesson,
        "command": state.command,
        "settings": state.settings_at_start,
        "changes": [asdict(change) for change in state.changes],
        "data": sheet.name,
        "columns": sheet.columns,
        "rows": _finite(sheet),
    }
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def tag_as_json(sheet: Sheet) -> str:
    """Format a tag's points as one JSON object; a number that is not finite is null."""
    content = {"tag": sheet.name, "columns": sheet.columns, "rows": _finite(sheet)}
    return json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(sheet: Sheet) -> list[list[Any]]:
    return [
        [None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row] for row in sheet.rows
    ]


def write_new(folder: Path, stem: str, suffix: Form, text: str, now: datetime) -> Path:
    """Write a new file, named after its content and the time; never overwrites one. Raises OSError."""
    for name in _names(stem, suffix, now):
        path = folder / name
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path
    raise FileExistsError(f"{folder} is full of exports")


def _names(stem: str, suffix: Form, now: datetime) -> Iterable[str]:
    base = f"gdtui-{stem}-{now:%Y%m%d-%H%M%S}"
    yield f"{base}.{suffix}"
    for number in range(2, 1000):
        yield f"{base}-{number}.{suffix}"
