"""A view of rows of styled words that scrolls both ways: one widget for any number of rows."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.text.table_rows import Row
from tui.widgets.ascii import DrawsAscii
from tui.widgets.component_styles import ComponentStyles


class RowsView(DrawsAscii, ScrollView, can_focus=True):
    """Shows `_rows`, which a subclass lays out for `_width` cells. A role's style is that of PREFIX--role."""

    PREFIX: ClassVar[str]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._rows: list[Row] = []
        self._width = 0
        self._parts = ComponentStyles(self, self.PREFIX)

    @abstractmethod
    def lay_out(self) -> None:
        """Make the rows for the present width, which is not 0, and set the virtual size."""

    def changed(self) -> None:
        """Lay out and draw the changed content."""
        if self._width > 0:
            self.lay_out()

    @property
    def text(self) -> list[str]:
        """The whole text, row by row, as it is laid out now."""
        return ["".join(text for text, _ in row).rstrip() for row in self._rows]

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual's, which is called for each layout before it is painted; a Resize comes only after the paint."""
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        self._fit()
        return updated

    def _fit(self) -> None:
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self.changed()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if not self._width:
            self.call_later(self._fit)
        left, top = self.scroll_offset
        row = self._rows[top + y] if top + y < len(self._rows) else ()
        strip = Strip([Segment(text, self._parts(role)) for text, role in row])
        return self.in_view(strip, left, self.scrollable_content_region.width).apply_style(self.rich_style)

    def in_view(self, strip: Strip, left: int, width: int) -> Strip:
        """The `width` cells of a row from `left` on."""
        return strip.crop_extend(left, left + width, self.rich_style)
