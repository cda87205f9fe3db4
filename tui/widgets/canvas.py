"""The canvas of a drawn widget: draws at most once per frame and repaints only the rows that changed."""

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
    from tui.plot.cells import Cells

_LATE_S = 0.2
"""Longer than the time from one frame of a training run to the next."""
Picture: TypeAlias = "Cells | Sequence[Strip]"
Draw = Callable[[int, int], Picture]


class Canvas:
    """The cells of one widget. `draw(width, height)` returns them, or one Strip per row.

    Call `changed` for every change: the drawing happens once, when the present messages are handled, and only rows that
    differ are built and painted again, so Textual composes those alone. Which cells of them are sent to the terminal is
    left to `terminal.frame_diff`. A hidden widget is drawn when it becomes visible. `pause_s` is the least time between
    two pictures because of news; `changed(now=True)`, for the effect of a key, does not wait.
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
        """Request a drawing; unless `now`, it may wait for the end of the pause after the last picture."""
        if not self._widget.is_attached:
            self._stale = True
        elif now or monotonic() >= self._pause_ends:
            if not now:
                self._pause_ends = monotonic() + self._pause_s
            self._stale, self._due = True, False
            self._schedule()
        else:
            self._due = True
            self._wait()

    def _wait(self) -> None:
        # After a long pause the next news is drawn in one frame with that of other widgets; this timer is for the last
        # news. Textual's timers are tasks: one for every widget took a twentieth of the drawing of a training run.
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
        return rows[y] if y < len(rows) else Strip.blank(self._size[0], self._below)

    def rows(self) -> list[Strip]:
        """The picture at the widget's present size."""
        if self._stale or self._size != self._widget.size:
            regions = self._paint()
            # If the rows are requested for a frame of another widget, only the regions of that one are painted.
            self._owed = _joined(self._owed, regions) if self._waiting else []
        return self._strips

    def _paint(self) -> list[Region] | None:
        """Draw; returns the regions that differ from the previous picture, None if all of it does."""
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
        rows = cells.changed_rows(before)
        for y in rows:
            self._strips[y] = cells.strip(y, self._below)
        return [Region(0, y, cells.width, 1) for y in rows]

    def _take_rows(self, rows: Sequence[Strip], comparable: bool) -> list[Region] | None:
        width, height = self._size
        strips = [strip.apply_style(self._below).adjust_cell_length(width, self._below) for strip in rows[:height]]
        strips += [Strip.blank(width, self._below)] * (height - len(strips))
        before, self._strips = self._strips, strips
        if not comparable:
            return None
        pairs = enumerate(zip(before, strips, strict=True))
        return [Region(0, y, width, 1) for y, (old, new) in pairs if old != new]

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
    """Join regions; None stands for all."""
    return None if some is None or more is None else some + more
