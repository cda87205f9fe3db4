"""Rows of text with styles, as strips: for widgets of a few rows, which are painted before NumPy is imported."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

NO_STYLE = Style.null()


class TextRows:
    """`height` rows of `width` cells, at first blank. What falls outside is left out, so callers need not clip."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._rows = [[(" ", NO_STYLE)] * width for _ in range(height)]

    def put(self, x: int, y: int, text: str, style: Style = NO_STYLE) -> None:
        """Write `text` in row `y` from column `x`; a wide character takes two cells, one without width is dropped."""
        if not 0 <= y < len(self._rows):
            return
        row = self._rows[y]
        for char in text:
            size = 1 if char.isascii() else cell_len(char)
            if size and x >= 0 and x + size <= self._width:
                row[x : x + size] = [(char, style), *[("", style)] * (size - 1)]
            x += size

    def strips(self) -> list[Strip]:
        """All rows as Strips, neighbours of one style joined."""
        return [self._strip(row) for row in self._rows]

    def _strip(self, row: list[tuple[str, Style]]) -> Strip:
        pieces = groupby(row, key=itemgetter(1))
        return Strip([Segment("".join(char for char, _ in cells), style) for style, cells in pieces], self._width)
