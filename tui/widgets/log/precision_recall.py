"""Precision over recall of a classifier, for every shown run, with the keys to move through their steps."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.events import FloatArray
from engine.log.event_values import LoggedCurve
from tui.plot.cells import Cells
from tui.plot.line_plot import Cursor, Look, PlotLine, draw, frame
from tui.plot.scale import Scale
from tui.plot.series_styles import colour, dash, mark
from tui.text.words import number
from tui.views.log_views import Track
from tui.widgets.log.step_view import StepView

_PRECISION, _RECALL = 4, 5
_COUNTS = ("true positives", "false positives", "true negatives", "false negatives")


class PrecisionRecallPlot(StepView):
    """One curve per run, each at its step nearest to the shown one; ↑ ↓ choose a threshold of the shown one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "read(1)", "Threshold", key_display="↑ ↓"),
        Binding("down", "read(-1)", "Threshold down", show=False),
        Binding("0", "leave", "Put cursor away", show=False),
    ]

    threshold = reactive(-1)
    """The index of the chosen threshold; -1 for none."""

    def tracks_changed(self, *, moved: bool) -> None:
        self._canvas.changed(now=moved and self.index != -1)

    def action_read(self, by: int) -> None:
        """Choose the next higher (1) or lower (-1) threshold; the first time the one in the middle."""
        if isinstance(self.shown, LoggedCurve):
            count = self.shown.points.shape[1]
            there = count // 2 if self.threshold < 0 else self.threshold + by
            self.threshold = min(max(there, 0), count - 1)

    def action_leave(self) -> None:
        """Choose no threshold."""
        self.threshold = -1

    def watch_threshold(self) -> None:
        self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        entry = self.shown
        said: list[str] = []
        if isinstance(entry, LoggedCurve):
            tick = self._part("tick")
            look = Look(self._part("axis"), tick, self._part("cursor"), self._part("bad"), self._glyphs)
            plot = frame(width, height - 1, _WHOLE, _WHOLE, x_name="recall", glyphs=self._glyphs)
            place = min(self.threshold, entry.points.shape[1] - 1)
            said = self._reading(entry.points, place)
            cursor = Cursor(*entry.points[[_RECALL, _PRECISION], place].tolist()) if place >= 0 else None
            lines = [self._line(track, entry.step) for track in reversed(self._tracks)]
            cells.paste(0, 1, draw(plot, lines, look, cursor=cursor))
        cells.paste(0, 0, self.header(width, said))
        return cells

    def _line(self, track: Track, step: int) -> PlotLine:
        entry = min(track.entries, key=lambda each: abs(each.step - step))
        order = np.argsort(entry.points[_RECALL], kind="stable")
        line = Style(color=colour(track.slot, dark=self.dark))
        return PlotLine(
            entry.points[_RECALL][order], entry.points[_PRECISION][order], line, dash(track.slot), mark(track.slot)
        )

    def _reading(self, points: FloatArray, place: int) -> list[str]:
        if place < 0:
            return [
                "precision over recall",
                f"average precision {average_precision(points):.4f}",
                f"{points.shape[1]} thresholds",
            ]
        precision, recall = points[_PRECISION, place], points[_RECALL, place]
        threshold = place / max(points.shape[1] - 1, 1)
        counts = ", ".join(f"{number(float(points[row, place]))} {name}" for row, name in enumerate(_COUNTS))
        return [f"threshold {threshold:.3g}: precision {precision:.4f}, recall {recall:.4f}", counts]


_WHOLE = Scale(0.0, 1.0)


def average_precision(points: FloatArray) -> float:
    """The mean of the precision over the recall, by the steps between thresholds: sum of (R[k] - R[k+1]) P[k], where
    the recall after the last threshold is 0. Source: scikit-learn's average_precision_score."""
    recall = np.append(points[_RECALL], 0.0)
    return float(np.sum((recall[:-1] - recall[1:]) * points[_PRECISION]))
