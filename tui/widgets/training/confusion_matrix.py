"""Which class was taken for which."""

from __future__ import annotations

from functools import lru_cache
from typing import ClassVar

from rich.color import Color as RichColor
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.color import Color

from engine.events import Evaluated
from tui.drawing.cells import Cells
from tui.drawing.matrix import MatrixLook, draw_matrix
from tui.drawing.plot_header import Header
from tui.drawing.prose import cut
from tui.drawing.series_styles import DARK, LIGHT
from tui.widgets.drawn import Drawn

PAUSE_S = 1.0
"""An epoch may take a third of a second, and every number changes: more often than this nobody can read them."""


class ConfusionMatrix(Drawn, can_focus=True):
    """Counts by true class (rows) and predicted class (columns), shaded by their share of the row.

    Right answers are shaded in one hue, confusions in another and more strongly, since they are the rare ones. The
    cursor says in words what a cell means.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", "Cursor up", show=False),
        Binding("down", "move(1, 0)", "Cursor down", show=False),
        Binding("left", "move(0, -1)", "Cursor left", show=False),
        Binding("right", "move(0, 1)", "Cursor right", show=False),
        Binding("escape", "leave_cursor", "Put cursor away", show=False),
    ]
    DEFAULT_CSS = "ConfusionMatrix > .drawn--cursor { color: $text-accent; text-style: bold reverse; }"

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, ascii_only=ascii_only, id=id, classes=classes)
        self._evaluated: Evaluated | None = None
        self._cursor: tuple[int, int] | None = None

    def show(self, evaluated: Evaluated | None) -> None:
        """Show this evaluation's confusion matrix (None: nothing yet)."""
        if evaluated is self._evaluated:
            return
        self._evaluated = evaluated
        self._canvas.changed(now=False)

    @property
    def cursor(self) -> tuple[int, int] | None:
        """The (true, predicted) class numbers under the cursor; None while it is put away."""
        return self._cursor

    def action_move(self, down: int, right: int) -> None:
        """Move the cursor; it starts at the worst confusion."""
        if self._evaluated is None:
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

    def action_leave_cursor(self) -> None:
        """Put the cursor away."""
        self._cursor = None
        self._canvas.changed()

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        header = Header(width, "confusion", self._part("title"), self._ascii_only)
        first, *more = self._words()
        header.say_if_room([cut(first, width - 12, "..." if self._ascii_only else "…"), *more], self._part("tick"))
        cells.paste(0, 0, header.cells)
        if self._evaluated is None:
            return cells
        look = MatrixLook(self._shade, self._part("tick"), self._part("cursor"), self.app.no_color, self._ascii_only)
        matrix = draw_matrix(self._evaluated.confusion, self._evaluated.class_names, width, look, self._cursor)
        if matrix is None or matrix.height + 1 > height:
            needed = len(self._evaluated.class_names) + 2
            cells.put(0, 1, f"needs {needed} rows; there are {height}", self._part("tick"))
            return cells
        cells.paste(0, 2 if height >= matrix.height + 2 else 1, matrix)
        return cells

    def _words(self) -> list[str]:
        """What the title row says: where the matrix comes from, or what the cursor's cell means."""
        evaluated = self._evaluated
        if evaluated is None:
            return ["none yet"]
        if self._cursor is None:
            return ["rows are true", f"step {evaluated.step:,}", f"accuracy {evaluated.accuracy:.3f}"]
        row, column = self._cursor
        count, total = int(evaluated.confusion[row, column]), int(evaluated.confusion[row].sum())
        share = f" ({count / total:.1%})" if total else ""
        true, taken = evaluated.class_names[row], evaluated.class_names[column]
        said = "known as such" if row == column else f"taken for {taken}"
        return [f"{true} {said}: {count:,} of {total:,}{share}"]

    def _shade(self, share: float, diagonal: bool) -> Style:
        """A right answer's hue grows with its share; a confusion's is full at a quarter: rare ones show."""
        strength = share * 0.75 if diagonal else min(share / 0.25, 1.0) ** 0.7 * 0.9
        none = self._part("tick").color if not share else None
        return _shade(self.background_colors[1], self.dark, diagonal, round(strength * 12), none)


@lru_cache(maxsize=128)
def _shade(below: Color, dark: bool, diagonal: bool, twelfths: int, none: RichColor | None) -> Style:
    """A cell of so many twelfths of its hue, in ink that stands out, or in that of a cell that counts none."""
    hue = Color.parse((DARK if dark else LIGHT)[0 if diagonal else 1 if not dark else 5])
    ground = below.blend(hue, twelfths / 12)
    return Style(color=none or ground.get_contrast_text(1.0).rich_color, bgcolor=ground.rich_color, bold=diagonal)
