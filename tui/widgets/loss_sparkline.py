"""The loss of the whole run in one or two rows."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from tui.series import Series
from tui.widgets.canvas import Canvas


class LossSparkline(Widget):
    """The whole run in as many columns as there are, two rows by default; a spike of one step stays visible."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"loss-sparkline--low", "loss-sparkline--high", "loss-sparkline--nan"}
    DEFAULT_CSS = """
    LossSparkline { height: 2; }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._series: Series | None = None
        self._canvas = Canvas(self, self._draw)

    def show(self, series: Series | None) -> None:
        """Show this run (None: nothing). Cheap when the run only grew."""
        if series == self._series:
            return
        self._series = series
        self._canvas.changed()

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        return []
