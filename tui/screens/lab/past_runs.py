"""Past runs in the lab: reads them in the background, lists them, and draws one over the loss plot."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.run.run_record import RunRecord
    from tui.model.history import PastRun
    from tui.model.series import Series
    from tui.screens.lab.panes import LabPanes


class PastRuns:
    """The past runs of a logdir, as known to the screen. They are read in a thread, without blocking."""

    def __init__(self, screen: LabPanes) -> None:
        self._screen = screen
        self._runs: tuple[PastRun, ...] = ()
        self._overlays: dict[str, Series] = {}
        self._known = False

    @property
    def overlays(self) -> tuple[Series, ...]:
        """The losses of the marked runs."""
        return tuple(self._overlays.values())

    @property
    def resumable(self) -> Path | None:
        """The folder of the run under the cursor, if it can be resumed."""
        from tui.widgets.log.history_table import HistoryTable

        table = next(iter(self._screen.query(HistoryTable)), None)
        run = table.highlighted if table is not None else None
        return self._screen.app_state.options.logdir / run.run if run is not None and run.resumable else None

    def look(self) -> None:
        """Read the runs again if there may be new ones."""
        if not self._known:
            self._known = True
            self._screen.run_worker(self._read(), group="history", exclusive=True)
        self.show()

    def forget(self) -> None:
        """Note that there may be new runs, and that another run may be resumable."""
        self._known = False
        self.find_unfinished()

    def find_unfinished(self) -> None:
        """Search, in a thread, for the newest run of each lesson that can be resumed, and offer it."""
        if self._screen.app_state.options.log:
            self._screen.run_worker(self._find_unfinished(), group="unfinished", exclusive=True)

    def clear(self) -> None:
        """Remove all marks."""
        self._overlays.clear()

    def show(self) -> None:
        """Show the runs, with the style of each marked one in the plot."""
        from tui.widgets.log.history_table import HistoryTable
        from tui.widgets.loss_plot import LossPlot

        plot = next(iter(self._screen.query(f"#view-{self._screen.app_state.opened} #loss").results(LossPlot)), None)
        slots = plot.slots if plot is not None else {}
        marked = {run: slots.get(series.label, place + 1) for place, (run, series) in enumerate(self._overlays.items())}
        for table in self._screen.query(HistoryTable):
            table.show(self._runs, marked)

    def toggle(self, run: str, shown: bool) -> None:
        """Draw a run's loss over the plot, or stop drawing it."""
        if not shown:
            self._overlays.pop(run, None)
            self._screen.show_now()
            self.show()
            return
        self._screen.run_worker(self._overlay(run), group="overlay")

    async def _read(self) -> None:
        from tui.model.past_runs import read_runs

        self._runs = await asyncio.to_thread(read_runs, self._screen.app_state.options.logdir)
        self.show()

    async def _find_unfinished(self) -> None:
        app_state = self._screen.app_state
        lessons = {
            lesson_state.lesson.id: lesson_state.given.get("file", "")
            for lesson_state in app_state.lesson_states.values()
            if lesson_state.lesson.resume is not None
        }
        app_state.unfinished.records = await asyncio.to_thread(_unfinished_runs, app_state.options.logdir, lessons)
        self._screen.show_now()

    async def _overlay(self, run: str) -> None:
        from tui.model.past_runs import read_loss

        series = await asyncio.to_thread(read_loss, self._screen.app_state.options.logdir, run)
        if series is None:
            self._screen.say("this run logged no loss")
        else:
            self._overlays[run] = series
        self._screen.show_now()
        self.show()


def _unfinished_runs(logdir: Path, lessons: dict[str, str]) -> tuple[RunRecord, ...]:
    from tui.model.past_runs import unfinished_runs  # in the thread, because the import would delay the start

    return unfinished_runs(logdir, lessons)
