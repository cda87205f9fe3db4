"""Runs of earlier sessions, read from their folders: rows for the history, losses to draw over the plot."""

from __future__ import annotations

from pathlib import Path

from engine.event_files import read_log
from engine.runs import past_runs
from tui.history import PastRun, past_run
from tui.series import Series
from tui.text import clean

MOST_RUNS = 10_000
LOSS_TAG = "train-loss"
READING_S = 5.0
"""What reading one run's log may take: half a million steps; of a longer log the beginning is shown."""


def read_runs(logdir: Path) -> tuple[PastRun, ...]:
    """The runs below `logdir`, the newest first. Reads the disk."""
    return tuple(past_run(record) for record in past_runs(logdir, MOST_RUNS))


def read_loss(logdir: Path, run: str) -> Series | None:
    """The loss of a past run as a curve to draw over another; None where it logged none. Reads the disk."""
    folder = (logdir / run).resolve()
    if not folder.is_relative_to(logdir.resolve()):
        return None
    logged = read_log(folder, keep=1, budget_s=READING_S).scalars.get(LOSS_TAG)
    if logged is None or not len(logged.steps):
        return None
    return Series(clean(run), logged.steps, logged.values, logged.wall_times - logged.wall_times[0])
