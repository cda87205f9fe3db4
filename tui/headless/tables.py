"""Tables as aligned text, and numbers in them.

The terminal report's tables are drawn by `rich.table`. It can produce exactly these plain lines too, but takes a
hundred times as long: 3.6 s instead of 0.04 s for a list of 10,000 runs, 11 ms instead of 0.1 ms for ten, and 31 ms to
import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from engine.events import Cell, Evaluated
from tui.text.clean import columns
from tui.text.number_column import is_numeric

GAP = "  "


def cell_text(cell: Cell) -> str:
    """Format a cell: seven significant digits, as many as a float32 has; empty for None."""
    if cell is None:
        return ""
    return f"{cell:.7g}" if isinstance(cell, float) else str(cell)


def aligned(heads: Sequence[str], rows: Sequence[Sequence[Cell]], spell: Callable[[str], str] = str) -> list[str]:
    """Format a table: numbers aligned right, words left, every text passed through `spell` first."""
    right = [is_numeric([row[place] for row in rows]) for place in range(len(heads))]
    texts = [[spell(head) for head in heads]] + [[spell(cell_text(cell)) for cell in row] for row in rows]
    wide = [max(columns(row[place]) for row in texts) for place in range(len(heads))]
    lines = []
    for row in texts:
        cells = (_filled(text, wide[place], right[place]) for place, text in enumerate(row))
        lines.append(GAP.join(cells).rstrip())
    return lines


Table = tuple[str, tuple[str, ...], tuple[tuple[Cell, ...], ...]]
"""A title, the heads of the columns, and rows."""

PLAIN_WIDTH = 120
"""Columns of a table where there is no terminal to say how many fit."""

# Of more classes only the most frequent confusions are printed, so many of them.
_MOST_CLASSES, _MOST_CONFUSIONS = 64, 20


def confusion(evaluated: Evaluated, width: int = PLAIN_WIDTH) -> Iterator[Table]:
    """The confusion matrix as tables of at most `width` columns of text: all rows, and in each the columns that fit."""
    names = evaluated.class_names
    if len(names) > _MOST_CLASSES:
        yield _most_frequent(evaluated)
        return
    counts: list[list[int]] = evaluated.confusion.tolist()
    title = f"Confusion matrix after step {evaluated.step}: a row is a true class, a column a predicted one"
    pages = _pages(evaluated, width - max(map(columns, names)))
    for page in pages:
        rows: list[tuple[Cell, ...]] = [
            (name, *(row[place] for place in page)) for name, row in zip(names, counts, strict=True)
        ]
        of_them = f", columns {page[0] + 1} to {page[-1] + 1} of {len(names)}" if len(pages) > 1 else ""
        yield title + of_them, ("", *(names[place] for place in page)), tuple(rows)


def _pages(evaluated: Evaluated, room: int) -> list[list[int]]:
    """The places of the classes in order, as many together as fit; at least one."""
    pages: list[list[int]] = [[]]
    left = room
    for place, name in enumerate(evaluated.class_names):
        digits = len(str(int(evaluated.confusion[:, place].max(initial=0))))
        needed = max(columns(name), digits) + len(GAP)
        if pages[-1] and needed > left:
            pages.append([])
            left = room
        pages[-1].append(place)
        left -= needed
    return pages


def _most_frequent(evaluated: Evaluated) -> Table:
    """The most frequent confusions."""
    wrong = evaluated.confusion.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_MOST_CONFUSIONS]
    names, totals = evaluated.class_names, evaluated.confusion.sum(axis=1)
    rows: list[tuple[Cell, ...]] = []
    for row, column in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if count := int(wrong[row, column]):
            rows.append((names[row], names[column], count, int(totals[row])))
    title = f"The most frequent confusions of {len(names)} classes after step {evaluated.step}"
    return title, ("true", "predicted", "count", "of"), tuple(rows)


def _filled(text: str, width: int, right: bool) -> str:
    blank = " " * (width - columns(text))
    return blank + text if right else text + blank
