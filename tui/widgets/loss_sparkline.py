"""The loss of the whole run in one or two rows."""

from __future__ import annotations

from rich.style import Style
from textual.color import Color

from tui.drawing.cells import Cells
from tui.drawing.series_picture import step_scale
from tui.drawing.series_styles import colour
from tui.drawing.sparkline import sparkline
from tui.series import Series
from tui.widgets.drawn import Drawn
from tui.words import number

_CAPTION = 9


class LossSparkline(Drawn):
    """The whole run as bars, two rows by default, and the newest value; a spike of one step stays visible."""

    DEFAULT_CSS = "LossSparkline { height: 2; }"

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._series: Series | None = None

    def show(self, series: Series | None) -> None:
        """Show this run (None: nothing). Cheap when the run only grew, free when nothing changed."""
        if series == self._series:
            return
        self._series = series
        self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        series = self._series
        cells = Cells(width, height)
        if series is None or not len(series):
            cells.put(0, height - 1, "no loss yet", self._part("tick"))
            return cells
        room = width - _CAPTION if width >= 4 * _CAPTION else width
        steps = step_scale([series])
        stages = self._stages()
        bars = sparkline(
            series,
            steps,
            room,
            height,
            style=lambda level: stages[round(level * (len(stages) - 1))],
            bad=self._part("bad"),
            ascii_only=self._ascii_only,
        )
        cells.paste(0, 0, bars)
        if room < width:
            if height > 1:
                cells.put(width - len("loss"), 0, "loss", self._part("tick"))
            value = number(float(series.values[-1]))
            cells.put(width - len(value), height - 1, value, self._part("title"))
        return cells

    def _stages(self) -> list[Style]:
        """The current run's colour, fuller for a higher loss; in eight stages, so that neighbours share a style."""
        full, ground = Color.parse(colour(0, dark=self.app.current_theme.dark)), self.background_colors[1]
        return [Style(color=full.blend(ground, 0.45 * (1 - stage / 8)).rich_color) for stage in range(9)]
