"""The map itself, before anything is drawn upon it: shades, contour lines, basins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import SurfaceDrawn
from tui.descent_picture import Basins
from tui.drawing.braille import scattered
from tui.drawing.contours import contour_pixels
from tui.drawing.map_window import MapWindow
from tui.drawing.palettes import LEVELS, Colours, basin_hues, blended, channels, packed, ramp
from tui.drawing.raster import Raster
from tui.drawing.relief import Relief, relief, sample

_SHADES = " ·░▒▓"
_ASCII = " .,:;"
BASIN_NAMES = "123456789abcdefghijklmnopqrstuvwxyz"
"""What names a basin where there is no colour, and its minimum where basins are shown."""
_LINE = 0.22
_BASIN_STEPS = 6
"""Shades of one basin by height: a hint of the surface below the colours."""


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
    numbers = None if basins is None else basin_pixels(basins, window)
    cells = Raster(window.columns, window.rows)
    if look.plain or look.ascii_only:
        cells.chars[:] = _plain(height, numbers, look.ascii_only)
        return Ground(cells, cells.back, scale)
    colours = _shaded(height, look) if numbers is None else _by_basin(height, numbers, look)
    ground = Ground(half_blocks(colours), _mean(colours), scale)
    _lay_contours(ground, height, look)
    return ground


def contour_count(rows: int) -> int:
    """Into how many bands contour lines part the heights: about one in five pixels, so that they stay apart."""
    return min(max(rows // 3, 4), 16)


def basin_pixels(basins: Basins, window: MapWindow) -> npt.NDArray[np.intp]:
    """Which minimum each pixel leads to, intp [2·rows, columns]; -1 for none and for what lies outside."""
    indices, known = [], []
    for pixels, (low, high), count in zip(
        window.pixels(), (basins.x_range, basins.y_range), basins.labels.shape[::-1], strict=True
    ):
        place = (pixels - low) / (high - low) * (count - 1)
        known.append((place >= -0.5) & (place <= count - 0.5))
        indices.append(np.clip(np.rint(place), 0, count - 1).astype(np.intp))
    labels = basins.labels[np.ix_(indices[1], indices[0])]
    return np.where(known[1][:, None] & known[0][None, :], labels, -1).astype(np.intp)


def basin_at(basins: Basins | None, x: float, y: float) -> str:
    """The minimum that a descent from a point leads to, by its label; empty where that is not known."""
    if basins is None:
        return ""
    found = int(basin_pixels(basins, MapWindow(x, y + 0.0, 1e-12, 1, 1))[0, 0])
    return basins.minima[found].label if 0 <= found < len(basins.minima) else ""


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


def _by_basin(height: npt.NDArray[np.float64], numbers: npt.NDArray[np.intp], look: MapLook) -> Colours:
    hues = basin_hues(look.dark)
    parts = np.linspace(0.72, 0.42, _BASIN_STEPS) if look.dark else np.linspace(0.50, 0.78, _BASIN_STEPS)
    end = 0x000000 if look.dark else 0xFFFFFF
    table = np.stack([blended(hues, end, float(part)) for part in parts])
    table = np.concatenate([table, table[-1:]])
    found = table[_levels(height, _BASIN_STEPS), numbers % len(hues)]
    return np.where(numbers < 0, np.int32(look.background), found)


def _lay_contours(ground: Ground, height: npt.NDArray[np.float64], look: MapLook) -> None:
    """Contour lines as dots, a little lighter than a dark map and a little darker than a light one."""
    cells = ground.cells
    rows, columns = np.nonzero(contour_pixels(finer(height), contour_count(cells.height)))
    chars = scattered(rows, columns, cells.width, cells.height)
    touched = chars != "\u2800"
    cells.chars[touched] = chars[touched]
    cells.back[touched] = ground.mean[touched]
    end = 0xFFFFFF if look.dark else 0x000000
    cells.front[touched] = blended(ground.mean, end, _LINE)[touched]


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


def _plain(
    height: npt.NDArray[np.float64], numbers: npt.NDArray[np.intp] | None, ascii_only: bool
) -> npt.NDArray[np.str_]:
    if numbers is not None:
        names = np.array([*BASIN_NAMES, " "])
        return np.asarray(names[np.where(numbers[::2] < 0, len(BASIN_NAMES), numbers[::2] % len(BASIN_NAMES))])
    shades = np.array([*(_ASCII if ascii_only else _SHADES), " "])
    cell = (height[::2] + height[1::2]) / 2
    return np.asarray(shades[_levels(cell, len(shades) - 1)])
