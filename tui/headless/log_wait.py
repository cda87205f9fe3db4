"""Waiting, without a screen, for the end of a run of gdtui or another program."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import numpy as np

from engine.errors import InputError
from engine.log.event_values import LATEST_S
from engine.log.reader import About, LogdirReader
from engine.log.run_tree import FoundRun
from engine.log.scalar_table import ScalarTable, read_scalars
from tui.headless.output import Output
from tui.model.log_names import run_label
from tui.model.log_state import FRESH_S
from tui.process.exit_codes import Exit
from tui.text.clean import clean

POLL_S = 0.5
_GAPS = 3.0
"""A run without a record has ended if nothing was logged for so many times its longest gap so far."""

CODES: Mapping[str, Exit] = {
    "done": Exit.DONE,
    "stopped": Exit.DONE,
    "diverged": Exit.DIVERGED,
    "failed": Exit.FAILED,
    "crashed": Exit.FAILED,
    "unknown": Exit.FAILED,
}
"""The exit code of each outcome."""


def wait_for(
    folders: Sequence[Path],
    only: str,
    out: TextIO,
    err: TextIO,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> Exit:
    """Wait for the end of the run called `only` below `folders`, or of the one run that they hold; writes its outcome
    to `out` and returns the exit code. A run that does not exist yet is waited for, too.

    Raises:
        InputError: the folders hold several runs.
    """
    reader, results, messages = LogdirReader(*folders), Output(out), Output(err)
    found: tuple[FoundRun, ...] = ()
    waited = False
    outcomes = _Outcomes(clock)
    try:
        while True:
            news = reader.read([])
            found = news.runs if news.runs is not None else found
            runs = [run for run in found if not only or run.name == only]
            if len(runs) > 1 and not news.searching:
                raise InputError(f"--wait is for one run, and there are {len(runs):,}; name it")
            if runs and not news.searching:
                outcome = outcomes.of(runs[0], reader.about([runs[0].name])[runs[0].name])
                if outcome:
                    results.write(f"{run_label(runs[0].name, runs[0].path.name)}: {outcome}\n")
                    return CODES.get(outcome, Exit.FAILED)
            elif not news.searching and not waited:
                waited = True
                messages.write(f"gdtui: no run in {clean(', '.join(map(str, folders)))} yet: waiting\n")
            sleep(POLL_S)
    finally:
        reader.close()


class _Outcomes:
    """Determines a run's outcome. If the run has no record of gdtui's, its log is read, again whenever it has grown."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._size = -1
        self._status = ""
        self._longest_s = 0.0

    def of(self, run: FoundRun, about: About) -> str:
        """The outcome of the run; empty while it is running."""
        if about.record is not None:
            return "" if about.record.outcome == "running" else about.record.outcome
        if about.size != self._size:
            table = read_scalars(run.path)
            self._size, self._status, self._longest_s = about.size, table.status, _longest_gap(table)
        quiet_s = self._clock() - about.written
        return self._status or ("unknown" if quiet_s > max(FRESH_S, _GAPS * self._longest_s) else "")


def _longest_gap(table: ScalarTable) -> float:
    """The longest time between two points of a run, in seconds; 0 for fewer than two."""
    times = [points.wall_times for points in table.scalars.values()]
    known = np.sort(np.concatenate(times)) if times else np.zeros(0)
    known = known[(known > 0) & (known < LATEST_S)]
    return float(np.diff(known).max()) if len(known) > 1 else 0.0
