"""The list of a log folder's runs: which are drawn, in which style, the state of each, and its latest step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.plot import series_styles
from tui.plot.cells import Cells
from tui.text.fit import cut
from tui.text.glyphs import BAD_STATES
from tui.text.words import number
from tui.views.log_views import RunRow
from tui.widgets.row_list import RowList


class RunList(RowList):
    """A list in which `space` draws the run under the cursor or stops drawing it, and `enter` draws only it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", key_display="space"),
        Binding("enter", "mark_only", "This alone", key_display="enter"),
        Binding("a", "mark_all", "Mark all"),
        Binding("o", "reorder", "Order", show=False),
        Binding("O", "turn", "Reverse order", show=False),
    ]

    class Marked(Message):
        """A request to draw runs, or to stop drawing them: `how` is toggle, only or all."""

        def __init__(self, rows: RunList, how: str) -> None:
            super().__init__()
            self.rows = rows
            self.how = how

        @property
        def control(self) -> RunList:
            return self.rows

    class Reordered(Message):
        """A request to sort the runs in the next order, or to reverse the order (`turned`)."""

        def __init__(self, *, turned: bool) -> None:
            super().__init__()
            self.turned = turned

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._order: Sequence[str] = ()
        self._row_of: Callable[[str], RunRow] = RunRow

    def show(self, order: Sequence[str], row_of: Callable[[str], RunRow], cursor: str) -> None:
        """Show these runs, the cursor on one of them; `row_of` is called only for the visible rows."""
        if order is not self._order or not self._is_on(cursor):
            self._order = order
            self.put_cursor(order.index(cursor) if cursor in order else 0)
        self._row_of = row_of
        self.changed()

    def _is_on(self, run: str) -> bool:
        return self.cursor < len(self._order) and self._order[self.cursor] == run

    @property
    def count(self) -> int:
        return len(self._order)

    @property
    def highlighted(self) -> str:
        """The run under the cursor; empty if there is none."""
        return self._order[self.cursor] if self.cursor < len(self._order) else ""

    @property
    def visible_runs(self) -> Sequence[str]:
        """The runs whose rows are visible."""
        return self._order[self.top : self.top + self.fits]

    def action_mark(self) -> None:
        """Draw the run or stop drawing it."""
        self.post_message(self.Marked(self, "toggle"))

    def action_mark_only(self) -> None:
        """Draw only this run."""
        self.post_message(self.Marked(self, "only"))

    def action_mark_all(self) -> None:
        """Draw the runs that pass the filter."""
        self.post_message(self.Marked(self, "all"))

    def action_reorder(self) -> None:
        """Sort newest first, by name, or by the chosen scalar."""
        self.post_message(self.Reordered(turned=False))

    def action_turn(self) -> None:
        """Reverse the order."""
        self.post_message(self.Reordered(turned=True))

    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        run = self._row_of(self._order[row])
        if run.slot is not None:
            colour = Style(color=series_styles.colour(run.slot, dark=self.app.current_theme.dark))
            cells.put(0, y, series_styles.sample(run.slot, self._glyphs), colour)
        sign = self._glyphs.run_sign(run.state, "." if self._glyphs.ascii else "·")
        part = "bad" if run.state in BAD_STATES else {"running": "busy", "done": "good"}.get(run.state, "faint")
        cells.put(3, y, sign, self._part(part))
        step = f"{run.step:,}" if run.step is not None else ""
        step = number(run.value) if run.value is not None else step
        room = cells.width - 5 - (len(step) + 1 if step else 0)
        if room < 12:
            step, room = "", cells.width - 5
        name = middle_cut(run.label, room, self._glyphs.more)
        cells.put(5, y, name, self._part("row" if run.slot is not None else "faint"))
        cells.put(cells.width - len(step), y, step, self._part("faint"))


def middle_cut(name: str, width: int, mark: str = "…") -> str:
    """Shorten a name to `width` cells: keep its end, which distinguishes it, and as much of its beginning as fits."""
    if cell_len(name) <= width:
        return name
    end = max((width - 1) * 2 // 3, 0)
    tail = name[len(name) - end :]
    while tail and cell_len(tail) > end:
        tail = tail[1:]
    return cut(cut(name, width - 1 - cell_len(tail), "") + mark + tail, width, "")
