"""Every row of the table and its contestants, in groups whose contestants take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks import app_rows, log_rows, own_rows, run_rows, step_rows
from tests.benchmarks.contest import Contestant
from tests.benchmarks.rows import Row


@dataclass(frozen=True)
class Group:
    """Rows that are measured together. `contestants` creates new ones; `rounds` is the default number of rounds."""

    name: str
    rows: tuple[Row, ...]
    contestants: Callable[[], Sequence[Contestant]]
    rounds: int


def groups(full: bool = False) -> tuple[Group, ...]:
    """All groups, in the order of the table. With `full` the course's loop trains for all of its epochs."""
    return (
        Group("training", step_rows.STEPS, step_rows.steppers, 11),
        Group("own models", own_rows.ROWS, own_rows.trainers, 7),
        Group("runs", run_rows.epoch_rows(full), lambda: run_rows.epochs(full), 5),
        Group("log", step_rows.LOGGING, step_rows.loggers, 11),
        Group("screen", app_rows.APP, app_rows.apps, 9),
        Group("surface", step_rows.DESCENTS, step_rows.descenders, 7),
        Group("startup", (*app_rows.START, *app_rows.FIRST), app_rows.starters, 11),
        Group("command", run_rows.COMMANDS, run_rows.commands, 5),
        Group("reading", log_rows.READING, log_rows.readers, 7),
        Group("clock", app_rows.GAPS, app_rows.probed, 5),
    )
