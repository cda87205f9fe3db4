"""The page of a lesson: what it says and the tables it makes, one below another, filling as the run goes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, zip_longest
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.events import Learned, Remark, Table
from tui.drawing.page import page_rows
from tui.drawing.table_rows import Row
from tui.widgets.parts import Parts

PageItem = Remark | Table | Learned

COLUMN, GAP = 54, 3
"""Cells that a column of the page has at least where there are two, and those between them."""


class TablesView(ScrollView, can_focus=True):
    """Remarks, tables and what was learned, in two columns where there is room for both.

    In one column it stays where the learner is reading while the page grows below.
    """

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
        & > .tables-view--header { color: $foreground 70%; }
        & > .tables-view--rule { color: $foreground 30%; }
        & > .tables-view--text { color: $foreground; }
        & > .tables-view--number { color: $foreground; }
        & > .tables-view--difference { color: $foreground 65%; }
        & > .tables-view--worst { color: $text-warning; text-style: bold underline; }
        & > .tables-view--note { color: $foreground 65%; text-style: italic; }
        & > .tables-view--remark { color: $foreground 85%; }
        & > .tables-view--bar { color: $text-success; }
        & > .tables-view--learned-title { color: $text-success; text-style: bold; }
        & > .tables-view--learned { color: $foreground; }
        & > .tables-view--more { color: $text-accent; text-style: bold; }
    }
    """

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._page: tuple[PageItem, ...] = ()
        self._rows: list[Row] = []
        self._starts: list[int] = []
        self._width = 0
        self._parts = Parts(self, "tables-view")

    def show(self, page: Sequence[PageItem]) -> None:
        """Show this page. What it had before is not laid out again; a page of another run starts at its top."""
        news = tuple(page)
        known = len(self._page)
        if len(news) == known and _begins_with(news, self._page):
            return
        grew = known > 0 and len(news) > known and _begins_with(news, self._page)
        self._page = news
        if not grew:
            self.scroll_to(0, 0, animate=False)
        self._lay_out(news[known:] if grew else news, anew=not grew)

    @property
    def text(self) -> list[str]:
        """The whole page, row by row, as it is laid out now."""
        return ["".join(text for text, _ in row).rstrip() for row in self._rows]

    def action_next_table(self, by: int) -> None:
        """Bring the next (1) or the previous (-1) table, or what was learned, to the top."""
        tops = [start for start, item in zip(self._starts, self._page, strict=True) if not isinstance(item, Remark)]
        here = self.scroll_offset.y
        there = [top for top in tops if (top - here) * by > 0]
        if there:
            self.scroll_to(y=min(there) if by > 0 else max(there), animate=False)

    def action_scroll_rows(self, by: int) -> None:
        """Scroll by rows, at once: frames on the way cost a slow line more than they help the eye."""
        self.scroll_to(y=self.scroll_offset.y + by, animate=False)

    def action_scroll_pages(self, by: int) -> None:
        """Scroll by what is in sight, but for one row."""
        self.action_scroll_rows(by * max(self.scrollable_content_region.height - 1, 1))

    def action_scroll_to_end(self, direction: int) -> None:
        """Scroll to the top (-1) or to the bottom (1)."""
        self.scroll_to(y=0 if direction < 0 else self.max_scroll_y, animate=False)

    def action_scroll_columns(self, by: int) -> None:
        """Scroll sidewards, where a table is wider than its room."""
        self.scroll_to(x=self.scroll_offset.x + by, animate=False)

    # --- layout ---------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        width = self.scrollable_content_region.width - 1
        if width != self._width:
            self._width = width
            self._lay_out(self._page, anew=True)

    def _lay_out(self, items: Sequence[PageItem], *, anew: bool) -> None:
        """Lay these items out, at the top if `anew`, else below what there is."""
        if self._width <= 0:
            return
        if self._width >= 2 * COLUMN + GAP:
            self._lay_out_twice((self._width - GAP) // 2)
        else:
            if anew:
                self._rows, self._starts = [], []
            for item in items:
                self._starts.append(len(self._rows))
                self._rows += page_rows(item, self._width, ascii_only=self._ascii_only)
        widest = max((_length(row) for row in self._rows), default=0)
        self.virtual_size = Size(max(widest, self._width), len(self._rows))
        self.refresh()

    def _lay_out_twice(self, width: int) -> None:
        """Lay the page out in two columns of this width, as even as whole items allow."""
        made = [page_rows(item, width, ascii_only=self._ascii_only) for item in self._page]
        tops = [0, *accumulate(len(rows) for rows in made)]
        split = min(range(len(tops)), key=lambda number: max(tops[number], tops[-1] - tops[number]))
        self._starts = [top if number < split else top - tops[split] for number, top in enumerate(tops[:-1])]
        left, right = (list(chain.from_iterable(part)) for part in (made[:split], made[split:]))
        self._rows = [
            (*one, (" " * (width + GAP - _length(one)), "text"), *other) if other else one
            for one, other in zip_longest(left, right, fillvalue=())
        ]

    # --- drawing --------------------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        left, top = self.scroll_offset
        width = self.scrollable_content_region.width
        row = self._rows[top + y] if top + y < len(self._rows) else ()
        if not self._page and y == 0:
            row = (("nothing said yet", "note"),)
        strip = Strip([Segment(text, self._parts(role)) for text, role in row])
        return self._with_hints(strip, left, width).apply_style(self.rich_style)

    def _with_hints(self, strip: Strip, left: int, width: int) -> Strip:
        """The part of a row that is in view, with a mark at an end where it goes on."""
        shown = strip.crop_extend(left, left + width, self.rich_style)
        before, after = ("<", ">") if self._ascii_only else ("‹", "›")
        if left and strip.cell_length > 0:
            shown = Strip.join([Strip([Segment(before, self._parts("more"))]), shown.crop(1)])
        if strip.cell_length > left + width:
            shown = Strip.join([shown.crop(0, width - 1), Strip([Segment(after, self._parts("more"))])])
        return shown


def _begins_with(page: Sequence[PageItem], start: Sequence[PageItem]) -> bool:
    """Whether the same items stand at the start of `page`."""
    return all(a is b for a, b in zip(page, start, strict=False))


def _length(row: Row) -> int:
    return Strip([Segment(text) for text, _ in row]).cell_length
