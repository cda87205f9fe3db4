"""The loss of the whole run in one or two rows."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.cells import Cells
from tui.drawing.series_picture import step_scale
from tui.drawing.series_styles import colour
from tui.drawing.sparkline import sparkline
from tui.series import Series
from tui.widgets.canvas import Canvas
from tui.widgets.parts import Parts
from tui.words import number

_CAPTION = 9


class LossSparkline(Widget):
    """The whole run as bars, two rows by default, and the newest value; a spike of one step stays visible."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"loss-sparkline--caption", "loss-sparkline--value", "loss-sparkline--bad"}
    DEFAULT_CSS = """
    LossSparkline {
        height: 2;
        & > .loss-sparkline--caption { color: $foreground 65%; }
        & > .loss-sparkline--value { color: $foreground; text-style: bold; }
        & > .loss-sparkline--bad { color: $text-error; text-style: bold; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._series: Series | None = None
        self._part = Parts(self, "loss-sparkline")
        self._canvas = Canvas(self, self._draw)

    def show(self, series: Series | None) -> None:
        """Show this run (None: nothing). Cheap when the run only grew, free when nothing changed."""
        if series == self._series:
            return
        self._series = series
        self._canvas.changed()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._part.forget()
        self._canvas.changed()

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        series = self._series
        cells = Cells(width, height)
        if series is None or not len(series):
            cells.put(0, height - 1, "no loss yet", self._part("caption"))
            return cells.strips()
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
                cells.put(width - len("loss"), 0, "loss", self._part("caption"))
            value = number(float(series.values[-1]))
            cells.put(width - len(value), height - 1, value, self._part("value"))
        return cells.strips()

    def _stages(self) -> list[Style]:
        """The current run's colour, fuller for a higher loss; in eight stages, so that neighbours share a style."""
        full, ground = Color.parse(colour(0, dark=self.app.current_theme.dark)), self.background_colors[1]
        return [Style(color=full.blend(ground, 0.45 * (1 - stage / 8)).rich_color) for stage in range(9)]
