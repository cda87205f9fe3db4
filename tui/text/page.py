"""A lesson's sentences and tables as one page of rows, in the order of their events."""

from __future__ import annotations

from engine.events import Learned, Remark, Table
from tui.text.clean import clean
from tui.text.fit import wrap
from tui.text.glyphs import UNICODE, Glyphs
from tui.text.table_rows import Row, table_rows

WIDEST_PROSE = 88
"""The widest line of prose: from the end of a longer one the next is hard to find."""


def page_rows(item: Remark | Table | Learned, width: int, glyphs: Glyphs = UNICODE) -> list[Row]:
    """Lay out one item of the page in rows of `width` cells, with a blank row at the end; see `table_rows` for wide
    tables.

    The lesson's result has a bar on its left.
    """
    if isinstance(item, Table):
        rows = table_rows(spelled(item, glyphs), width)
        return [*(tuple((text.replace("─", glyphs.rule), role) for text, role in row) for row in rows), ()]
    text = glyphs.spelled(clean(item.text))
    room = min(width, WIDEST_PROSE)
    if isinstance(item, Remark):
        return [*(((line, "remark"),) for line in wrap(text, room)), ()]
    bar = (f"{glyphs.stripe} ", "bar")
    lines = [("Learned", "learned-title"), *((line, "learned") for line in wrap(text, room - 2))]
    return [*((bar, piece) for piece in lines), ()]


def spelled(table: Table, glyphs: Glyphs) -> Table:
    """Convert a table to a character set, and replace everything in its texts that a terminal could act on."""

    def shown(text: str) -> str:
        return glyphs.spelled(clean(text))

    return Table(
        table.key,
        shown(table.title),
        tuple(shown(column) for column in table.columns),
        tuple(tuple(shown(cell) if isinstance(cell, str) else cell for cell in row) for row in table.rows),
    )
