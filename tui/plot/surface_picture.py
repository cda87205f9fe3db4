"""The map itself, before anything is drawn upon it: shades, contour lines, basins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import SurfaceDrawn
from tui.descent_picture import Basins
from tui.drawing.basin_picture import basin_chars, basin_colours, basin_pixels
from tui.drawing.braille import scattered
from tui.drawing.contours import contour_pixels
from tui.drawing.map_window import MapWindow
from tui.drawing.palettes import LEVELS, Colours, blended, channels, packed, ramp
from tui.drawing.raster import Raster
from tui.drawing.relief import Relief, relief, sample

_SHADES = " ·░▒▓"
_ASCII = " .,:;"
_LINE, _MOST_LINES = 0.22, 0.2
"""How far a contour line differs from the map below it, and which share of it lines may cover."""


@dataclass(frozen=True, slots=True)
class MapLook:
    """How a map is drawn: its theme, the terminal's colour system, and what colours lie below and above it.

    `plain` is without colour: shades are characters then.
    """

    dark: bool = True
    system: str = "truecolor"
    background: int = 0x121212
    ink: int = 0xFFFFFF
    plain: bool = False
    ascii_only: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A drawn map: its cells, and for each the colour int32 [rows, columns] that stands for both of its pixels."""

    cells: Raster
    mean: Colours
    relief: Relief


def ground(surface: SurfaceDrawn, window: MapWindow, look: MapLook, basins: Basins | None = None) -> Ground:
    """Draw the surface in a window; with `basins`, coloured by the minimum that each place leads to."""
    z = sample(surface, window)
    scale = relief(z)
    height = scale.height(z)
    found = None if basins is None else basin_pixels(basins, window)
    cells = Raster(window.columns, window.rows)
    if look.plain or look.ascii_only:
        cells.chars[:] = _plain(height, look.ascii_only) if found is None else basin_chars(found)
        return Ground(cells, cells.back, scale)
    colours = _shaded(height, look) if found is None else basin_colours(found, look.dark, look.background)
    ground = Ground(half_blocks(colours), _mean(colours), scale)
    _lay_contours(ground, height, look)
    return ground


def contour_count(rows: int) -> int:
    """Into how many bands contour lines part the heights: about one in five pixels, so that they stay apart."""
    return min(max(rows // 3, 4), 16)


def half_blocks(colours: Colours) -> Raster:
    """Pixels int32 [2·rows, columns] as cells: the upper one in front of the lower."""
    cells = Raster(colours.shape[1], colours.shape[0] // 2)
    top, bottom = colours[::2], colours[1::2]
    cells.chars[:] = np.where(top == bottom, " ", "▀")
    cells.front[:] = top
    cells.back[:] = bottom
    return cells


def _shaded(height: npt.NDArray[np.float64], look: MapLook) -> Colours:
    table = np.append(ramp(look.dark, look.system), np.int32(look.background)).astype(np.int32)
    return np.asarray(table[_levels(height, LEVELS)])


def _levels(height: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.intp]:
    """Heights as numbers of levels, 0 to count - 1; `count` where there is no height."""
    known = np.isfinite(height)
    levels = np.minimum(np.nan_to_num(height) * count, count - 1).astype(np.intp)
    return np.where(known, levels, count)


def _lay_contours(ground: Ground, height: npt.NDArray[np.float64], look: MapLook) -> None:
    """Contour lines as dots, a little lighter than a dark map and a little darker than a light one."""
    cells = ground.cells
    rows, columns = np.nonzero(_contours(finer(height), cells.height))
    chars = scattered(rows, columns, cells.width, cells.height)
    touched = chars != "\u2800"
    cells.chars[touched] = chars[touched]
    cells.back[touched] = ground.mean[touched]
    end = 0xFFFFFF if look.dark else 0x000000
    cells.front[touched] = blended(ground.mean, end, _LINE)[touched]


def _contours(height: npt.NDArray[np.float64], rows: int) -> npt.NDArray[np.bool_]:
    """Contour lines, fewer of them where a surface is so rough that they would cover it."""
    count = contour_count(rows)
    lines = contour_pixels(height, count)
    while lines.mean() > _MOST_LINES and count > 3:
        count //= 2
        lines = contour_pixels(height, count)
    return lines


def finer(height: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A grid twice as fine each way, interpolated: what contour lines are drawn on."""
    for axis in (0, 1):
        before = np.take(height, [0, *range(height.shape[axis] - 1)], axis)
        after = np.take(height, [*range(1, height.shape[axis]), -1], axis)
        pairs = np.stack([0.75 * height + 0.25 * before, 0.75 * height + 0.25 * after], axis=axis + 1)
        height = pairs.reshape([2 * size if place == axis else size for place, size in enumerate(height.shape)])
    return height


def _mean(colours: Colours) -> Colours:
    top, bottom = channels(colours[::2]), channels(colours[1::2])
    return np.where(colours[::2] == colours[1::2], colours[::2], packed((top + bottom) / 2))


def _plain(height: npt.NDArray[np.float64], ascii_only: bool) -> npt.NDArray[np.str_]:
    shades = np.array([*(_ASCII if ascii_only else _SHADES), " "])
    return np.asarray(shades[_levels((height[::2] + height[1::2]) / 2, len(shades) - 1)])
