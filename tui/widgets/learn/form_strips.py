"""A form's rows as strips: the one that keys act on, and the one that is typed into."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.drawing.form import FormRow
from tui.line_editor import Line

Parts = Callable[[str], Style]
"""The style of each role of a form's pieces, of the row that is `here`, the `option`, the `caret`, what is `bad`."""


def row_strip(row: FormRow, parts: Parts) -> Strip:
    """A row as it is read."""
    return Strip([Segment(text, parts(role)) for text, role in row.pieces])


def chosen_strip(row: FormRow, width: int, parts: Parts, option: str | None) -> Strip:
    """A row that keys act on: all of it stands out, or of its words `option`."""
    over = Style.null() if row.options else parts("here")
    strip = Strip(
        [
            Segment(text, parts("option") if option is not None and text.endswith(f" {option}") else parts(role) + over)
            for text, role in row.pieces
        ]
    )
    return strip if row.options else strip.adjust_cell_length(width, over)


def typed_strip(row: FormRow, width: int, parts: Parts, line: Line, *, bad: bool) -> Strip:
    """A row with the line in the place of its value, around its caret."""
    room = max(width - row.value_at, 2)
    first = max(line.caret - room + 1, 0)
    shown = f"{line.text} "[first : first + room]
    caret = line.caret - first
    style = parts("bad" if bad else "value") + parts("here")
    lead = [Segment(text, parts(role) + parts("here")) for text, role in row.pieces[:2]]
    value = [
        Segment(shown[:caret], style),
        Segment(shown[caret : caret + 1], parts("caret")),
        Segment(shown[caret + 1 :], style),
    ]
    return Strip([*lead, *value]).adjust_cell_length(width, parts("here"))
