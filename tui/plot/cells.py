"""A grid of characters with styles, and its rows as strips."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

NO_STYLE = Style.null()


class Cells:
    """`width` by `height` cells, at first blank. Drawing outside is ignored, so callers need not clip."""

    def __init__(self, width: int, height: int, style: Style = NO_STYLE) -> None:
        self.width, self.height = width, height
        self._chars = np.full((height, width), " ", dtype="<U1")
        self._styles = np.zeros((height, width), dtype=np.intp)
        self._palette = [style]
        self._numbers = {style: 0}

    def number(self, style: Style) -> int:
        """The index of this style in `_styles`."""
        found = self._numbers.get(style)
        if found is None:
            found = self._numbers[style] = len(self._palette)
            self._palette.append(style)
        return found

    def put(self, x: int, y: int, text: str, style: Style = NO_STYLE) -> None:
        """Write `text` in row `y` from column `x`; a wide character takes two cells, one without width is dropped."""
        if not 0 <= y < self.height:
            return
        number = self.number(style)
        if all(char.isascii() or cell_len(char) == 1 for char in set(text)):
            first, last = max(x, 0), min(x + len(text), self.width)
            if first < last:
                self._chars[y, first:last] = np.frombuffer(text[first - x : last - x].encode("utf-32-le"), "<U1")
                self._styles[y, first:last] = number
            return
        for char in text:
            size = cell_len(char)
            if size and x >= 0 and x + size <= self.width:
                self._chars[y, x] = char
                self._chars[y, x + 1 : x + size] = ""
                self._styles[y, x : x + size] = number
            x += size

    def copy(self) -> Cells:
        """A copy of these cells."""
        copied = Cells(0, 0)
        copied.width, copied.height = self.width, self.height
        copied._chars, copied._styles = self._chars.copy(), self._styles.copy()
        copied._palette, copied._numbers = self._palette.copy(), self._numbers.copy()
        return copied

    def fill(self, where: npt.NDArray[np.bool_], chars: npt.NDArray[np.str_], style: Style, left: int = 0) -> None:
        """Write `chars` ['<U1', h, w] where the mask bool [h, w] is True, their first at (left, 0); all must be
        inside."""
        area = np.s_[: where.shape[0], left : left + where.shape[1]]
        self._chars[area][where] = chars[where]
        self._styles[area][where] = self.number(style)

    def tile(self, char: str, styles: Sequence[Style], places: npt.NDArray[np.intp]) -> None:
        """Fill all cells with one character, each in the style whose index `places` [height, width] gives."""
        self._chars[:] = char
        self._styles[:] = np.array([self.number(style) for style in styles], dtype=np.intp)[places]

    def paste(self, x: int, y: int, cells: Cells) -> None:
        """Copy other cells into these, their first at (x, y); what falls outside is left out."""
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + cells.width, self.width), min(y + cells.height, self.height)
        if right <= left or bottom <= top:
            return
        source = np.s_[top - y : bottom - y, left - x : right - x]
        numbers = np.array([self.number(style) for style in cells._palette], dtype=np.intp)
        self._chars[top:bottom, left:right] = cells._chars[source]
        self._styles[top:bottom, left:right] = numbers[cells._styles[source]]

    def blank(self, x: int, y: int) -> bool:
        """Whether a cell is inside and still empty."""
        return 0 <= x < self.width and 0 <= y < self.height and bool(self._chars[y, x] == " ")

    def restyle(self, x: int, y: int, style: Style) -> None:
        """Combine the cell's style with `style`."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._styles[y, x] = self.number(self._palette[int(self._styles[y, x])] + style)

    def lay(self, where: npt.NDArray[np.bool_], style: Style) -> None:
        """Combine the styles of the cells where the mask bool [height, width] is True with `style`."""
        numbers = self._styles[where]
        for number in np.unique(numbers).tolist():
            numbers[numbers == number] = -1 - self.number(self._palette[number] + style)
        self._styles[where] = -1 - numbers

    def text(self) -> list[str]:
        """The characters only, one string per row."""
        return ["".join(row) for row in self._chars.tolist()]

    def strips(self) -> list[Strip]:
        """All rows as Strips, neighbours of one style joined."""
        return [self.strip(y) for y in range(self.height)]

    def strip(self, y: int, base: Style = NO_STYLE) -> Strip:
        """Row `y` as a Strip, its styles combined with `base`."""
        styles = self._styles[y]
        cuts = [0, *(np.flatnonzero(np.diff(styles)) + 1).tolist(), self.width]
        chars = self._chars[y].tolist()
        drawn = [("".join(chars[a:b]), self._palette[int(styles[a])]) for a, b in pairwise(cuts) if b > a]
        return Strip([Segment(text, base + style) for text, style in drawn], self.width)

    def changed_rows(self, before: Cells) -> list[int]:
        """The rows in which these cells differ from others of the same size."""
        known = np.array([self.number(style) for style in before._palette], dtype=np.intp)
        chars, old_chars = self._chars.view(np.uint32), before._chars.view(np.uint32)
        other = (chars != old_chars) | (self._styles != known[before._styles])
        return [int(y) for y in np.flatnonzero(other.any(axis=1))]
