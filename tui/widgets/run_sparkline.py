"""A sparkline of a number over the whole run in one or two rows: the loss, the learning rate."""

from __future__ import annotations

from functools import lru_cache

from rich.style import Style
from textual.color import Color

from tui.model.series import Series
from tui.plot.cells import Cells
from tui.plot.series_picture import step_scale
from tui.plot.series_styles import colour
from tui.plot.smoothed_series import SmoothedSeries
from tui.plot.sparkline import sparkline
from tui.text.words import number
from tui.widgets.cell_widget import READING_PAUSE_S, PlotWidget

_CAPTION = 9


class RunSparkline(PlotWidget):
    """The whole run as bars, two rows by default, and the newest value; a spike of one step stays visible."""

    DEFAULT_CSS = "RunSparkline { height: 2; }"

    def __init__(
        self, value_name: str = "loss", sign: str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        """`sign` comes before the newest value if one row has no room for the name."""
        super().__init__(pause_s=READING_PAUSE_S, id=id, classes=classes)
        self._value_name, self._sign = value_name, sign
        self._series: Series | None = None
        self._curve: SmoothedSeries | None = None

    def show(self, series: Series | None) -> None:
        """Show this run (None: nothing). Cheap if the run only grew, and without cost if nothing has changed."""
        if series == self._series:
            return
        self._series = series
        grew = series is not None and self._curve is not None and self._curve.grow(series)
        if not grew:
            self._curve = None if series is None else SmoothedSeries(series, 0.0)
        self._canvas.changed(now=not grew)

    def draw(self, width: int, height: int) -> Cells:
        curve = self._curve
        cells = Cells(width, height)
        if curve is None or not len(curve.series):
            cells.put(0, height - 1, f"no {self._value_name} yet", self._part("tick"))
            return cells
        sign = self._glyphs.spelled(self._sign)
        caption = _CAPTION + (len(sign) if height == 1 else 0)
        room = width - caption if width >= 4 * _CAPTION else width
        buckets = curve.buckets(step_scale([curve.series]), room, smooth=False)
        stages, bad = _stages(self.background_colors[1], self.dark), self._part("bad")
        cells.paste(0, 0, sparkline(buckets, height, stages=stages, bad=bad, glyphs=self._glyphs))
        if room < width:
            if height > 1:
                cells.put(width - len(self._value_name), 0, self._value_name, self._part("tick"))
            value = (sign if height == 1 else "") + number(float(curve.series.values[-1]))
            cells.put(width - len(value), height - 1, value, self._part("title"))
        return cells


@lru_cache(maxsize=8)
def _stages(ground: Color, dark: bool) -> tuple[Style, ...]:
    """The current run's colour, stronger for a higher value; in eight stages, so neighbours often share a style."""
    full = Color.parse(colour(0, dark=dark))
    return tuple(Style(color=full.blend(ground, 0.45 * (1 - stage / 8)).rich_color) for stage in range(9))
