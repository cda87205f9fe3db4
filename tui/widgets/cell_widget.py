"""The widgets under every drawn one: they own the cells and the styles of their parts; a subclass draws."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.canvas import Canvas, Picture
from tui.widgets.parts import Parts

READING_PAUSE_S = 0.25
"""Numbers that change more often cannot be read."""


class Bare(Widget):
    """A picture in cells. Call `self._canvas.changed` when there is something new to draw.

    `self._part("key")` is the style of `.drawn--key`, which a subclass names in COMPONENT_CLASSES. Styling anew, which
    a change of focus is too, draws again by itself.
    """

    _base: Style | None = None
    _grounds: tuple[Color, Color] | None = None
    _is_dark: bool | None = None

    def __init__(
        self, *, pause_s: float = 0.0, ascii_only: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._part = Parts(self)
        self._canvas = Canvas(self, self.draw, pause_s=pause_s)

    @abstractmethod
    def draw(self, width: int, height: int) -> Picture:
        """The picture at this size."""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._part.forget()
        self._base = self._grounds = self._is_dark = None
        self._canvas.changed()

    # These are asked for at every frame, by Textual too, and found by going up through all that lies below.

    @property
    def dark(self) -> bool:
        """Whether the theme is a dark one."""
        if self._is_dark is None:
            self._is_dark = self.app.current_theme.dark
        return self._is_dark

    @property
    def rich_style(self) -> Style:
        if self._base is None:
            self._base = super().rich_style
        return self._base

    @property
    def background_colors(self) -> tuple[Color, Color]:
        if self._grounds is None:
            self._grounds = super().background_colors
        return self._grounds

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        # Textual asks every widget in sight for all its rows at every frame. A picture has them at hand, and needs
        # none of what Textual does for content: no border, no links.
        rows = self._canvas.rows()[crop.y : crop.bottom]
        if self.gutter or len(rows) < crop.height:
            return super().render_lines(crop)
        for each in self.get_line_filters():
            rows = [row.apply_filter(each, self.background_colors[1]) for row in rows]
        return rows if crop.column_span == (0, self.size.width) else [row.crop(*crop.column_span) for row in rows]


class Drawn(Bare):
    """A picture with the parts that most have: a title that shows the focus, axes, a cursor.

    A subclass adds its own to COMPONENT_CLASSES; every part is styled anew with its widget, so one with few is Bare.
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
