"""The confusion matrix: true classes by predicted classes."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from rich.color import Color as RichColor
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.color import BLACK, WHITE, Color

from engine.events import Evaluated
from tui.plot import series_styles
from tui.plot.cells import Cells
from tui.plot.contrast import ink
from tui.plot.matrix import MatrixLook, columns_that_fit, draw_matrix, layout
from tui.plot.plot_header import Header
from tui.text.fit import cut
from tui.widgets.cell_widget import PlotWidget

LEAST_ROWS = 4
"""Of a title, the names of the columns, and two classes."""

PAUSE_S = 1.0
"""An epoch may take a third of a second and change every number: they cannot be read more often than this."""


class ConfusionMatrix(PlotWidget, can_focus=True):
    """Counts by true class (rows) and predicted class (columns), shaded by their share of the row.

    Right answers are shaded in one hue, confusions in another and more strongly, because they are rare. The title row
    explains the cell under the cursor in words. If there is no room for all classes, a page of
    them is shown: that of the cursor, or else the first; the keys for pages move along the diagonal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Cursor up", show=False),
        Binding("down", "move(1, 0)", "Cursor down", show=False),
        Binding("left", "move(0, -1)", "Cursor left", show=False),
        Binding("right", "move(0, 1)", "Cursor right", show=False),
        Binding("pagedown", "turn(1)", "Next classes", show=False),
        Binding("pageup", "turn(-1)", "Previous classes", show=False),
        Binding("escape", "leave_cursor", "Put cursor away", show=False),
    ]
    DEFAULT_CSS = "ConfusionMatrix > .cell--cursor { color: $text-accent; text-style: bold reverse; }"

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, id=id, classes=classes)
        self._evaluated: Evaluated | None = None
        self._cursor: tuple[int, int] | None = None
        self._first = (0, 0)
        self._paged = (0, 0)

    def show(self, evaluated: Evaluated | None) -> None:
        """Show this evaluation's confusion matrix (None: nothing yet)."""
        if evaluated is self._evaluated:
            return
        self._evaluated = evaluated
        self._canvas.changed(now=False)

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The (true, predicted) class numbers under the cursor; None without a cursor."""
        return self._cursor

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; it starts at the worst confusion."""
        if self._evaluated is None or not self._evaluated.class_names:
            return
        confusion = self._evaluated.confusion
        if self._cursor is None:
            wrong = confusion.copy()
            for place in range(len(wrong)):
                wrong[place, place] = -1
            place = int(wrong.argmax())
            self._cursor = (place // len(wrong), place % len(wrong))
        else:
            last = len(confusion) - 1
            row, column = self._cursor
            self._cursor = (min(max(row + down, 0), last), min(max(column + right, 0), last))
        self._canvas.changed()

    def action_turn(self, by: int) -> None:
        """Show the next classes, or the previous ones; the cursor goes with them."""
        if self._evaluated is None or not any(self._paged):
            return
        last = len(self._evaluated.class_names) - 1
        size = min(each for each in self._paged if each)
        self._first = (self._first[0] + by * size, self._first[1] + by * size)
        if self._cursor is not None:
            row, column = (min(max(place + by * size, 0), last) for place in self._cursor)
            self._cursor = (row, column)
        self._canvas.changed()

    def action_leave_cursor(self) -> None:
        """Remove the cursor."""
        self._cursor = None
        self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        header = Header(width, "confusion", self._part("title"), self._glyphs)
        known = self._evaluated is not None and self._evaluated.class_names
        page = self._page(width, height) if known else None
        first, *more = self._words()
        header.say_if_room([cut(first, width - 12, self._glyphs.ellipsis), *more], self._part("tick"))
        cells.paste(0, 0, header.cells)
        if self._evaluated is None or not self._evaluated.class_names:
            return cells
        look = MatrixLook(self._shade, self._part("tick"), self._part("cursor"), self.app.no_color, self._glyphs)
        confusion, names = self._evaluated.confusion, self._evaluated.class_names
        matrix = draw_matrix(confusion, names, width, look, self._cursor, page) if page is not None else None
        if matrix is None:
            cells.put(0, 1, f"needs {LEAST_ROWS} rows; there are {height}", self._part("tick"))
            return cells
        cells.paste(0, 2 if height >= matrix.height + 2 else 1, matrix)
        return cells

    def _page(self, width: int, height: int) -> tuple[range, range] | None:
        """The rows and columns that are shown: all of them where they fit, else those around the cursor; None where
        not even two fit."""
        assert self._evaluated is not None
        names, largest = self._evaluated.class_names, int(self._evaluated.confusion.max(initial=0))
        count = len(names)
        across = count if layout(width, names, largest) is not None else columns_that_fit(width, largest)
        sizes = (min(height - 2, count), min(across, count))
        if min(sizes) < 2:
            return None
        firsts = list(self._first)
        for axis, size in enumerate(sizes):
            if self._cursor is not None:
                firsts[axis] = min(max(firsts[axis], self._cursor[axis] - size + 1), self._cursor[axis])
            firsts[axis] = min(max(firsts[axis], 0), count - size)
        self._first = (firsts[0], firsts[1])
        self._paged = (sizes[0] if sizes[0] < count else 0, sizes[1] if sizes[1] < count else 0)
        return range(firsts[0], firsts[0] + sizes[0]), range(firsts[1], firsts[1] + sizes[1])

    def _words(self) -> list[str]:
        """The title row: the step of the matrix, or the meaning of the cell under the cursor."""
        evaluated = self._evaluated
        if evaluated is None:
            return ["none yet"]
        if not evaluated.class_names:
            return ["a regression has no classes"]
        if self._cursor is None and any(self._paged):
            size, count = min(each for each in self._paged if each), len(evaluated.class_names)
            first = self._first[0 if self._paged[0] else 1]
            return [f"classes {first + 1} to {first + size} of {count}", "rows are true", f"step {evaluated.step:,}"]
        if self._cursor is None:
            return ["rows are true", f"step {evaluated.step:,}", f"accuracy {evaluated.accuracy:.3f}"]
        row, column = self._cursor
        count, total = int(evaluated.confusion[row, column]), int(evaluated.confusion[row].sum())
        share = f" ({count / total:.1%})" if total else ""
        true, taken = evaluated.class_names[row], evaluated.class_names[column]
        said = "known as such" if row == column else f"taken for {taken}"
        return [f"{true} {said}: {count:,} of {total:,}{share}"]

    def _shade(self, share: float, diagonal: bool) -> Style:
        """The style of a cell: a right answer's hue grows with its share; a confusion's is full at a quarter, so rare
        ones are visible."""
        strength = share * 0.75 if diagonal else min(share / 0.25, 1.0) ** 0.7 * 0.9
        none = self._part("tick").color if not share else None
        return _shade(self.background_colors[1], self.dark, diagonal, round(strength * 12), none)


@lru_cache(maxsize=128)
def _shade(below: Color, dark: bool, diagonal: bool, twelfths: int, none: RichColor | None) -> Style:
    """A cell shaded with `twelfths` of its hue, in a legible ink, or in the ink of a cell that counts none."""
    hue = Color.parse(series_styles.colour(0 if diagonal else 5 if dark else 1, dark=dark))
    if below.ansi is not None:  # the terminal's own colour, whose value is unknown
        below = BLACK if dark else WHITE
    ground = below.blend(hue, twelfths / 12)
    return Style(color=none or ink(ground).rich_color, bgcolor=ground.rich_color, bold=diagonal)
