"""Every row of the table and who competes for it, in groups whose contestants take turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks import app_rows, run_rows, step_rows
from tests.benchmarks.contest import Contestant
from tests.benchmarks.rows import Row


@dataclass(frozen=True)
class Group:
    """Rows that are measured together. `contestants` makes them anew; `rounds` is how many there are by default."""

    name: str
    rows: tuple[Row, ...]
    contestants: Callable[[], Sequence[Contestant]]
    rounds: int


def groups(full: bool = False) -> tuple[Group, ...]:
    """All groups, in the order of the table. `full` has the course's loop train for all of its epochs."""
    return (
        Group("training", step_rows.STEPS, step_rows.steppers, 11),
        Group("runs", run_rows.epoch_rows(full), lambda: run_rows.epochs(full), 5),
        Group("log", step_rows.LOGGING, step_rows.loggers, 11),
        Group("screen", app_rows.APP, app_rows.apps, 9),
        Group("surface", step_rows.DESCENTS, step_rows.descenders, 7),
        Group("startup", app_rows.START, app_rows.starters, 11),
        Group("command", run_rows.COMMANDS, run_rows.commands, 5),
        Group("clock", app_rows.GAPS, app_rows.probed, 5),
    )
