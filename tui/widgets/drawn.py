"""The widget under every drawn one: it owns the cells and the styles of their parts; a subclass draws."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.canvas import Canvas
from tui.widgets.parts import Parts


class Drawn(Widget):
    """A picture in cells. Call `self._canvas.changed` when there is something new to draw.

    `self._part("title")` is the style of `.drawn--title`. A subclass adds parts of its own to COMPONENT_CLASSES, or has
    only its own where it says `inherit_component_classes=False`: every part is styled anew with its widget. Styling
    anew, which a change of focus is too, draws again by itself.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "drawn--title",
        "drawn--axis",
        "drawn--tick",
        "drawn--cursor",
        "drawn--bad",
    }
    DEFAULT_CSS = """
    Drawn {
        height: 1fr;
        & > .drawn--title { color: $foreground; text-style: bold; }
        & > .drawn--axis { color: $foreground 35%; }
        & > .drawn--tick { color: $foreground 65%; }
        & > .drawn--cursor { color: $text-accent; text-style: bold; }
        & > .drawn--bad { color: $text-error; text-style: bold; }
        &:focus > .drawn--title { color: $text-accent; text-style: bold reverse; }
    }
    """

    def __init__(
        self, *, pause_s: float = 0.0, ascii_only: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._part = Parts(self)
        self._canvas = Canvas(self, self.draw, pause_s=pause_s)

    @abstractmethod
    def draw(self, width: int, height: int) -> Sequence[Strip]:
        """The picture at this size, one Strip a row; missing rows are blank."""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._part.forget()
        self._canvas.changed()

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)
