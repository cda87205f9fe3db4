"""Grey images in cells: area-averaged to the available size, two pixels a cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style

from tui.plot.cells import Cells
from tui.text.glyphs import UNICODE, Glyphs

Grey = npt.NDArray[np.uint8]
_SHADES = " ░▒▓█"
_ASCII = " .:-=+*#%@"
_LEVELS = 24
_WIDTHS = (28, 21, 14)
"""Image widths in cells, the finest first: 28 is a pixel per column for 28x28, and 14 is still recognisable."""


@dataclass(frozen=True, slots=True)
class Tiling:
    """The layout of images: `across` by `down` tiles of `image_width` by `image_height` cells, captions below."""

    across: int
    down: int
    image_width: int
    image_height: int

    @property
    def count(self) -> int:
        """The number of images in the layout."""
        return self.across * self.down


def tile(width: int, height: int, count: int, *, caption_rows: int = 1, gap: int = 1) -> Tiling:
    """The finest layout that shows all of `count` images uncut; else as many as fit with a width of 14 cells.

    If not even one fits, it is made smaller. Squares are preferred if all fit: 5 by 5 for 25.
    """
    for image_width in _WIDTHS:
        fitting = _fitting(width, height, image_width, caption_rows, gap)
        square = int(np.ceil(np.sqrt(count)))
        if fitting.across >= square and fitting.down >= -(-count // square):
            return Tiling(square, -(-count // square), image_width, fitting.image_height)
        if fitting.count >= count:
            return Tiling(fitting.across, -(-count // fitting.across), image_width, fitting.image_height)
    for image_width in range(14, 3, -1):
        fitting = _fitting(width, height, image_width, caption_rows, gap)
        if fitting.count:
            return fitting
    return Tiling(0, 0, 0, 0)


def _fitting(width: int, height: int, image_width: int, caption_rows: int, gap: int) -> Tiling:
    image_height = (image_width + 1) // 2
    across = (width + gap) // (image_width + gap)
    return Tiling(max(across, 0), max(height // (image_height + caption_rows), 0), image_width, image_height)


def shrunk(image: Grey, width: int, height: int) -> npt.NDArray[np.float64]:
    """Shrink an image uint8 [h, w] to float64 [height, width]: each new pixel is the mean of the area it covers."""
    rows, columns = _overlap(image.shape[0], height), _overlap(image.shape[1], width)
    result: npt.NDArray[np.float64] = rows @ image.astype(np.float64) @ columns.T
    return result


@lru_cache(maxsize=64)
def _overlap(before: int, after: int) -> npt.NDArray[np.float64]:
    """The share of each old pixel in each new one, float64 [after, before]; every row sums to 1."""
    edges = np.linspace(0, before, after + 1)
    old = np.arange(before)
    low = np.maximum(edges[:-1, None], old[None, :])
    high = np.minimum(edges[1:, None], old[None, :] + 1)
    covered = np.clip(high - low, 0, None)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True))


def thumbnail(image: Grey, width: int, height: int, *, plain: bool = False, glyphs: Glyphs = UNICODE) -> Cells:
    """Draw an image uint8 [h, w] in `width` by `height` cells: half-blocks in grey, or shades of ink if `plain`."""
    cells = Cells(width, height)
    if plain or glyphs.ascii:
        ramp = _ASCII if glyphs.ascii else _SHADES
        shades = np.rint(shrunk(image, width, height) / 255 * (len(ramp) - 1)).astype(int)
        for y, row in enumerate(shades.tolist()):
            cells.put(0, y, "".join(ramp[shade] for shade in row))
        return cells
    # 24 greys, as many as a 256-colour terminal has: fewer codes to send, and no visible difference.
    greys = np.rint(np.rint(shrunk(image, width, 2 * height) / 255 * (_LEVELS - 1)) * 255 / (_LEVELS - 1)).astype(int)
    pairs, places = np.unique(greys[::2] * 256 + greys[1::2], return_inverse=True)
    cells.tile("▀", [_two_greys(*divmod(pair, 256)) for pair in pairs.tolist()], places.reshape(height, width))
    return cells


@lru_cache(maxsize=_LEVELS * _LEVELS)
def _two_greys(top: int, bottom: int) -> Style:
    return Style(color=Color.from_rgb(top, top, top), bgcolor=Color.from_rgb(bottom, bottom, bottom))
