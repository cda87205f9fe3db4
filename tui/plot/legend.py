"""A legend: names with samples of their lines, in as few rows as they fit, and the position of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from tui.plot.cells import NO_STYLE, Cells
from tui.text.fit import cut
from tui.text.glyphs import Glyphs

_GAP = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A name, and the sample of the line drawn before it (empty: none). `marker` comes before both."""

    label: str
    style: Style = NO_STYLE
    sample: str = ""
    sample_style: Style = NO_STYLE
    marker: str = ""

    @property
    def width(self) -> int:
        """Its width in cells."""
        return cell_len(self.marker) + cell_len(self.label) + (cell_len(self.sample) + 1 if self.sample else 0)


@dataclass(frozen=True, slots=True)
class Spot:
    """The position of entry `number`: columns `first` to `last` (excluded) of `row`."""

    number: int
    row: int
    first: int
    last: int


def spots(entries: Sequence[Entry], width: int, most_rows: int) -> list[Spot]:
    """Lay entries out, row after row; those that do not fit in `most_rows` are left out."""
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


def draw_legend(cells: Cells, entries: Sequence[Entry], lying: Sequence[Spot], top: int, glyphs: Glyphs) -> None:
    """Write the entries at their positions, below row `top`; what is too long for a row is cut."""
    for spot in lying:
        entry, x = entries[spot.number], spot.first
        cells.put(x, top + spot.row, entry.marker, entry.style)
        x += cell_len(entry.marker)
        if entry.sample:
            cells.put(x, top + spot.row, entry.sample, entry.sample_style)
            x += cell_len(entry.sample) + 1
        cells.put(x, top + spot.row, cut(entry.label, spot.last - x, glyphs.more), entry.style)
