"""Rows of past runs, of which only the visible ones are drawn: ten thousand scroll as fast as ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.model.history import COLUMNS, PastRun, filter_of, ordered, words_of
from tui.plot import series_styles
from tui.plot.cells import Cells
from tui.views import run_columns
from tui.views.run_columns import RunColumn
from tui.widgets.row_list import RowList


class RunRows(RowList):
    """The rows below a fixed heading. `sorted_by`, `descending` and `filter_text` choose the runs and their order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "mark", "On the plot"),
        Binding("left", "sort(-1)", "Sort by column before", show=False),
        Binding("right", "sort(1)", "Sort by", key_display="← →"),
        Binding("i", "reverse", "Reverse"),
    ]
    DEFAULT_CSS = """
    RunRows {
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .cell--bad { color: $text-error; text-style: none; }
    }
    """

    sorted_by = reactive("when")
    descending = reactive(True)
    filter_text = reactive("")

    class Marked(Message):
        """A run was marked, or its mark removed."""

        def __init__(self, run: PastRun) -> None:
            super().__init__()
            self.run = run

    class RunHighlighted(Message):
        """The cursor is on another run; None if there is none."""

        def __init__(self, run: PastRun | None) -> None:
            super().__init__()
            self.run = run

    class Rearranged(Message):
        """The order has changed, or which runs pass the filter."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._runs: Sequence[PastRun] = ()
        self._words: dict[str, str] = {}
        self._rows: list[PastRun] = []
        self._overlaid: Mapping[str, int] = {}
        self._columns: list[RunColumn] = []
        self._sizes = run_columns.measured(())
        self._told: PastRun | None = None

    def show(self, runs: Sequence[PastRun], overlaid: Mapping[str, int]) -> None:
        """Show these runs; the cursor stays on its run."""
        if dict(overlaid) != self._overlaid:
            self._overlaid = dict(overlaid)
            self.changed()
        if runs is self._runs or (len(runs) == len(self._runs) and all(map(_same, runs, self._runs))):
            return
        self._runs = tuple(runs)
        self._words = {}
        self._sizes = run_columns.measured(self._runs, glyphs=self._glyphs)
        self._arrange(stay=True)

    @property
    def rows(self) -> Sequence[PastRun]:
        """The runs that pass the filter, in their order."""
        return self._rows

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def header_rows(self) -> int:
        return 1

    @property
    def highlighted(self) -> PastRun | None:
        """The run under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    # --- keys and mouse -------------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark the run for the plot, or remove its mark."""
        if self.highlighted is not None:
            self.post_message(self.Marked(self.highlighted))

    def action_sort(self, by: int) -> None:
        """Sort by the next (1) or previous (-1) column."""
        self.sort_by(COLUMNS[(COLUMNS.index(self.sorted_by) + by) % len(COLUMNS)])

    def sort_by(self, column: str) -> None:
        """Sort by a column: words from A, losses from the least, other numbers and times from the greatest."""
        self.descending = column not in ("lesson", "outcome", "settings", "value")
        self.sorted_by = column

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.descending = not self.descending

    def on_click(self, event: events.Click) -> None:
        """Sort by the column whose title was clicked, or put the cursor on the clicked run."""
        if event.y > 0:
            return
        event.prevent_default()
        column = run_columns.column_at(self._columns, event.x)
        if column == self.sorted_by:
            self.action_reverse()
        elif column is not None:
            self.sort_by(column)

    # --- order ----------------------------------------------------------------------------------------------------

    def watch_sorted_by(self) -> None:
        self._arrange()

    def watch_descending(self) -> None:
        self._arrange()

    def watch_filter_text(self) -> None:
        self._arrange()

    def watch_cursor(self) -> None:
        super().watch_cursor()
        self._tell()

    def _arrange(self, *, stay: bool = False) -> None:
        """Filter and sort again. The cursor goes to the first row, or stays on its run with `stay`."""
        here = self.highlighted if stay else None
        passes = filter_of(self.filter_text)
        if self.filter_text and not self._words:
            self._words = {run.run: words_of(run) for run in self._runs}
        kept = [run for run in self._runs if passes(run, self._words.get(run.run, ""))]
        self._rows = ordered(kept, self.sorted_by, descending=self.descending)
        names = {run.run: place for place, run in enumerate(self._rows)}
        self.changed()
        self.cursor = names.get(here.run, 0) if here is not None else 0
        self._tell()
        self.post_message(self.Rearranged())

    def _tell(self) -> None:
        if self.highlighted is not self._told:
            self._told = self.highlighted
            self.post_message(self.RunHighlighted(self._told))

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw_header(self, cells: Cells) -> None:
        self._columns = run_columns.fitted(self._sizes, cells.width)
        titles = run_columns.heading(self._columns, self.sorted_by, descending=self.descending, glyphs=self._glyphs)
        x = run_columns.MARK
        for text, column in zip(titles, self._columns, strict=True):
            cells.put(x, 0, text, self._part("heading" if column.name == self.sorted_by else "faint"))
            x += cell_len(text)
        if not self._rows:
            said = "no run passes the filter" if self._runs else "no past run in this logdir"
            cells.put(run_columns.MARK + 2, 1, said, self._part("faint"))

    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        run = self._rows[row]
        slot = self._overlaid.get(run.run)
        if slot is not None:
            colour = Style(color=series_styles.colour(slot, dark=self.dark))
            cells.put(0, y, series_styles.sample(slot, self._glyphs), colour)
        x = run_columns.MARK
        for text, column in zip(run_columns.row(run, self._columns, glyphs=self._glyphs), self._columns, strict=True):
            cells.put(x, y, text, self._part(_part(run, column)))
            x += cell_len(text)


def _same(a: PastRun, b: PastRun) -> bool:
    return a is b or a == b


def _part(run: PastRun, column: RunColumn) -> str:
    if column.name != "outcome":
        return "row"
    return "good" if run.outcome == "done" else "row" if run.outcome in ("stopped", "running") else "bad"
