"""Runs of earlier sessions, read from their folders: rows for the history, losses to draw over the plot."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.log.event_files import read_log
from engine.run.resuming import newest_to_resume
from engine.run.run_record import RunRecord
from engine.run.runs import past_runs
from tui.model.history import PastRun, past_run
from tui.model.series import Series
from tui.text.clean import clean

MOST_RUNS = 10_000
LOSS_TAG = "train-loss"
READING_S = 5.0
"""The time limit for reading one run's log: half a million steps; of a longer log the beginning is shown."""


def read_runs(logdir: Path) -> tuple[PastRun, ...]:
    """Read the rows of the runs below `logdir`, newest first."""
    return tuple(past_run(record) for record in past_runs(logdir, MOST_RUNS))


def unfinished_runs(logdir: Path, lessons: Mapping[str, str]) -> tuple[RunRecord, ...]:
    """Read the newest run of each lesson that can be resumed, the newest of them first. `lessons` has the file with
    which each is open, or an empty text."""
    newest = (newest_to_resume(logdir, lesson, {"file": file}) for lesson, file in lessons.items())
    found = [record for record in newest if record is not None]
    return tuple(sorted(found, key=lambda record: record.path.name, reverse=True))


def read_loss(logdir: Path, run: str) -> Series | None:
    """Read the loss of a past run as a curve to draw over another; None if it logged none."""
    folder = (logdir / run).resolve()
    if not folder.is_relative_to(logdir.resolve()):
        return None
    logged = read_log(folder, keep=1, budget_s=READING_S).scalars.get(LOSS_TAG)
    if logged is None or not len(logged.steps):
        return None
    return Series(clean(run), logged.steps, logged.values, logged.wall_times - logged.wall_times[0])
