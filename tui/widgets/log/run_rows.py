"""Past runs, a row each: only rows in sight are drawn, so that ten thousand scroll as ten do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.drawing import run_columns, series_styles
from tui.drawing.run_columns import Column
from tui.history import COLUMNS, PastRun, filter_of, ordered, words_of
from tui.widgets.parts import Parts


class RunRows(ScrollView, can_focus=True):
    """The rows below a heading that stays. `sorted_by`, `descending` and `filter_text` say which and in what order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "to_end(-1)", "First", show=False),
        Binding("end", "to_end(1)", "Last", show=False),
        Binding("space,enter", "mark", "On the plot"),
        Binding("left", "sort(-1)", "Sort by column before", show=False),
        Binding("right", "sort(1)", "Sort by", key_display="← →"),
        Binding("i", "reverse", "Reverse"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "run-rows--heading",
        "run-rows--sorted",
        "run-rows--row",
        "run-rows--good",
        "run-rows--bad",
        "run-rows--cursor",
        "run-rows--empty",
    }
    DEFAULT_CSS = """
    RunRows {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size: 1 1;
        scrollbar-gutter: stable;
        & > .run-rows--heading { color: $foreground 65%; }
        & > .run-rows--sorted { color: $text-accent; text-style: bold; }
        & > .run-rows--row { color: $foreground 90%; }
        & > .run-rows--good { color: $text-success; }
        & > .run-rows--bad { color: $text-error; }
        & > .run-rows--cursor { background: $foreground 10%; }
        & > .run-rows--empty { color: $foreground 65%; }
        &:focus > .run-rows--cursor { background: $primary 40%; text-style: bold; }
    }
    """

    sorted_by = reactive("when")
    descending = reactive(True)
    filter_text = reactive("")
    cursor = reactive(0)
    """The row that is highlighted, from 0, of those in sight of the filter."""

    class Marked(Message):
        """A run was marked or its mark taken away."""

        def __init__(self, run: PastRun) -> None:
            super().__init__()
            self.run = run

    class Highlighted(Message):
        """The cursor is on another run; None where there is none."""

        def __init__(self, run: PastRun | None) -> None:
            super().__init__()
            self.run = run

    class Rearranged(Message):
        """Another order, or other runs pass the filter."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii_only = ascii_only
        self._runs: Sequence[PastRun] = ()
        self._words: dict[str, str] = {}
        self._rows: list[PastRun] = []
        self._overlaid: Mapping[str, int] = {}
        self._columns: list[Column] = []
        self._sizes = run_columns.measured((), ascii_only=ascii_only)
        self._parts = Parts(self, "run-rows")
        self._told: PastRun | None = None

    def show(self, runs: Sequence[PastRun], overlaid: Mapping[str, int]) -> None:
        """Show these runs; the cursor stays on the run it was on."""
        if dict(overlaid) != self._overlaid:
            self._overlaid = dict(overlaid)
            self.refresh()
        if runs is self._runs or (len(runs) == len(self._runs) and all(map(_same, runs, self._runs))):
            return
        self._runs = tuple(runs)
        self._words = {}
        self._sizes = run_columns.measured(self._runs, ascii_only=self._ascii_only)
        self._arrange(stay=True)

    @property
    def rows(self) -> Sequence[PastRun]:
        """The runs that pass the filter, in their order."""
        return self._rows

    @property
    def highlighted(self) -> PastRun | None:
        """The run under the cursor."""
        return self._rows[self.cursor] if self.cursor < len(self._rows) else None

    # --- keys and mouse -------------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self.cursor = min(max(self.cursor + by, 0), max(len(self._rows) - 1, 0))

    def action_page(self, by: int) -> None:
        """Move the cursor by as many rows as are in sight."""
        self.action_move(by * max(self.size.height - 2, 1))

    def action_to_end(self, direction: int) -> None:
        """Put the cursor on the first (-1) or last (1) run."""
        self.action_move(direction * len(self._rows))

    def action_mark(self) -> None:
        """Mark the run for the plot, or take its mark away."""
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
        """Turn the order round."""
        self.descending = not self.descending

    def on_click(self, event: events.Click) -> None:
        """Sort by the column whose title was clicked, or put the cursor on the run that was."""
        if event.y > 0:
            row = self.scroll_offset.y + event.y - 1
            if row < len(self._rows):
                self.cursor = row
            return
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

    def watch_cursor(self, before: int, now: int) -> None:
        self._bring_in_sight()
        for row in (before, now):
            self.refresh_line(row + 1)
        self._tell()

    def _bring_in_sight(self) -> None:
        """Scroll as little as it takes to have the cursor in sight."""
        top, fits = self.scroll_offset.y, max(self.size.height - 1, 1)
        if not top <= self.cursor < top + fits:
            self.scroll_to(y=self.cursor if self.cursor < top else self.cursor - fits + 1, animate=False)

    def _arrange(self, *, stay: bool = False) -> None:
        """Filter and sort anew. The cursor goes to the first row, or is to `stay` on its run."""
        here = self.highlighted if stay else None
        passes = filter_of(self.filter_text)
        if self.filter_text and not self._words:
            self._words = {run.run: words_of(run) for run in self._runs}
        kept = [run for run in self._runs if passes(run, self._words.get(run.run, ""))]
        self._rows = ordered(kept, self.sorted_by, descending=self.descending)
        names = {run.run: place for place, run in enumerate(self._rows)}
        self._lay_out()
        self.cursor = names.get(here.run, 0) if here is not None else 0
        self._tell()
        self.post_message(self.Rearranged())

    def _tell(self) -> None:
        if self.highlighted is not self._told:
            self._told = self.highlighted
            self.post_message(self.Highlighted(self._told))

    # --- drawing --------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self._bring_in_sight()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._parts.forget()
        self.refresh()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        self._columns = run_columns.fitted(self._sizes, width)
        self.virtual_size = Size(width, len(self._rows) + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        row = self.scroll_offset.y + y - 1
        if y == 0:
            strip = self._heading()
        elif row < len(self._rows):
            strip = self._row(self._rows[row], chosen=row == self.cursor)
        elif y == 1 and not self._rows:
            said = "no run passes the filter" if self._runs else "no past run in this logdir"
            strip = Strip([Segment(" " * run_columns.MARK + "  " + said, self._parts("empty"))])
        else:
            strip = Strip([])
        return strip.crop_extend(0, width, self.rich_style).apply_style(self.rich_style)

    def _heading(self) -> Strip:
        titles = run_columns.heading(
            self._columns, self.sorted_by, descending=self.descending, ascii_only=self._ascii_only
        )
        parts = ["sorted" if column.name == self.sorted_by else "heading" for column in self._columns]
        cells = [Segment(text, self._parts(part)) for text, part in zip(titles, parts, strict=True)]
        return Strip([Segment(" " * run_columns.MARK), *cells])

    def _row(self, run: PastRun, *, chosen: bool) -> Strip:
        over = self._parts("cursor") if chosen else Style.null()
        texts = run_columns.row(run, self._columns, ascii_only=self._ascii_only)
        cells = [
            Segment(text, self._parts(_part(run, column)) + over)
            for text, column in zip(texts, self._columns, strict=True)
        ]
        width = self.scrollable_content_region.width
        strip = Strip([self._mark(run, over), *cells])
        return strip.extend_cell_length(width, over)

    def _mark(self, run: PastRun, over: Style) -> Segment:
        """The sample of the run's line on the plot, if it is there."""
        slot = self._overlaid.get(run.run)
        if slot is None:
            return Segment(" " * run_columns.MARK, over)
        colour = Style(color=series_styles.colour(slot, dark=self.app.current_theme.dark))
        return Segment(series_styles.sample(slot, ghost=False, ascii_only=self._ascii_only), colour + over)


def _same(a: PastRun, b: PastRun) -> bool:
    return a is b or a == b


def _part(run: PastRun, column: Column) -> str:
    if column.name != "outcome":
        return "row"
    return "good" if run.outcome == "done" else "row" if run.outcome in ("stopped", "running") else "bad"
