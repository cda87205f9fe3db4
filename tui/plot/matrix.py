"""A confusion matrix in cells: shaded by share of the row, labelled as fully as the room allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.style import Style

from engine.events import IntArray
from tui.drawing.cells import NO_STYLE, Cells

_SHADES = " ░▒▓█"
_ASCII = " .:+#"


@dataclass(frozen=True, slots=True)
class MatrixLayout:
    """Columns of cells: `label` for the names of the rows, `cell` for each class; `counts` whether numbers fit."""

    label: int
    cell: int
    counts: bool


@dataclass(frozen=True, slots=True)
class MatrixLook:
    """Styles: `shade(share, diagonal)` of a cell whose count is that share of its row, in [0, 1]."""

    shade: Callable[[float, bool], Style] = lambda share, diagonal: NO_STYLE
    label: Style = NO_STYLE
    cursor: Style = NO_STYLE
    plain: bool = False
    ascii_only: bool = False


def layout(width: int, names: tuple[str, ...], largest: int) -> MatrixLayout | None:
    """How a matrix of these classes fits into `width` cells: names before counts' margins, counts before names.

    None where not even one cell a class fits.
    """
    digits = len(str(largest))
    longest = max(len(name) for name in names)
    wide = min(max(longest, digits) + 1, 8)
    for label in (longest, min(longest, 7), 3, 1):
        for cell in range(wide, digits, -1):
            if label + 1 + cell * len(names) <= width:
                return MatrixLayout(label, cell, counts=True)
    for label in (min(longest, 7), 3, 1):
        for cell in (3, 2, 1):
            if label + 1 + cell * len(names) <= width:
                return MatrixLayout(label, cell, counts=False)
    return None


def shares(confusion: IntArray) -> npt.NDArray[np.float64]:
    """Each count as a share of its row, float64 [c, c]; zeros in a row without examples."""
    totals = confusion.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(confusion, totals, out=np.zeros(confusion.shape), where=totals > 0))


def draw_matrix(
    confusion: IntArray, names: tuple[str, ...], width: int, look: MatrixLook, cursor: tuple[int, int] | None = None
) -> Cells | None:
    """The matrix int64 [c, c] with its header row, c + 1 rows in all; None where it does not fit.

    Rows are true classes, columns predicted ones; where there is no room for letters both have the class's number.
    Right answers stand in brackets where there is no colour.
    """
    count = len(names)
    fit = layout(width, names, int(confusion.max(initial=0)))
    if fit is None:
        return None
    cells = Cells(min(width, fit.label + 1 + fit.cell * count), count + 1)
    part = shares(confusion)
    numbered = any(len(name) > fit.cell - 1 for name in names) and (fit.cell <= 3 or fit.label < 3)
    for place, name in enumerate(names):
        head = str(place)[-fit.cell :] if numbered else name[: fit.cell - 1]
        side = f"{place} {name}" if numbered else name
        chosen = cursor is not None and cursor[1] == place
        cells.put(fit.label + 1 + place * fit.cell, 0, head.rjust(fit.cell), look.cursor if chosen else look.label)
        chosen = cursor is not None and cursor[0] == place
        cells.put(0, place + 1, side[: fit.label], look.cursor if chosen else look.label)
    for row in range(count):
        for column in range(count):
            text = _cell_text(int(confusion[row, column]), float(part[row, column]), row == column, fit, look)
            style = look.shade(float(part[row, column]), row == column)
            if cursor == (row, column):
                style += look.cursor
            cells.put(fit.label + 1 + column * fit.cell, row + 1, text, style)
    return cells


def _cell_text(count: int, share: float, diagonal: bool, fit: MatrixLayout, look: MatrixLook) -> str:
    if fit.counts:
        text = str(count) if count else ("." if look.ascii_only else "·")
        if diagonal and look.plain and len(text) + 2 <= fit.cell:
            text = f"[{text}]"
        return text.rjust(fit.cell)
    ramp = _ASCII if look.ascii_only else _SHADES
    level = min(int(np.ceil(share * (len(ramp) - 1))), len(ramp) - 1) if look.plain or look.ascii_only else 0
    return ramp[level] * fit.cell
