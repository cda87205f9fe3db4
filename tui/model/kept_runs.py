"""Runs of earlier sessions, kept in the user's state folder for the tasks that compare several runs.

Of a run only what such tasks look at is kept: its settings and live changes, the tests after its epochs, when its paths
arrived, and the names of its tables.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.events import Evaluated, PathEnded, PathsOpened, Table
from engine.exercises.exercise import MOST_RUNS, Runs
from engine.exercises.seen import RunSeen
from engine.lessons import course, lesson
from engine.settings import parse_settings
from tui.model import json_file
from tui.model.json_file import DamagedError, items, mapping, text, whole

VERSION = 1
_NOTHING = np.zeros(0)


def beside(progress: Path) -> Path:
    """Where the runs are kept: beside the progress file."""
    return progress.with_name("runs.json")


def load(path: Path) -> dict[str, Runs]:
    """The runs by lesson, the newest last; none where the file cannot be used, and the log says why."""
    nothing: dict[str, Runs] = {}
    found, problem = json_file.load(path, parsed, nothing, "file of earlier runs")
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201 - the log
    return found


def add(path: Path, runs: Runs, done: frozenset[str] = frozenset()) -> None:
    """Keep these runs too, the newest of each lesson, and none of the lessons that are `done`. Raises OSError."""
    known = load(path)
    for run in runs:
        known[run.lesson] = (*known.get(run.lesson, ()), run)[-MOST_RUNS:]
    json_file.save(path, content({name: each for name, each in known.items() if name not in done}))


def forget(path: Path, lessons: frozenset[str]) -> None:
    """Keep no run of these lessons. Raises OSError."""
    if lessons and path.exists():
        add(path, (), lessons)


def content(runs: Mapping[str, Runs]) -> dict[str, Any]:
    """The runs as JSON."""
    return {"version": VERSION, "runs": {name: [_content(run) for run in each] for name, each in runs.items()}}


def parsed(given: Any) -> dict[str, Runs]:
    """The runs that JSON holds, without those whose settings this version does not know. Raises DamagedError."""
    given = mapping(json_file.versioned(given, VERSION).get("runs", {}), "runs")
    found: dict[str, Runs] = {}
    for name in (each.id for each in course() if each.id in given):
        runs = [_run(name, mapping(run, name)) for run in items(given[name], name)]
        found[name] = tuple(run for run in runs if run is not None)[-MOST_RUNS:]
    return found


def _content(run: RunSeen) -> dict[str, Any]:
    optimizers = run.opened.optimizers if run.opened is not None else ()
    return {
        "settings": dict(run.settings),
        "changes": [list(change) for change in run.changes],
        "paths": [[end.label, name, end.arrived_step] for end, name in zip(run.ends, optimizers, strict=False)],
        "epochs": [[test.step, test.epoch, test.loss, test.accuracy, test.train_accuracy] for test in run.epochs],
        "tables": list(run.tables),
    }


def _run(lesson_id: str, given: Mapping[str, Any]) -> RunSeen | None:
    settings = {name: text(value, name) for name, value in mapping(given.get("settings"), "settings").items()}
    try:
        if parse_settings(lesson(lesson_id).settings, settings).texts() != settings:
            return None
    except InputError:
        return None
    paths = [_sized(each, 3, "paths") for each in items(given.get("paths"), "paths")]
    return RunSeen(
        lesson_id,
        settings,
        changes=tuple(
            (whole(step, "changes"), text(name, "changes"), text(value, "changes"))
            for step, name, value in (_sized(each, 3, "changes") for each in items(given.get("changes"), "changes"))
        ),
        opened=_opened(paths) if paths else None,
        ends=tuple(_ended(place, *each) for place, each in enumerate(paths)),
        tables={text(name, "tables"): Table(name, "", (), ()) for name in items(given.get("tables"), "tables")},
        tests=tuple(_tested(*_sized(each, 5, "epochs")) for each in items(given.get("epochs"), "epochs")),
        over=True,
    )


def _opened(paths: list[list[Any]]) -> PathsOpened:
    labels, optimizers = (tuple(text(each[place], "paths") for each in paths) for place in (0, 1))
    return PathsOpened(labels, optimizers, _NOTHING, _NOTHING, _NOTHING, 0)


def _ended(path: int, label: str, _: str, arrived_step: Any) -> PathEnded:
    arrived = None if arrived_step is None else whole(arrived_step, "paths")
    return PathEnded(path, label, (), float("nan"), float("nan"), None, arrived)


def _tested(step: Any, epoch: Any, loss: Any, accuracy: Any, train_accuracy: Any) -> Evaluated:
    return Evaluated(
        whole(step, "epochs"),
        whole(epoch, "epochs"),
        _number(loss),
        _number(accuracy),
        np.zeros((0, 0), np.int64),
        (),
        None if train_accuracy is None else _number(train_accuracy),
    )


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DamagedError("'epochs' holds something that is not a number")
    return float(value)


def _sized(value: Any, size: int, name: str) -> list[Any]:
    if len(items(value, name)) != size:
        raise DamagedError(f"{name!r} holds a list that is not of length {size}")
    return list(value)
