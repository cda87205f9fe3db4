"""Which class was taken for which."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from engine.events import Evaluated
from tui.widgets.canvas import Canvas


class ConfusionMatrix(Widget, can_focus=True):
    """Counts by true class (rows) and predicted class (columns), shaded by their share of the row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Cursor", show=False),
        Binding("down", "move(1, 0)", "Cursor", show=False),
        Binding("left", "move(0, -1)", "Cursor", show=False),
        Binding("right", "move(0, 1)", "Cursor", show=False),
        Binding("escape", "leave_cursor", "Leave cursor", show=False),
    ]

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._evaluated: Evaluated | None = None
        self._canvas = Canvas(self, self._draw)

    def show(self, evaluated: Evaluated | None) -> None:
        """Show this evaluation's confusion matrix (None: nothing yet)."""

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        return []
