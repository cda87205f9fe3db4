"""A form's rows as strips: ordinary ones, the selected one, and the one that is typed into."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.widgets.learn.form_rows import FormRow

Parts = Callable[[str], Style]
"""The style of each role of a form's pieces, of the row that is `here`, and of the `option` under the cursor."""


def row_strip(row: FormRow, parts: Parts) -> Strip:
    """An ordinary row."""
    return Strip([Segment(text, parts(role)) for text, role in row.pieces])


def chosen_strip(row: FormRow, width: int, parts: Parts, option: str | None) -> Strip:
    """The selected row: all of it is highlighted, or of its words only `option`."""
    over = Style.null() if row.options else parts("here")
    words = [word for word, _, _ in row.options for _ in (0, 1)]  # each has its piece, and one of space
    chosen = words.index(option) if option in words else -1
    strip = Strip(
        [
            Segment(text, parts("option") if place == chosen else parts(role) + over)
            for place, (text, role) in enumerate(row.pieces)
        ]
    )
    return strip if row.options else strip.adjust_cell_length(width, over)


def typed_strip(row: FormRow, width: int, parts: Parts) -> Strip:
    """A row whose value is being typed: the input line covers the part after its name."""
    lead = [Segment(text, parts(role) + parts("here")) for text, role in row.pieces[:2]]
    return Strip(lead).adjust_cell_length(width, parts("here"))
