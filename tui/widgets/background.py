"""Containers that draw only a background."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Background(Widget):
    """A background without a border: one row, made once, is used for all.

    At every frame Textual asks every visible widget for all its rows, even one below others.
    """

    _row: Strip | None = None

    def render(self) -> str:
        return ""  # Textual draws the name of a widget that has no children

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._row = None

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._row is None or self._row.cell_length != crop.width:
            self._row = super().render_lines(Region(crop.x, crop.y, crop.width, 1))[0]
        return [self._row] * crop.height


class Box(Background, Container):
    """A container that lays its children out according to its style sheet."""
