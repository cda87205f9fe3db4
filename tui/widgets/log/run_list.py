"""The runs of a log folder: which are drawn, in which style, in which state each is, and its latest step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.drawing import series_styles
from tui.drawing.cells import Cells
from tui.drawing.prose import cut
from tui.widgets.row_list import RowList

SIGNS = {
    "running": ("▶", ">"),
    "done": ("✓", "+"),
    "stopped": ("■", "#"),
    "diverged": ("!", "!"),
    "failed": ("✗", "x"),
    "crashed": ("✗", "x"),
    "gone": ("?", "?"),
}
_BAD = ("diverged", "failed", "crashed", "gone")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as a row: its clean label, its state (a key of SIGNS, or empty), its latest step if known, and the slot of
    its line where it is drawn."""

    label: str
    state: str = ""
    step: int | None = None
    slot: int | None = None


class RunList(RowList):
    """`space` draws the run under the cursor or no longer, `enter` draws it alone."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", key_display="space"),
        Binding("enter", "mark_only", "This alone", key_display="enter"),
        Binding("a", "mark_all", "Mark all"),
        Binding("o", "reorder", "Order", show=False),
    ]

    class Marked(Message):
        """Runs are to be drawn, or no longer: `how` is toggle, only or all."""

        def __init__(self, rows: RunList, how: str) -> None:
            super().__init__()
            self.rows = rows
            self.how = how

        @property
        def control(self) -> RunList:
            return self.rows

    class Reordered(Message):
        """The runs are to be in their other order."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._order: Sequence[str] = ()
        self._row_of: Callable[[str], RunRow] = RunRow

    def show(self, order: Sequence[str], row_of: Callable[[str], RunRow], cursor: str) -> None:
        """Show these runs, the cursor on one of them; `row_of` is asked for the rows in sight alone."""
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
        """The run under the cursor; empty where there is none."""
        return self._order[self.cursor] if self.cursor < len(self._order) else ""

    @property
    def in_sight(self) -> Sequence[str]:
        """The runs whose rows are in sight."""
        return self._order[self._top : self._top + max(self.size.height, 1)]

    def action_mark(self) -> None:
        """Draw the run or no longer."""
        self.post_message(self.Marked(self, "toggle"))

    def action_mark_only(self) -> None:
        """Draw the run alone."""
        self.post_message(self.Marked(self, "only"))

    def action_mark_all(self) -> None:
        """Draw those that pass the filter."""
        self.post_message(self.Marked(self, "all"))

    def action_reorder(self) -> None:
        """By name, or the newest first."""
        self.post_message(self.Reordered())

    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        run = self._row_of(self._order[row])
        if run.slot is not None:
            colour = Style(color=series_styles.colour(run.slot, dark=self.app.current_theme.dark))
            cells.put(0, y, series_styles.sample(run.slot, ghost=False, ascii_only=self._ascii_only), colour)
        sign = SIGNS.get(run.state, ("·", "."))[self._ascii_only]
        part = "bad" if run.state in _BAD else {"running": "busy", "done": "good"}.get(run.state, "faint")
        cells.put(3, y, sign, self._part(part))
        step = f"{run.step:,}" if run.step is not None else ""
        room = cells.width - 5 - (len(step) + 1 if step else 0)
        if room < 12:
            step, room = "", cells.width - 5
        name = middle_cut(run.label, room, "~" if self._ascii_only else "…")
        cells.put(5, y, name, self._part("row" if run.slot is not None else "faint"))
        cells.put(cells.width - len(step), y, step, self._part("faint"))


def middle_cut(name: str, width: int, mark: str = "…") -> str:
    """A name in `width` cells: of a longer one the end, which tells it apart, and as much of its beginning as fits."""
    if cell_len(name) <= width:
        return name
    end = max((width - 1) * 2 // 3, 0)
    tail = name[len(name) - end :]
    while tail and cell_len(tail) > end:
        tail = tail[1:]
    return cut(cut(name, width - 1 - cell_len(tail), "") + mark + tail, width, "")
