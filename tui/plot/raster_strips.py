"""The rows of a raster as Textual's strips, rebuilt only for rows that changed."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.plot.raster import BOLD, REVERSE, Raster


class RowCache:
    """The strips of the last raster: an unchanged row keeps its strip, at no further cost."""

    def __init__(self) -> None:
        self._chars: npt.NDArray[np.str_] | None = None
        self._codes: npt.NDArray[np.int64] | None = None
        self._strips: list[Strip] = []

    def strips(self, raster: Raster) -> list[Strip]:
        """All rows as Strips, neighbours of one look joined."""
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
