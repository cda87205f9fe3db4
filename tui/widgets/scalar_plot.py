"""One scalar tag of several runs over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui.series import Series
from tui.widgets.loss_plot import LossPlot


class ScalarPlot(LossPlot):
    """A LossPlot that is told what it shows, and which colour and line style each run has."""

    def show_tag(self, tag: str, series: Sequence[Series], slots: Mapping[str, int]) -> None:
        """Show a tag (clean text) of some runs; `slots` gives each label's style. Free when nothing changed."""
        if tag != self._value_name or any(self._slots.get(name) != slot for name, slot in slots.items()):
            self._value_name = tag
            self._slots.update(slots)
            self._canvas.changed()
        self.show(series)
