"""Tables as aligned text, and numbers in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.events import Cell, Evaluated
from tui.drawing.number_column import is_numeric
from tui.text import columns

GAP = "  "


def cell_text(cell: Cell) -> str:
    """A cell as text: seven significant digits, as many as a float32 has; nothing for None."""
    if cell is None:
        return ""
    return f"{cell:.7g}" if isinstance(cell, float) else str(cell)


def aligned(heads: Sequence[str], rows: Sequence[Sequence[Cell]], spell: Callable[[str], str] = str) -> list[str]:
    """The lines of a table: numbers to the right, words to the left, every text passed through `spell` first."""
    right = [is_numeric([row[place] for row in rows]) for place in range(len(heads))]
    texts = [[spell(head) for head in heads]] + [[spell(cell_text(cell)) for cell in row] for row in rows]
    wide = [max(columns(row[place]) for row in texts) for place in range(len(heads))]
    lines = []
    for row in texts:
        cells = (_filled(text, wide[place], right[place]) for place, text in enumerate(row))
        lines.append(GAP.join(cells).rstrip())
    return lines


def confusion(evaluated: Evaluated) -> tuple[str, tuple[str, ...], tuple[tuple[Cell, ...], ...]]:
    """The confusion matrix as a table's title, heads and rows."""
    names = evaluated.class_names
    counts: list[list[int]] = evaluated.confusion.tolist()
    rows: list[tuple[Cell, ...]] = [(name, *row) for name, row in zip(names, counts, strict=True)]
    title = f"Confusion matrix after step {evaluated.step}: a row is a true class, a column a predicted one"
    return title, ("", *names), tuple(rows)


def _filled(text: str, width: int, right: bool) -> str:
    blank = " " * (width - columns(text))
    return blank + text if right else text + blank
