"""A legend of names in as few rows as they fit, each with a sample of its line, and where each name lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from tui.drawing.cells import NO_STYLE, Cells
from tui.drawing.prose import cut

_GAP = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, and the sample of the line drawn before it (empty: none). `marker` stands before both."""

    label: str
    style: Style = NO_STYLE
    sample: str = ""
    sample_style: Style = NO_STYLE
    marker: str = ""

    @property
    def width(self) -> int:
        """The cells it takes."""
        return cell_len(self.marker) + cell_len(self.label) + (cell_len(self.sample) + 1 if self.sample else 0)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where entry `number` lies: columns `first` to `last` (excluded) of `row`."""

    number: int
    row: int
    first: int
    last: int


def spots(entries: Sequence[Entry], width: int, most_rows: int) -> list[Spot]:
    """Where entries lie, row after row; those for which there is no room in `most_rows` are left out."""
    found: list[Spot] = []
    x, row = 0, 0
    for number, entry in enumerate(entries):
        size = min(entry.width, width)
        if x and x + size > width:
            x, row = 0, row + 1
        if row >= most_rows:
            break
        found.append(Spot(number, row, x, x + size))
        x += size + _GAP
    return found


def draw_legend(cells: Cells, entries: Sequence[Entry], lying: Sequence[Spot], top: int, *, ascii_only: bool) -> None:
    """Write the entries where they lie, below row `top`; what is too long for a row is cut."""
    for spot in lying:
        entry, x = entries[spot.number], spot.first
        cells.put(x, top + spot.row, entry.marker, entry.style)
        x += cell_len(entry.marker)
        if entry.sample:
            cells.put(x, top + spot.row, entry.sample, entry.sample_style)
            x += cell_len(entry.sample) + 1
        cells.put(x, top + spot.row, cut(entry.label, spot.last - x, "~" if ascii_only else "…"), entry.style)
