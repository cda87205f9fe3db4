"""A confusion matrix in cells: shaded by the share of the row, labelled as fully as the room allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.style import Style

from engine.events import IntArray
from tui.plot.cells import NO_STYLE, Cells
from tui.text.fit import fullest
from tui.text.glyphs import UNICODE, Glyphs

_SHADES = " ░▒▓█"
_ASCII = " .:+#"
_LEAST_LABEL = 3


@dataclass(frozen=True, slots=True)
class MatrixLayout:
    """The layout: `label` cells for the names of the rows, `cell` for each class; `counts` whether numbers fit."""

    label: int
    cell: int
    counts: bool


@dataclass(frozen=True, slots=True)
class MatrixLook:
    """The styles: `shade(share, diagonal)` is that of a cell whose count is that share of its row, in [0, 1]."""

    shade: Callable[[float, bool], Style] = lambda share, diagonal: NO_STYLE
    label: Style = NO_STYLE
    cursor: Style = NO_STYLE
    plain: bool = False
    glyphs: Glyphs = UNICODE


def layout(width: int, names: tuple[str, ...], largest: int) -> MatrixLayout | None:
    """Lay a matrix of these classes out in `width` cells: names have priority over margins, counts over names.

    None if not even one cell per class fits.
    """
    digits = len(str(largest))
    longest = max(len(name) for name in names)
    wide = min(max(longest, digits) + 1, 8)
    labels, cells = (min(longest, 7), _LEAST_LABEL, 1), range(wide, digits, -1)
    forms = [MatrixLayout(label, cell, counts=True) for label in (longest, *labels) for cell in cells]
    forms += [MatrixLayout(label, cell, counts=False) for label in labels for cell in (3, 2, 1)]

    def needed(form: MatrixLayout) -> int:
        return form.label + 1 + form.cell * len(names)

    best = fullest(forms, needed, width)
    return best if needed(best) <= width else None


def columns_that_fit(width: int, largest: int) -> int:
    """How many classes fit beside each other with their counts, where not all of a matrix do."""
    return (width - _LEAST_LABEL - 1) // (len(str(largest)) + 1)


def shares(confusion: IntArray) -> npt.NDArray[np.float64]:
    """Each count as a share of its row, float64 [c, c]; zeros in a row without examples."""
    totals = confusion.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(confusion, totals, out=np.zeros(confusion.shape), where=totals > 0))


def draw_matrix(
    confusion: IntArray,
    names: tuple[str, ...],
    width: int,
    look: MatrixLook,
    cursor: tuple[int, int] | None = None,
    page: tuple[range, range] | None = None,
) -> Cells | None:
    """Draw the matrix int64 [c, c] with its header row, c + 1 rows in all; None if it does not fit. Of a `page`,
    draw only those rows and columns.

    Rows are true classes, columns predicted ones; without room for letters both have the class's number. Without
    colour, right answers are in brackets.
    """
    rows, columns = page or (range(len(names)), range(len(names)))
    heads = tuple(names[place] for place in columns)
    fit = layout(width, heads, int(confusion.max(initial=0)))
    if fit is None:
        return None
    cells = Cells(min(width, fit.label + 1 + fit.cell * len(columns)), len(rows) + 1)
    part = shares(confusion)
    numbered = any(len(name) > fit.cell - 1 for name in heads) and (fit.cell <= 3 or fit.label < 3)
    for x, place in enumerate(columns):
        head = str(place)[-fit.cell :] if numbered else names[place][: fit.cell - 1]
        chosen = cursor is not None and cursor[1] == place
        cells.put(fit.label + 1 + x * fit.cell, 0, head.rjust(fit.cell), look.cursor if chosen else look.label)
    for y, row in enumerate(rows, 1):
        side = f"{row} {names[row]}" if numbered else names[row]
        chosen = cursor is not None and cursor[0] == row
        cells.put(0, y, side[: fit.label], look.cursor if chosen else look.label)
        for x, column in enumerate(columns):
            text = _cell_text(int(confusion[row, column]), float(part[row, column]), row == column, fit, look)
            style = look.shade(float(part[row, column]), row == column)
            if cursor == (row, column):
                style += look.cursor
            cells.put(fit.label + 1 + x * fit.cell, y, text, style)
    return cells


def _cell_text(count: int, share: float, diagonal: bool, fit: MatrixLayout, look: MatrixLook) -> str:
    if fit.counts:
        text = str(count) if count else ("." if look.glyphs.ascii else "·")
        if diagonal and look.plain and len(text) + 2 <= fit.cell:
            text = f"[{text}]"
        return text.rjust(fit.cell)
    ramp = _ASCII if look.glyphs.ascii else _SHADES
    level = min(int(np.ceil(share * (len(ramp) - 1))), len(ramp) - 1) if look.plain or look.glyphs.ascii else 0
    return ramp[level] * fit.cell
