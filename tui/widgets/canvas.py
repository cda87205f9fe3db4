"""What every drawn widget shares: draw once a frame, and repaint only the cells that changed."""

from __future__ import annotations

from asyncio import TimerHandle, get_running_loop
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from tui.drawing.cells import Cells

_LATE_S = 0.2
"""Longer than it takes from one frame of a training run to the next."""
STYLE_BYTES = 40
SKIP_BYTES = 50
"""What a change of style and a skip (a cursor movement and a style) cost a true-colour terminal."""
Picture: TypeAlias = "Cells | Sequence[Strip]"
Draw = Callable[[int, int], Picture]


class Canvas:
    """The cells of one widget. `draw(width, height)` returns them, or one Strip a row.

    Call `changed` as often as there is news: the drawing happens once, when the messages at hand are done, and only
    cells that differ are made and painted again, which is what keeps a training run cheap over a slow line. A widget
    out of sight is drawn when it comes in sight. `pause_s` is the least time between two pictures that news alone asks
    for; `changed(now=True)`, for what a key did, does not wait.
    """

    def __init__(self, widget: Widget, draw: Draw, *, pause_s: float = 0.0) -> None:
        self._widget = widget
        self._draw = draw
        self._pause_s = pause_s
        self._pause_ends = 0.0
        self._late: TimerHandle | None = None
        self._cells: Cells | None = None
        self._below = Style.null()
        self._size = (0, 0)
        self._strips: list[Strip] = []
        self._waiting = False
        self._stale = True
        self._due = False
        self._owed: list[Region] | None = []

    def changed(self, *, now: bool = True) -> None:
        """There is something new to draw; unless `now`, it may wait for the pause after the last picture to end."""
        if not self._widget.is_attached:
            self._stale = True
        elif now or monotonic() >= self._pause_ends:
            if not now:
                self._pause_ends = monotonic() + self._pause_s
            self._stale = True
            self._schedule()
        else:
            self._due = True
            self._wait()

    def _wait(self) -> None:
        # Behind a long pause the next news is drawn in one frame with that of other widgets; this is for the last. A
        # timer of Textual's is a task: for all that waits in a training run they took a twentieth of its drawing.
        if self._late is None:
            late_s = _LATE_S if self._pause_s > _LATE_S else 0.0
            self._late = get_running_loop().call_later(self._pause_ends - monotonic() + late_s, self._come_late)

    def _come_late(self) -> None:
        self._late = None
        if self._due and monotonic() < self._pause_ends:
            self._wait()
        elif self._due:
            self.changed()

    def _schedule(self) -> None:
        if not self._waiting:
            self._waiting = True
            self._widget.call_next(self._repaint)

    def line(self, y: int) -> Strip:
        """Row `y` of the picture at the widget's present size; for `Widget.render_line`."""
        rows = self.rows()
        return rows[y] if y < len(rows) else Strip.blank(self._size[0])

    def rows(self) -> list[Strip]:
        """The picture at the widget's present size."""
        if self._stale or self._size != self._widget.size:
            regions = self._paint()
            # Where they are asked for in a frame that another widget wanted, only what that one changed is painted.
            self._owed = _joined(self._owed, regions) if self._waiting else []
        return self._strips

    def _paint(self) -> list[Region] | None:
        """Draw; returns where that differs from the picture before, None where it is another one altogether."""
        before = (self._size, self._below)
        self._stale = self._due = False
        self._size, self._below = self._widget.size, self._widget.rich_style
        width, height = self._size
        drawn: Picture = self._draw(width, height) if width > 0 and height > 0 else []
        comparable = before == (self._size, self._below)
        return self._take_rows(drawn, comparable) if isinstance(drawn, Sequence) else self._take(drawn, comparable)

    def _take(self, cells: Cells, comparable: bool) -> list[Region] | None:
        before, self._cells = self._cells, cells
        if before is None or not comparable or (before.width, before.height) != (cells.width, cells.height):
            self._strips = [cells.strip(y, self._below) for y in range(cells.height)]
            return None
        changes = cells.changes(before)
        for y in changes:
            self._strips[y] = cells.strip(y, self._below)
        return [Region(first, y, last - first, 1) for y, spans in changes.items() for first, last in spans]

    def _take_rows(self, rows: Sequence[Strip], comparable: bool) -> list[Region] | None:
        width, height = self._size
        strips = [strip.apply_style(self._below).adjust_cell_length(width, self._below) for strip in rows[:height]]
        strips += [Strip.blank(width, self._below)] * (height - len(strips))
        before, self._strips = self._strips, strips
        return changed_regions(before, strips) if comparable else None

    def _repaint(self) -> None:
        self._waiting = False
        if not all(node.display for node in self._widget.ancestors_with_self):
            self._widget.refresh()
            return
        regions, self._owed = _joined(self._owed, self._paint() if self._stale else []), []
        if regions is None:
            self._widget.refresh()
        elif regions:
            self._widget.refresh(*regions)


def _joined(some: list[Region] | None, more: list[Region] | None) -> list[Region] | None:
    """Regions together; None, for all, with anything is all."""
    return None if some is None or more is None else some + more


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
            alike += 1 if x and right[1] == b[x - 1][1] else STYLE_BYTES
            continue
        if spans and alike <= SKIP_BYTES:
            spans[-1] = (spans[-1][0], x + 1)
        else:
            spans.append((x, x + 1))
        alike = 0
    return spans
