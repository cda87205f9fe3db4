"""The base widgets of every drawn one: they own the cells and the styles of their parts; a subclass draws."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.widgets.ascii import DrawsAscii
from tui.widgets.canvas import Canvas, Picture
from tui.widgets.component_styles import ComponentStyles
from tui.widgets.line_filters import filtered

READING_PAUSE_S = 0.25
"""Numbers that change more often cannot be read."""


class CellWidget(DrawsAscii, Widget):
    """A picture in cells. Call `self._canvas.changed` when there is something new to draw.

    `self._part("key")` is the style of `.cell--key`, which a subclass names in COMPONENT_CLASSES. A change of
    style, such as a change of focus, redraws it automatically.
    """

    _base: Style | None = None
    _background_colors: tuple[Color, Color] | None = None
    _is_dark: bool | None = None

    def __init__(self, *, pause_s: float = 0.0, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._part = ComponentStyles(self)
        self._canvas = Canvas(self, self.draw, pause_s=pause_s)

    @abstractmethod
    def draw(self, width: int, height: int) -> Picture:
        """Draw the picture at this size."""

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._part.forget()
        self._base = self._background_colors = self._is_dark = None
        self._canvas.changed()

    # These are requested in every frame, by Textual too, and found by going up through all ancestors.

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
        if self._background_colors is None:
            self._background_colors = super().background_colors
        return self._background_colors

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        # At every frame Textual asks every visible widget for all its rows. A picture has them ready, and needs nothing
        # of what Textual does for content: no border, no links.
        rows = self._canvas.rows()[crop.y : crop.bottom]
        if self.gutter or len(rows) < crop.height:
            return super().render_lines(crop)
        rows = filtered(self, rows)
        return rows if crop.column_span == (0, self.size.width) else [row.crop(*crop.column_span) for row in rows]


class PlotWidget(CellWidget):
    """A picture with the parts that most have: a title that shows the focus, axes, a cursor.

    A subclass adds its own to COMPONENT_CLASSES. Each component style is resolved separately for each widget: a widget
    that needs few of them is a CellWidget.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "cell--title",
        "cell--axis",
        "cell--tick",
        "cell--cursor",
        "cell--bad",
    }
    DEFAULT_CSS = """
    PlotWidget {
        height: 1fr;
        & > .cell--title { color: $foreground; text-style: bold; }
        & > .cell--axis { color: $foreground 35%; }
        & > .cell--tick { color: $text-quiet; }
        & > .cell--cursor { color: $text-accent; text-style: bold; }
        & > .cell--bad { color: $text-error; text-style: bold; }
        &:focus > .cell--title { color: $text-accent; text-style: bold reverse; }
    }
    """
