"""What every drawn widget shares: draw once a frame, and repaint only the cells that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Draw = Callable[[int, int], Sequence[Strip]]


class Canvas:
    """The cells of one widget. `draw(width, height)` returns one Strip a row; missing rows are blank.

    Call `changed` as often as there is news: the drawing happens once, when the messages at hand are done, and only
    cells that differ are painted again, which is what keeps a training run cheap over a slow line.
    """

    def __init__(self, widget: Widget, draw: Draw) -> None:
        self._widget = widget
        self._draw = draw
        self._size = (0, 0)
        self._strips: list[Strip] = []
        self._waiting = False
        self._stale = True

    def changed(self) -> None:
        """There is something new to draw."""
        self._stale = True
        if not self._waiting and self._widget.is_attached:
            self._waiting = True
            self._widget.call_next(self._repaint)

    def line(self, y: int) -> Strip:
        """Row `y` of the picture at the widget's present size; for `Widget.render_line`."""
        size = self._widget.size
        if self._stale or self._size != (size.width, size.height):
            self._strips = self._drawn()
        return self._strips[y] if y < len(self._strips) else Strip.blank(size.width)

    def _drawn(self) -> list[Strip]:
        width, height = self._widget.size
        self._size = (width, height)
        self._stale = False
        if width <= 0 or height <= 0:
            return []
        base = self._widget.rich_style
        strips = [strip.apply_style(base) for strip in self._draw(width, height)][:height]
        strips = [strip.adjust_cell_length(width, base) for strip in strips]
        return strips + [Strip.blank(width, base)] * (height - len(strips))

    def _repaint(self) -> None:
        self._waiting = False
        if not self._stale:
            return
        before, size_before = self._strips, self._size
        self._strips = self._drawn()
        if self._size != size_before:
            self._widget.refresh()
            return
        regions = changed_regions(before, self._strips)
        if regions:
            self._widget.refresh(*regions)


def changed_regions(before: Sequence[Strip], after: Sequence[Strip]) -> list[Region]:
    """Where two pictures of the same size differ: at most one region a row, from its first to its last changed cell."""
    regions = []
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        first, last = _changed_span(old, new)
        regions.append(Region(first, y, last - first, 1))
    return regions


def _changed_span(old: Strip, new: Strip) -> tuple[int, int]:
    """The columns [first, last) outside which two unequal rows are alike."""
    a = [(char, segment.style) for segment in old for char in segment.text]
    b = [(char, segment.style) for segment in new for char in segment.text]
    if len(a) != len(b) or len(b) != new.cell_length:
        return 0, new.cell_length
    differs = [x for x, (left, right) in enumerate(zip(a, b, strict=True)) if left != right]
    return (differs[0], differs[-1] + 1) if differs else (0, new.cell_length)
