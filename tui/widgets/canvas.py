"""What every drawn widget shares: draw once a frame, and repaint only the cells that changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

Draw = Callable[[int, int], Sequence[Strip]]
_STYLE_BYTES = 40
_SKIP_BYTES = 50
"""What a change of style and a skip (a cursor movement and a style) cost a true-colour terminal."""


class Canvas:
    """The cells of one widget. `draw(width, height)` returns one Strip a row; missing rows are blank.

    Call `changed` as often as there is news: the drawing happens once, when the messages at hand are done, and only
    cells that differ are painted again, which is what keeps a training run cheap over a slow line. `pause_s` is the
    least time between two pictures that news alone asks for; `changed(now=True)`, for what a key did, does not wait.
    """

    def __init__(self, widget: Widget, draw: Draw, *, pause_s: float = 0.0) -> None:
        self._widget = widget
        self._draw = draw
        self._pause_s = pause_s
        self._pausing: Timer | None = None
        self._size = (0, 0)
        self._strips: list[Strip] = []
        self._waiting = False
        self._stale = True
        self._due = False

    def changed(self, *, now: bool = True) -> None:
        """There is something new to draw; unless `now`, it may wait for the pause after the last picture to end."""
        if not self._widget.is_attached:
            self._stale = True
        elif now or self._pause_s <= 0:
            self._stale = True
            self._schedule()
        elif self._pausing is None:
            self._stale = True
            self._schedule()
            self._pausing = self._widget.set_timer(self._pause_s, self._pause_ended)
        else:
            self._due = True

    def _schedule(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._widget.call_next(self._repaint)

    def _pause_ended(self) -> None:
        self._pausing = None
        if self._due:
            self._due = False
            self.changed(now=False)

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
    """Where two pictures of the same size differ, as regions of one row each.

    Cells that are alike between two that differ are painted with them where that takes fewer bytes than to skip them.
    """
    regions = []
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new:
            regions += [Region(first, y, last - first, 1) for first, last in _changed_spans(old, new)]
    return regions


def _changed_spans(old: Strip, new: Strip) -> list[tuple[int, int]]:
    """The columns [first, last) where two unequal rows differ."""
    a = [(char, segment.style) for segment in old for char in segment.text]
    b = [(char, segment.style) for segment in new for char in segment.text]
    if len(a) != len(b) or len(b) != new.cell_length:
        return [(0, new.cell_length)]
    spans: list[tuple[int, int]] = []
    alike = 0
    for x, (left, right) in enumerate(zip(a, b, strict=True)):
        if left == right:
            alike += 1 if x and right[1] == b[x - 1][1] else _STYLE_BYTES
            continue
        if spans and alike <= _SKIP_BYTES:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
        alike = 0
    return spans
