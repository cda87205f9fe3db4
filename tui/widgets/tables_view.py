"""The page of a lesson: its sentences and tables, one below another, growing during the run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, zip_longest
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.strip import Strip

from engine.events import Learned, Remark, Table
from tui.text.page import page_rows
from tui.text.table_rows import Row
from tui.widgets.rows_view import RowsView

PageItem = Remark | Table | Learned

COLUMN, GAP = 54, 3
"""The least width of a column of the page if there are two, and the gap between them, in cells."""


class TablesView(RowsView):
    """Remarks, tables and the result, in two columns if there is room for both.

    In one column it stays at the learner's place while the page grows below.
    """

    PREFIX = "tables-view"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next_table(1)", "Next table"),
        Binding("N", "next_table(-1)", "Previous table", show=False),
        Binding("up", "scroll_rows(-1)", "Up", show=False),
        Binding("down", "scroll_rows(1)", "Down", show=False),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False),
        Binding("pagedown", "scroll_pages(1)", "Page down", show=False),
        Binding("home", "scroll_to_end(-1)", "Top", show=False),
        Binding("end", "scroll_to_end(1)", "Bottom", show=False),
        Binding("left", "scroll_columns(-8)", "Scroll left", show=False),
        Binding("right", "scroll_columns(8)", "Scroll right", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tables-view--title",
        "tables-view--header",
        "tables-view--rule",
        "tables-view--text",
        "tables-view--number",
        "tables-view--difference",
        "tables-view--worst",
        "tables-view--note",
        "tables-view--remark",
        "tables-view--bar",
        "tables-view--learned-title",
        "tables-view--learned",
        "tables-view--more",
    }
    DEFAULT_CSS = """
    TablesView {
        height: 1fr;
        padding: 0 1;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .tables-view--title { color: $text-primary; text-style: bold; }
        & > .tables-view--header { color: $text-quiet; }
        & > .tables-view--rule { color: $foreground 30%; }
        & > .tables-view--text { color: $foreground; }
        & > .tables-view--number { color: $foreground; }
        & > .tables-view--difference { color: $text-quiet; }
        & > .tables-view--worst { color: $text-warning; text-style: bold underline; }
        & > .tables-view--note { color: $text-quiet; text-style: italic; }
        & > .tables-view--remark { color: $foreground; }
        & > .tables-view--bar { color: $text-success; }
        & > .tables-view--learned-title { color: $text-success; text-style: bold; }
        & > .tables-view--learned { color: $foreground; }
        & > .tables-view--more { color: $text-accent; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._page: tuple[PageItem, ...] = ()
        self._tops: list[int] = []  # the first rows of what `n` goes to, as laid out: all items but remarks

    def show(self, page: Sequence[PageItem]) -> None:
        """Show this page. Items that it already had are not laid out again; a page of another run starts at its top."""
        news = tuple(page)
        known = len(self._page)
        if len(news) == known and _begins_with(news, self._page):
            return
        grew = known > 0 and len(news) > known and _begins_with(news, self._page)
        self._page = news
        if not grew:
            self.scroll_to(0, 0, animate=False)
        if self._width > 0:
            self._lay_out(news[known:] if grew else news, restart=not grew)

    def action_next_table(self, by: int) -> None:
        """Scroll the next (1) or the previous (-1) table, or the result, to the top."""
        here = self.scroll_offset.y
        there = [top for top in self._tops if (top - here) * by > 0]
        if there:
            self.scroll_to(y=min(there) if by > 0 else max(there), animate=False)

    def action_scroll_rows(self, by: int) -> None:
        """Scroll by rows, without animation: on a slow line its frames cost more than they help."""
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)

    def action_scroll_pages(self, by: int) -> None:
        """Scroll by the visible height, less one row."""
        self.action_scroll_rows(by * max(self.scrollable_content_region.height - 1, 1))

    def action_scroll_to_end(self, direction: int) -> None:
        """Scroll to the top (-1) or to the bottom (1)."""
        self.scroll_to(y=0 if direction < 0 else self.max_scroll_y, animate=False)

    def action_scroll_columns(self, by: int) -> None:
        """Scroll sideways if a table is wider than the view."""
        self.scroll_to(x=self.scroll_offset.x + by, animate=False)

    # --- layout ---------------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        self._lay_out(self._page, restart=True)

    def _lay_out(self, items: Sequence[PageItem], *, restart: bool) -> None:
        """Lay these items out, from the top with `restart`, else below the present ones."""
        full = max(self._width - 1, 1)
        if not self._page:
            self._rows, self._tops = [(("nothing said yet", "note"),)], []
        elif full >= 2 * COLUMN + GAP:
            self._lay_out_twice((full - GAP) // 2)
        else:
            if restart:
                self._rows, self._tops = [], []
            for item in items:
                if not isinstance(item, Remark):
                    self._tops.append(len(self._rows))
                self._rows += page_rows(item, full, self._glyphs)
        widest = max((_length(row) for row in self._rows), default=0)
        self.virtual_size = Size(max(widest, full), len(self._rows))
        self.refresh()

    def _lay_out_twice(self, width: int) -> None:
        """Lay the page out in two columns of this width, as even as whole items allow."""
        made = [page_rows(item, width, self._glyphs) for item in self._page]
        tops = [0, *accumulate(len(rows) for rows in made)]
        split = min(range(len(tops)), key=lambda number: max(tops[number], tops[-1] - tops[number]))
        starts = [top if number < split else top - tops[split] for number, top in enumerate(tops[:-1])]
        self._tops = [top for top, item in zip(starts, self._page, strict=True) if not isinstance(item, Remark)]
        left, right = (list(chain.from_iterable(part)) for part in (made[:split], made[split:]))
        self._rows = [
            (*one, (" " * (width + GAP - _length(one)), "text"), *other) if other else one
            for one, other in zip_longest(left, right, fillvalue=())
        ]

    # --- drawing --------------------------------------------------------------------------------------------------

    def in_view(self, strip: Strip, left: int, width: int) -> Strip:
        """The visible part of a row, with a mark at an end where it continues."""
        shown = super().in_view(strip, left, width)
        before, after = ("<", ">") if self._glyphs.ascii else ("‹", "›")
        if left and strip.cell_length > 0:
            shown = Strip.join([Strip([Segment(before, self._parts("more"))]), shown.crop(1)])
        if strip.cell_length > left + width:
            shown = Strip.join([shown.crop(0, width - 1), Strip([Segment(after, self._parts("more"))])])
        return shown


def _begins_with(page: Sequence[PageItem], start: Sequence[PageItem]) -> bool:
    """Whether `page` starts with the same items."""
    return all(a is b for a, b in zip(page, start, strict=False))


def _length(row: Row) -> int:
    return Strip([Segment(text) for text, _ in row]).cell_length
