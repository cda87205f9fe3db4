"""The plot of f over the steps of a descent on a curve, with earlier runs."""

from __future__ import annotations

import numpy as np
from textual.actions import SkipAction

from tui.model.series import Series
from tui.text.clean import clean
from tui.views.curve_picture import CurvePicture
from tui.widgets.loss_plot import LossPlot


class StepsPlot(LossPlot):
    """A plot whose cursor is at the step that the whole view shows, and reads the path in the view's readout."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(value_name="f", smoothing=0.0, id=id)

    def show_paths(self, picture: CurvePicture) -> None:
        """Show f of every path, and of the ghosts."""
        self.show(_series(picture))

    def look_at(self, path: int, step: int | None) -> None:
        """Mark a step of a path; None for the newest marks nothing."""
        if (path, step) != (self._read, self._cursor):
            self._read, self._cursor = path, step
            self._canvas.changed()

    def action_next_series(self) -> None:
        """Ignore the key: the view's own moves on to the next path, in all panels at once."""
        raise SkipAction


def _series(picture: CurvePicture) -> tuple[Series, ...]:
    if picture.opened is None:
        return ()
    paths = [(label, picture.values[path], False) for path, label in enumerate(picture.opened.labels)]
    ghosts = [(ghost.label, ghost.values, True) for ghost in picture.ghosts]
    return tuple(
        Series(clean(label), np.arange(len(values)), values, ghost=ghost) for label, values, ghost in (*paths, *ghosts)
    )
