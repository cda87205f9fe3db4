"""Cells whose colours are numbers, for pictures where every cell has its own: quick to fill, compare and write out."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

NONE = -1
"""No colour: the widget's own."""
BOLD, REVERSE = 1, 2


class Raster:
    """`width` by `height` cells: characters, foreground and background colours (0xRRGGBB or NONE), and attributes."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.chars = np.full((height, width), " ", dtype="<U1")
        self.front = np.full((height, width), NONE, dtype=np.int32)
        self.back = np.full((height, width), NONE, dtype=np.int32)
        self.attributes = np.zeros((height, width), dtype=np.int32)

    def copy(self) -> Raster:
        """The same cells, to draw upon."""
        twin = Raster.__new__(Raster)
        twin.width, twin.height = self.width, self.height
        twin.chars, twin.front = self.chars.copy(), self.front.copy()
        twin.back, twin.attributes = self.back.copy(), self.attributes.copy()
        return twin

    def put(self, x: int, y: int, text: str, front: int, attributes: int = 0) -> None:
        """Write narrow characters over the background that is there; what falls outside is left out."""
        if not 0 <= y < self.height:
            return
        for column, char in enumerate(text, x):
            if 0 <= column < self.width:
                self.chars[y, column] = char
                self.front[y, column] = front
                self.attributes[y, column] = attributes

    def codes(self) -> npt.NDArray[np.int64]:
        """The look of each cell as one number, int64 [height, width]; equal where no terminal shows a difference."""
        front = np.where((self.chars == " ") & (self.attributes & REVERSE == 0), NONE, self.front).astype(np.int64)
        return np.asarray((front + 1) << 27 | (self.back.astype(np.int64) + 1) << 2 | self.attributes)


class RowCache:
    """The strips of the last raster: a row that is the same again is the same strip, and costs nothing further."""

    def __init__(self) -> None:
        self._chars: npt.NDArray[np.str_] | None = None
        self._codes: npt.NDArray[np.int64] | None = None
        self._strips: list[Strip] = []

    def strips(self, raster: Raster) -> list[Strip]:
        """Every row as a Strip, neighbours of one look joined."""
        chars, codes = raster.chars, raster.codes()
        if self._chars is None or self._codes is None or self._chars.shape != chars.shape:
            fresh = np.ones(raster.height, dtype=bool)
            self._strips = [Strip.blank(raster.width)] * raster.height
        else:
            fresh = (self._codes != codes).any(axis=1) | (self._chars != chars).any(axis=1)
        for y in np.flatnonzero(fresh).tolist():
            self._strips[y] = _strip(chars[y], codes[y])
        self._chars, self._codes = chars, codes
        return list(self._strips)


def _strip(chars: npt.NDArray[np.str_], codes: npt.NDArray[np.int64]) -> Strip:
    width = len(codes)
    cuts = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), width]
    text = "".join(chars.tolist())
    looks = codes[cuts[:-1]].tolist() if width else []
    return Strip([Segment(text[a:b], _style(look)) for (a, b), look in zip(pairwise(cuts), looks, strict=True)], width)


@lru_cache(maxsize=8192)
def _style(code: int) -> Style:
    front, back, attributes = (code >> 27) - 1, (code >> 2 & 0x1FFFFFF) - 1, code & 3
    return Style(
        color=_colour(front) if front >= 0 else None,
        bgcolor=_colour(back) if back >= 0 else None,
        bold=True if attributes & BOLD else None,
        reverse=True if attributes & REVERSE else None,
    )


@lru_cache(maxsize=4096)
def _colour(number: int) -> Color:
    return Color.from_rgb(number >> 16, number >> 8 & 255, number & 255)
