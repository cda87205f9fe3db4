"""The loss of the whole run in one or two rows."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style
from textual.color import Color

from tui.curve import Curve
from tui.drawing.cells import Cells
from tui.drawing.series_picture import step_scale
from tui.drawing.series_styles import colour
from tui.drawing.sparkline import sparkline
from tui.series import Series
from tui.widgets.drawn import READING_PAUSE_S, Drawn
from tui.words import number

_CAPTION = 9


class LossSparkline(Drawn):
    """The whole run as bars, two rows by default, and the newest value; a spike of one step stays visible."""

    DEFAULT_CSS = "LossSparkline { height: 2; }"

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=READING_PAUSE_S, ascii_only=ascii_only, id=id, classes=classes)
        self._series: Series | None = None
        self._curve: Curve | None = None

    def show(self, series: Series | None) -> None:
        """Show this run (None: nothing). Cheap when the run only grew, free when nothing changed."""
        if series == self._series:
            return
        self._series = series
        grew = series is not None and self._curve is not None and self._curve.grow(series)
        if not grew:
            self._curve = None if series is None else Curve(series, 0.0)
        self._canvas.changed(now=not grew)

    def draw(self, width: int, height: int) -> Cells:
        curve = self._curve
        cells = Cells(width, height)
        if curve is None or not len(curve.series):
            cells.put(0, height - 1, "no loss yet", self._part("tick"))
            return cells
        room = width - _CAPTION if width >= 4 * _CAPTION else width
        buckets = curve.buckets(step_scale([curve.series]), room, smooth=False)
        stages, bad = _stages(self.background_colors[1], self.dark), self._part("bad")
        cells.paste(0, 0, sparkline(buckets, height, stages=stages, bad=bad, ascii_only=self._ascii_only))
        if room < width:
            if height > 1:
                cells.put(width - len("loss"), 0, "loss", self._part("tick"))
            value = number(float(curve.series.values[-1]))
            cells.put(width - len(value), height - 1, value, self._part("title"))
        return cells


@lru_cache(maxsize=8)
def _stages(ground: Color, dark: bool) -> tuple[Style, ...]:
    """The current run's colour, fuller for a higher loss; in eight stages, so that neighbours share a style."""
    full = Color.parse(colour(0, dark=dark))
    return tuple(Style(color=full.blend(ground, 0.45 * (1 - stage / 8)).rich_color) for stage in range(9))
