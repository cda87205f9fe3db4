"""A lesson's sentences and tables as one page of rows, in the order in which they came."""

from __future__ import annotations

from engine.events import Learned, Remark, Table
from tui.drawing.prose import wrap
from tui.drawing.table_rows import Row, table_rows
from tui.plain import plain
from tui.text import clean

WIDEST_PROSE = 88
"""Longer lines are hard to find the next of."""


def page_rows(item: Remark | Table | Learned, width: int, *, ascii_only: bool = False) -> list[Row]:
    """One item of the page in rows of `width` cells, a blank one last; see `table_rows` for what is too wide.

    What was learned has a bar on its left.
    """
    if isinstance(item, Table):
        return [*table_rows(cleaned(item), width, ascii_only=ascii_only), ()]
    text = plain(clean(item.text)) if ascii_only else clean(item.text)
    room = min(width, WIDEST_PROSE)
    if isinstance(item, Remark):
        return [*(((line, "remark"),) for line in wrap(text, room)), ()]
    bar = ("| " if ascii_only else "▌ ", "bar")
    lines = [("Learned", "learned-title"), *((line, "learned") for line in wrap(text, room - 2))]
    return [*((bar, piece) for piece in lines), ()]


def cleaned(table: Table) -> Table:
    """The table with nothing in its texts that a terminal could act on."""
    return Table(
        table.key,
        clean(table.title),
        tuple(clean(column) for column in table.columns),
        tuple(tuple(clean(cell) if isinstance(cell, str) else cell for cell in row) for row in table.rows),
    )
