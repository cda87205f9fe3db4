"""Images of any size, grey or in colour, in cells: two pixels a cell, in their own proportions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style

from tui.drawing.cells import Cells
from tui.drawing.thumbnails import shrunk, thumbnail

Pixels = npt.NDArray[np.uint8]
"""[h, w] grey, or [h, w, 3]."""

MOST_SIDE = 512
"""Pixels a side: more than any terminal shows."""
_LARGEST_ZOOM = 4
_LEAST_WIDTH = 12
_GAP = 1
_STEP = 8
"""Of each colour's 256 shades every eighth: fewer codes to send, and no difference that half a cell shows."""
# Source: ITU-R BT.601, the weights of red, green and blue in luma.
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Tiles:
    """How images are laid out: `across` by `down` of `columns` by `rows` cells each, `count` of them in all."""

    across: int
    down: int
    columns: int
    rows: int
    count: int

    def place(self, number: int) -> tuple[int, int]:
        """The upper left cell of image `number`."""
        return number % self.across * (self.columns + _GAP), number // self.across * (self.rows + _GAP)


def bounded(image: Pixels) -> Pixels:
    """The image with at most MOST_SIDE pixels a side: each new pixel the mean of a square of old ones."""
    size = -(-max(image.shape[:2]) // MOST_SIDE)
    if size <= 1:
        return image
    height, width = (max(side // size, 1) for side in image.shape[:2])
    cut = image[: height * size, : width * size]
    if cut.shape[0] < size or cut.shape[1] < size:  # a line of pixels
        return image[:: max(image.shape[0] // MOST_SIDE, 1), :: max(image.shape[1] // MOST_SIDE, 1)]
    squares = cut.reshape(height, size, width, size, -1)
    means = squares.mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(np.rint(means).astype(np.uint8).reshape(height, width, *image.shape[2:]))


def fitted(image_width: int, image_height: int, width: int, height: int) -> tuple[int, int]:
    """The columns and rows of cells that an image of so many pixels takes in `width` by `height` cells.

    It keeps its proportions; a small one is enlarged by a whole number.
    """
    scale = min(width / image_width, 2 * height / image_height)
    if scale > 1:
        scale = min(int(scale), _LARGEST_ZOOM)
    columns = min(max(round(image_width * scale), 1), width)
    return columns, min(max(-(-round(image_height * scale) // 2), 1), height)


def tiled(count: int, image_width: int, image_height: int, width: int, height: int) -> Tiles:
    """The layout that shows `count` images largest; fewer of them where they would be too small to be told apart."""
    width, height = max(width, 1), max(height, 1)
    while True:
        best = Tiles(1, 1, 0, 0, count)
        for across in range(1, count + 1):
            down = -(-count // across)
            room = ((width - (across - 1) * _GAP) // across, (height - (down - 1) * _GAP) // down)
            if min(room) < 1:
                continue
            columns, rows = fitted(image_width, image_height, *room)
            if columns * rows > best.columns * best.rows:
                best = Tiles(across, down, columns, rows, count)
        if count == 1 or best.columns >= min(_LEAST_WIDTH, image_width):
            return best
        count = max(count * 3 // 4, 1)


def picture(image: Pixels, columns: int, rows: int, *, plain: bool = False, ascii_only: bool = False) -> Cells:
    """An image in `columns` by `rows` cells: half-blocks in its colours, or shades of ink where `plain`."""
    if image.ndim == 2:
        return thumbnail(image, columns, rows, plain=plain, ascii_only=ascii_only)
    if plain or ascii_only:
        grey = np.rint(image @ _LUMA).astype(np.uint8)
        return thumbnail(grey, columns, rows, plain=True, ascii_only=ascii_only)
    parts = [shrunk(image[..., channel], columns, 2 * rows) for channel in range(3)]
    levels = np.clip(np.rint(np.stack(parts, axis=-1) / _STEP), 0, 255 // _STEP).astype(int) * _STEP
    codes = levels[..., 0] << 16 | levels[..., 1] << 8 | levels[..., 2]
    cells = Cells(columns, rows)
    for y in range(rows):
        for x, (top, bottom) in enumerate(zip(codes[2 * y].tolist(), codes[2 * y + 1].tolist(), strict=True)):
            cells.put(x, y, "▀", _two_colours(top, bottom))
    return cells


@lru_cache(maxsize=2**14)
def _two_colours(top: int, bottom: int) -> Style:
    return Style(color=_colour(top), bgcolor=_colour(bottom))


def _colour(code: int) -> Color:
    return Color.from_rgb(code >> 16, code >> 8 & 255, code & 255)
