"""Images of any size, grey or in colour, in cells: two pixels a cell, with their proportions kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style

from tui.plot.cells import Cells
from tui.plot.thumbnails import shrunk, thumbnail
from tui.text.glyphs import UNICODE, Glyphs

Pixels = npt.NDArray[np.uint8]
"""Bytes [h, w] grey, or [h, w, 3] RGB."""

MOST_SIDE = 512
"""The most pixels per side: more than any terminal shows."""
_LARGEST_ZOOM = 4
_LEAST_WIDTH = 12
_GAP = 1
_STEP = 8
"""Only every eighth of each colour's 256 shades: fewer codes to send, and no visible difference."""
# Source: ITU-R BT.601, the weights of red, green and blue in luma.
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class Tiles:
    """The layout of images: `across` by `down` of `columns` by `rows` cells each, `count` of them in all."""

    across: int
    down: int
    columns: int
    rows: int
    count: int

    def place(self, number: int) -> tuple[int, int]:
        """The upper left cell of image `number`."""
        return number % self.across * (self.columns + _GAP), number // self.across * (self.rows + _GAP)


def bounded(image: Pixels) -> Pixels:
    """Shrink an image to at most MOST_SIDE pixels a side: each new pixel is the mean of a square of old ones."""
    size = -(-max(image.shape[:2]) // MOST_SIDE)
    if size <= 1:
        return image
    height, width = (max(side // size, 1) for side in image.shape[:2])
    cut = image[: height * size, : width * size]
    if cut.shape[0] < size or cut.shape[1] < size:  # only a line of pixels
        return image[:: max(image.shape[0] // MOST_SIDE, 1), :: max(image.shape[1] // MOST_SIDE, 1)]
    squares = cut.reshape(height, size, width, size, -1)
    means = squares.mean(axis=(1, 3), dtype=np.float32)
    return np.asarray(np.rint(means).astype(np.uint8).reshape(height, width, *image.shape[2:]))


def enlarged(image: Pixels, middle: tuple[float, float], times: int) -> Pixels:
    """The part of an image around `middle` (fractions of its width and height) that is 1/`times` of it in each
    direction, at least one pixel."""
    high, wide = (max(side // times, 1) for side in image.shape[:2])
    left = min(max(round(middle[0] * image.shape[1] - wide / 2), 0), image.shape[1] - wide)
    top = min(max(round(middle[1] * image.shape[0] - high / 2), 0), image.shape[0] - high)
    return image[top : top + high, left : left + wide]


def fitted(
    image_width: int, image_height: int, width: int, height: int, *, most: int = _LARGEST_ZOOM
) -> tuple[int, int]:
    """The columns and rows of cells for an image of this size within `width` by `height` cells.

    It keeps its proportions; a small one is enlarged by a whole number, at most `most`.
    """
    scale = min(width / image_width, 2 * height / image_height)
    if scale > 1:
        scale = min(int(scale), most)
    columns = min(max(round(image_width * scale), 1), width)
    return columns, min(max(-(-round(image_height * scale) // 2), 1), height)


def tiled(count: int, image_width: int, image_height: int, width: int, height: int) -> Tiles:
    """The layout that shows `count` images largest; fewer of them if they would be too small to distinguish."""
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


def picture(image: Pixels, columns: int, rows: int, *, plain: bool = False, glyphs: Glyphs = UNICODE) -> Cells:
    """Draw an image in `columns` by `rows` cells: half-blocks in its colours, or shades of ink if `plain`."""
    if image.ndim == 2:
        return thumbnail(image, columns, rows, plain=plain, glyphs=glyphs)
    if plain or glyphs.ascii:
        grey = np.rint(image @ _LUMA).astype(np.uint8)
        return thumbnail(grey, columns, rows, plain=True, glyphs=glyphs)
    parts = [shrunk(image[..., channel], columns, 2 * rows) for channel in range(3)]
    levels = np.clip(np.rint(np.stack(parts, axis=-1) / _STEP), 0, 255 // _STEP).astype(int) * _STEP
    codes = levels[..., 0] << 16 | levels[..., 1] << 8 | levels[..., 2]
    pairs, places = np.unique(codes[::2] << 24 | codes[1::2], return_inverse=True)
    cells = Cells(columns, rows)
    cells.tile("▀", [_two_colours(*divmod(pair, 2**24)) for pair in pairs.tolist()], places.reshape(rows, columns))
    return cells


@lru_cache(maxsize=2**14)
def _two_colours(top: int, bottom: int) -> Style:
    return Style(color=_colour(top), bgcolor=_colour(bottom))


def _colour(code: int) -> Color:
    return Color.from_rgb(code >> 16, code >> 8 & 255, code & 255)
