"""The table of hyperparameters: compares runs with their results."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.model.hparams import HparamsColumn, HparamsRow, HparamsSheet, ordered, said, value_of
from tui.plot import series_styles
from tui.plot.cells import Cells
from tui.text.clean import clean
from tui.text.fit import cut, pad
from tui.text.words import counted
from tui.widgets.log.run_list import middle_cut
from tui.widgets.row_list import RowList

_WIDEST = 24
_GAP = 2


class HparamsTable(RowList):
    """One row per run; hyperparameters that differ are columns, those that all share are listed below. ← → choose the
    column to sort by."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", key_display="space"),
        Binding("enter", "mark", "Mark", key_display="enter", show=False),
        Binding("left", "sort(-1)", "Sort by column before", show=False),
        Binding("right", "sort(1)", "Sort by", key_display="← →"),
        Binding("i", "reverse", "Reverse"),
    ]

    sorted_by = reactive(-1)
    """The column to sort by, -1 for the runs' own order."""
    descending = reactive(False)

    class Marked(Message):
        """A request to draw a run, or to stop drawing it."""

        def __init__(self, table: HparamsTable, run: str) -> None:
            super().__init__()
            self.table = table
            self.run = run

        @property
        def control(self) -> HparamsTable:
            return self.table

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._sheet = HparamsSheet()
        self._rows: list[HparamsRow] = []
        self._first = 0

    def show(self, sheet: HparamsSheet) -> None:
        """Show this table; the cursor stays on its run."""
        if sheet == self._sheet:
            return
        if [column.name for column in sheet.columns] != [column.name for column in self._sheet.columns]:
            self.sorted_by = -1
        self._sheet = sheet
        self._arrange()

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def highlighted(self) -> HparamsRow | None:
        """The row under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    @property
    def header_rows(self) -> int:
        return 2

    def action_mark(self) -> None:
        """Draw the run under the cursor, or stop drawing it."""
        if self.highlighted is not None:
            self.post_message(self.Marked(self, self.highlighted.run))

    def action_sort(self, by: int) -> None:
        """Sort by the next (1) or previous (-1) column."""
        self.sorted_by = min(max(self.sorted_by + by, -1), len(self._sheet.columns) - 1)

    def action_reverse(self) -> None:
        """Reverse the order."""
        self.descending = not self.descending

    def watch_sorted_by(self) -> None:
        self._arrange()

    def watch_descending(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        here = self.highlighted.run if self.highlighted is not None else ""
        column = self._sheet.columns[self.sorted_by] if 0 <= self.sorted_by < len(self._sheet.columns) else None
        self._rows = ordered(self._sheet.rows, column, descending=self.descending)
        self.put_cursor(next((n for n, row in enumerate(self._rows) if row.run == here), 0))
        self.changed()

    # --- drawing ------------------------------------------------------------------------------------------------------

    def draw_header(self, cells: Cells) -> None:
        tick, title = self._part("faint"), self._part("heading")
        cells.put(0, 0, " hyperparameters ", title + Style(reverse=self.has_focus))
        words = header_words(self._sheet)
        cells.put(18, 0, cut(self._clean(words), cells.width - 18, self._more), tick)
        cells.put(3, 1, "run", tick)
        for number, x, width in self._places(cells.width):
            column = self._sheet.columns[number]
            name = self._clean(column.name)
            sorted_here = number == self.sorted_by
            if sorted_here:
                name += f" {self._glyphs.edges[3 if self.descending else 2]}"
            style = title if sorted_here else self._part("good") if column.metric else tick
            cells.put(x, 1, pad(cut(name, width, self._more), width, right=True), style)

    def draw_row(self, cells: Cells, y: int, row: int) -> None:
        found = self._rows[row]
        if found.slot is not None:
            colour = Style(color=series_styles.colour(found.slot, dark=self.app.current_theme.dark))
            cells.put(0, y, series_styles.sample(found.slot, self._glyphs), colour)
        name = middle_cut(found.label, self._name_width(cells.width), self._more)
        cells.put(3, y, name, self._part("row" if found.slot is not None else "faint"))
        for number, x, width in self._places(cells.width):
            text = self._clean(said(value_of(found, self._sheet.columns[number])))
            cells.put(x, y, pad(cut(text, width, self._more), width, right=True), self._part("row"))

    @property
    def _more(self) -> str:
        return self._glyphs.more

    def _clean(self, text: str) -> str:
        safe = clean(text[:1000])
        return self._glyphs.spelled(safe)

    def _name_width(self, width: int) -> int:
        longest = max((cell_len(row.label) for row in self._rows), default=3)
        return min(longest, max(width // 3, 12))

    def _places(self, width: int) -> list[tuple[int, int, int]]:
        """The visible columns, with their first cell and width; the one that is sorted by is always visible."""
        start = 3 + self._name_width(width) + _GAP
        sizes = [self._width_of(column) for column in self._sheet.columns]
        first = min(self._first, max(self.sorted_by, 0), max(len(sizes) - 1, 0))
        while first < self.sorted_by and start + sum(sizes[first : self.sorted_by + 1]) > width:
            first += 1
        self._first = first
        places, x = [], start
        for number in range(first, len(sizes)):
            if x + sizes[number] - _GAP > width:
                break
            places.append((number, x, sizes[number] - _GAP))
            x += sizes[number]
        return places

    def _width_of(self, column: HparamsColumn) -> int:
        """The width of a column in cells, including its gap."""
        texts = [said(value_of(row, column)) for row in self._rows[:200]]
        widest = max([cell_len(column.name) + 2, *(cell_len(text) for text in texts)])
        return min(widest, _WIDEST) + _GAP


def header_words(sheet: HparamsSheet) -> str:
    """How many runs there are, how many of all have been read, and the values that all share."""
    words = counted(len(sheet.rows), "run")
    if sheet.read < sheet.known:
        words += f", {sheet.read:,} of {sheet.known:,} read"
    if sheet.same:
        words += ", the same in all: " + ", ".join(f"{name} {text}" for name, text in sheet.same)
    return words
