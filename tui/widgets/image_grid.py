"""Grey images drawn in cells, with what they show and what the model took them for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from engine.events import Images
from tui.widgets.canvas import Canvas


class ImageGrid(Widget, can_focus=True):
    """Up to 25 images, as many as fit whole; a wrong prediction is marked by a sign and a colour.

    With several events the grid scrubs over their steps; it follows the newest until the learner goes back.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "scrub(-1)", "Earlier step"),
        Binding("right", "scrub(1)", "Later step"),
        Binding("home", "scrub_to(0)", "First", show=False),
        Binding("end", "scrub_to(-1)", "Newest", show=False),
    ]

    index = reactive(-1)

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._events: tuple[Images, ...] = ()
        self._canvas = Canvas(self, self._draw)

    def show(self, events: Sequence[Images], index: int = -1) -> None:
        """Show one of these events, by default the newest. An index out of range raises IndexError."""

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        return []
