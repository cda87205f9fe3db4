"""What the main screen does with past runs: read them aside, list them, draw one over the loss plot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from tui.series import Series

if TYPE_CHECKING:
    from tui.history import PastRun
    from tui.screens.main import MainScreen


RESUMABLE = ("stopped", "crashed")
"""Outcomes of runs that have steps before them."""


class Archive:
    """The past runs of a logdir as the screen knows them. Reading is done in a thread, and never waited for."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._runs: tuple[PastRun, ...] = ()
        self._overlays: dict[str, Series] = {}
        self._known = False

    @property
    def overlays(self) -> tuple[Series, ...]:
        """The losses of the runs that are marked."""
        return tuple(self._overlays.values())

    @property
    def resumable(self) -> Path | None:
        """The folder of the run under the cursor, if it is one that can be gone on with."""
        from tui.widgets.history_table import HistoryTable

        table = next(iter(self._screen.query(HistoryTable)), None)
        run = table.highlighted if table is not None else None
        desk = self._screen.bench.desks.get(run.lesson) if run is not None else None
        if run is None or desk is None or desk.lesson.resume is None or run.outcome not in RESUMABLE:
            return None
        return self._screen.bench.options.logdir / run.run

    def look(self) -> None:
        """Read the runs again if there may be others than are known."""
        if not self._known:
            self._known = True
            self._screen.run_worker(self._read(), group="history", exclusive=True)
        self.show()

    def forget(self) -> None:
        """There may be other runs now than are known."""
        self._known = False

    def clear(self) -> None:
        """Take every mark away."""
        self._overlays.clear()

    def show(self) -> None:
        """Show the runs, with the style that each marked one has in the plot."""
        from tui.widgets.history_table import HistoryTable
        from tui.widgets.loss_plot import LossPlot

        plot = next(iter(self._screen.query(f"#view-{self._screen.bench.opened} #loss").results(LossPlot)), None)
        slots = plot.slots if plot is not None else {}
        marked = {run: slots.get(series.label, place + 1) for place, (run, series) in enumerate(self._overlays.items())}
        for table in self._screen.query(HistoryTable):
            table.show(self._runs, marked)

    def toggle(self, run: str, shown: bool) -> None:
        """Draw a run's loss over the plot, or no longer."""
        if not shown:
            self._overlays.pop(run, None)
            self._screen.show_now()
            self.show()
            return
        self._screen.run_worker(self._overlay(run), group="overlay")

    async def _read(self) -> None:
        from tui.past import read_runs

        self._runs = await asyncio.to_thread(read_runs, self._screen.bench.options.logdir)
        self.show()

    async def _overlay(self, run: str) -> None:
        from tui.past import read_loss

        series = await asyncio.to_thread(read_loss, self._screen.bench.options.logdir, run)
        if series is None:
            self._screen.say("this run logged no loss")
        else:
            self._overlays[run] = series
        self._screen.show_now()
        self.show()
