"""Containers that draw nothing themselves."""

from __future__ import annotations

from textual.containers import Container
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Ground(Widget):
    """Nothing but a background, without a border: one row stands for all, and is made once.

    Textual asks every widget in sight for all its rows at every frame, what lies below others too.
    """

    _row: Strip | None = None

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._row = None

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._row is None or self._row.cell_length != crop.width:
            self._row = super().render_lines(Region(crop.x, crop.y, crop.width, 1))[0]
        return [self._row] * crop.height


class Box(Ground, Container):
    """A container that lays out what is in it, as its style sheet says."""
