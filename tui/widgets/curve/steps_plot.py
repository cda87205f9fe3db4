"""f over the steps of a descent on a curve, and over those of the runs before it."""

from __future__ import annotations

import numpy as np
from textual.actions import SkipAction

from tui.curve_picture import CurvePicture
from tui.series import Series
from tui.text import clean
from tui.widgets.loss_plot import LossPlot


class StepsPlot(LossPlot):
    """Its cursor is the step that the whole view looks at, and reads the path that the view reads out."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:
        super().__init__(value_name="f", smoothing=0.0, ascii_only=ascii_only, id=id)

    def show_paths(self, picture: CurvePicture) -> None:
        """Show f of every path, and of the ghosts."""
        self.show(_series(picture))

    def look_at(self, path: int, step: int | None) -> None:
        """Mark a step of a path; None for the newest marks nothing."""
        if (path, step) != (self._read, self._cursor):
            self._read, self._cursor = path, step
            self._canvas.changed()

    def action_next_series(self) -> None:
        """The view's own key goes on to the next path, everywhere at once."""
        raise SkipAction


def _series(picture: CurvePicture) -> tuple[Series, ...]:
    if picture.opened is None:
        return ()
    paths = [(label, picture.values[path], False) for path, label in enumerate(picture.opened.labels)]
    ghosts = [(ghost.label, ghost.values, True) for ghost in picture.ghosts]
    return tuple(
        Series(clean(label), np.arange(len(values)), values, ghost=ghost) for label, values, ghost in (*paths, *ghosts)
    )
