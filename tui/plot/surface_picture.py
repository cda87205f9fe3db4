"""The map itself, before anything is drawn on it: shades, contour lines, basins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.contours import contour_pixels
from engine.descent.basins import Basins
from engine.descent.relief import Relief, relief, sample
from engine.events import SurfaceDrawn
from tui.plot.basin_picture import basin_chars, basin_colours, basin_pixels
from tui.plot.braille import scattered
from tui.plot.map_window import MapWindow
from tui.plot.palettes import LEVELS, Colours, blended, channels, packed, ramp
from tui.plot.raster import Raster
from tui.text.glyphs import UNICODE, Glyphs

SHADES = " ·░▒▓"
ASCII_SHADES = " .,:;"
_LINE, _MOST_LINES = 0.22, 0.2
"""The contrast of a contour line with the map, and the largest share of the map that lines may cover."""


@dataclass(frozen=True, slots=True)
class MapLook:
    """How a map is drawn: its theme, the terminal's colour system, and the colours of background and ink.

    `plain` is without colour: shades are then characters.
    """

    dark: bool = True
    system: str = "truecolor"
    background: int = 0x121212
    ink: int = 0xFFFFFF
    plain: bool = False
    glyphs: Glyphs = UNICODE


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceShades:
    """A drawn map: its cells, and for each the mean colour of its two pixels, int32 [rows, columns]."""

    cells: Raster
    mean: Colours
    relief: Relief


def ground(surface: SurfaceDrawn, window: MapWindow, look: MapLook, basins: Basins | None = None) -> SurfaceShades:
    """Draw the surface in a window; with `basins`, coloured by the minimum that each point leads to."""
    z = sample(surface, *window.pixels())
    scale = relief(z)
    height = scale.height(z)
    found = None if basins is None else basin_pixels(basins, window)
    cells = Raster(window.columns, window.rows)
    if look.plain or look.glyphs.ascii:
        cells.chars[:] = _plain(height, look.glyphs) if found is None else basin_chars(found)
        return SurfaceShades(cells, cells.back, scale)
    colours = _shaded(height, look) if found is None else basin_colours(found, look.dark, look.background, look.system)
    ground = SurfaceShades(half_blocks(colours), mean(colours), scale)
    _lay_contours(ground, height, look)
    return ground


def contour_count(rows: int) -> int:
    """The number of bands between contour lines: about one per five pixels, to keep lines apart."""
    return min(max(rows // 3, 4), 16)


def half_blocks(colours: Colours) -> Raster:
    """Draw pixels int32 [2·rows, columns] as cells, the upper pixel in the foreground colour."""
    cells = Raster(colours.shape[1], colours.shape[0] // 2)
    top, bottom = colours[::2], colours[1::2]
    cells.chars[:] = np.where(top == bottom, " ", "▀")
    cells.front[:] = top
    cells.back[:] = bottom
    return cells


def _shaded(height: npt.NDArray[np.float64], look: MapLook) -> Colours:
    table = np.append(ramp(look.dark, look.system), np.int32(look.background)).astype(np.int32)
    return np.asarray(table[levels(height, LEVELS)])


def levels(height: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    """Divide heights into levels 0 to count - 1; `count` where there is no height."""
    known = np.isfinite(height)
    number = np.minimum(np.nan_to_num(height) * count, count - 1).astype(np.intp)
    return np.where(known, number, count)


def _lay_contours(ground: SurfaceShades, height: npt.NDArray[np.float64], look: MapLook) -> None:
    """Draw contour lines as dots, a little lighter than a dark map and a little darker than a light one."""
    cells = ground.cells
    rows, columns = np.nonzero(_contours(finer(height), cells.height))
    chars = scattered(rows, columns, cells.width, cells.height)
    touched = chars != "\u2800"
    cells.chars[touched] = chars[touched]
    cells.back[touched] = ground.mean[touched]
    end = 0xFFFFFF if look.dark else 0x000000
    cells.front[touched] = blended(ground.mean, end, _LINE)[touched]


def _contours(height: npt.NDArray[np.float64], rows: int) -> npt.NDArray[np.bool_]:
    """The contour lines, fewer if a surface is so rough that they would cover it."""
    count = contour_count(rows)
    lines = contour_pixels(height, count)
    while lines.mean() > _MOST_LINES and count > 3:
        count //= 2
        lines = contour_pixels(height, count)
    return lines


def finer(height: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Interpolate a grid to twice the resolution, on which contour lines are drawn."""
    for axis in (0, 1):
        before = np.take(height, [0, *range(height.shape[axis] - 1)], axis)
        after = np.take(height, [*range(1, height.shape[axis]), -1], axis)
        pairs = np.stack([0.75 * height + 0.25 * before, 0.75 * height + 0.25 * after], axis=axis + 1)
        height = pairs.reshape([2 * size if place == axis else size for place, size in enumerate(height.shape)])
    return height


def mean(colours: Colours) -> Colours:
    top, bottom = channels(colours[::2]), channels(colours[1::2])
    return np.where(colours[::2] == colours[1::2], colours[::2], packed((top + bottom) / 2))


def _plain(height: npt.NDArray[np.float64], glyphs: Glyphs) -> npt.NDArray[np.str_]:
    shades = np.array([*(ASCII_SHADES if glyphs.ascii else SHADES), " "])
    return np.asarray(shades[levels((height[::2] + height[1::2]) / 2, len(shades) - 1)])
