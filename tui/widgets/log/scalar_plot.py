"""The plot of one scalar tag of several runs over the steps, or over the time since each run began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from tui.model.series import Series
from tui.widgets.loss_plot import LossPlot


class ScalarPlot(LossPlot):
    """A LossPlot whose name can be set, and the colour and line style of each run."""

    FALLS = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "toggle_time", "Steps or time"),
        Binding("f", "toggle_earlier", "Superseded points", show=False),
    ]

    by_time = reactive(False)
    """Whether the axis is the time since each run began, in seconds."""

    earlier = reactive(False)
    """Whether the earlier curves are drawn too, dim: those before points of them were superseded."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._asked: tuple[Series, ...] = ()
        self._timed: dict[str, tuple[Series, Series]] = {}

    def show_tag(self, tag: str, series: Sequence[Series], slots: Mapping[str, int]) -> None:
        """Show a tag (clean text) of some runs, and their ghosts if requested; `slots` gives each label's style. Costs
        nothing if nothing has changed."""
        if tag != self._value_name or any(self._slots.get(name) != slot for name, slot in slots.items()):
            self._value_name = tag
            self._slots.update(slots)
            self._canvas.changed()
        self._asked = tuple(series)
        shown = [one for one in self._asked if self.earlier or not one.ghost]
        self.show([self._over_time(one) for one in shown] if self.by_time else shown)

    def action_toggle_time(self) -> None:
        """Draw over the steps, or over the time."""
        self.by_time = not self.by_time

    def action_toggle_earlier(self) -> None:
        """Show or hide the curves before points were superseded, usually one for each file."""
        self.earlier = not self.earlier

    def watch_earlier(self) -> None:
        self.show_tag(self._value_name, self._asked, self._slots)

    def watch_by_time(self) -> None:
        self._step_name = "seconds" if self.by_time else "step"
        self.action_reset_view()
        self.action_leave_cursor()
        self.show_tag(self._value_name, self._asked, self._slots)

    def _over_time(self, series: Series) -> Series:
        """The series with its times in place of its steps; the same object again for the same series."""
        known = self._timed.get(series.label)
        if known is not None and known[0] == series:
            return known[1]
        timed = series
        if series.times_s is not None:
            # A clock that was set back, or is not known, stands still: an axis must not go backwards.
            times_s = np.maximum.accumulate(np.nan_to_num(series.times_s, nan=0.0))
            timed = Series(series.label, times_s, series.values, series.times_s, series.ghost)
        self._timed[series.label] = (series, timed)
        return timed
