"""Basins on a map: each point in the colour of the minimum that a descent from there reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.descent.basins import DIVERGED, NOWHERE, Basins
from engine.events import IntArray
from tui.plot.map_window import MapWindow
from tui.plot.palettes import Colours, basin_hues, blended, few_basin_hues

NAMES = "123456789abcdefghijklmnopqrstuvwxyz"
"""The names of basins without colour, and of their minima wherever basins are shown."""
_SHADES = 8
_FAR = 0.95
"""The share of points whose steps get different shades; the slowest few get the last one."""


@dataclass(frozen=True, slots=True, eq=False)
class BasinPixels:
    """For each pixel, intp [2·rows, columns]: the minimum reached, NOWHERE or DIVERGED, and how soon, in _SHADES."""

    reached: IntArray
    shade: IntArray


def basin_pixels(basins: Basins, window: MapWindow) -> BasinPixels:
    """The basins at a window's pixels, from the nearest start; NOWHERE beyond the edges of the computed grid."""
    return basin_pixels_at(basins, *np.meshgrid(*window.pixels()))


def basin_pixels_at(basins: Basins, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> BasinPixels:
    """The basins at pixels that show the points `x` and `y` [h, w], NaN for a pixel that shows none."""
    columns, rows = (_nearest(axis, at) for axis, at in ((basins.x, x), (basins.y, y)))
    grid = np.maximum(rows, 0), np.maximum(columns, 0)
    known = (rows >= 0) & (columns >= 0)
    reached = np.where(known, basins.reached[grid], NOWHERE)
    arrived = basins.steps[basins.reached >= 0]
    far = float(np.quantile(arrived, _FAR)) if arrived.size else 1.0
    shade = np.clip(basins.steps[grid] / max(far, 1.0) * _SHADES, 0, _SHADES - 1).astype(np.intp)
    return BasinPixels(reached.astype(np.intp), shade)


def _nearest(axis: npt.NDArray[np.floating], at: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The index of the nearest number of an evenly spaced axis; -1 if that is more than half a step away."""
    step = float(axis[-1] - axis[0]) / max(len(axis) - 1, 1) or 1.0
    place = (at - float(axis[0])) / step
    index = np.rint(np.nan_to_num(place, nan=-1.0)).astype(np.intp)
    return np.where((place >= -0.5) & (place <= len(axis) - 0.5), np.clip(index, 0, len(axis) - 1), -1)


def basin_colours(pixels: BasinPixels, dark: bool, background: int, system: str = "truecolor") -> Colours:
    """The pixels' colours: one hue per minimum, stronger where it is reached sooner if the terminal's colour system has
    all colours; grey for DIVERGED, empty for NOWHERE."""
    end = 0x000000 if dark else 0xFFFFFF
    parts = np.linspace(0.42, 0.74, _SHADES) if dark else np.linspace(0.45, 0.78, _SHADES)
    hues, few = basin_hues(dark), few_basin_hues(dark, system)
    table = np.stack([blended(hues, end, float(part)) if few is None else few for part in parts])
    colours = table[pixels.shade, pixels.reached % len(hues)]
    colours = np.where(pixels.reached == NOWHERE, np.int32(background), colours)
    return np.where(pixels.reached == DIVERGED, np.int32(0x3A3A3A if dark else 0xC4C4C4), colours)


def basin_chars(pixels: BasinPixels) -> npt.NDArray[np.str_]:
    """The basins without colour, '<U1' [rows, columns]: the minimum's name, `-` where a descent diverges."""
    names = np.array([*NAMES])
    reached = pixels.reached[::2]
    chars = names[np.maximum(reached, 0) % len(names)]
    chars = np.where(reached == NOWHERE, " ", chars)
    return np.asarray(np.where(reached == DIVERGED, "-", chars))


def basin_at(basins: Basins | None, x: float, y: float) -> str:
    """Describe the end of a descent from a point; empty if it is not known."""
    if basins is None:
        return ""
    column, row = _nearest(basins.x, np.array([x]))[0], _nearest(basins.y, np.array([y]))[0]
    if column < 0 or row < 0:
        return ""
    reached, steps = int(basins.reached[row, column]), int(basins.steps[row, column])
    if reached == DIVERGED:
        return f"diverges at step {steps:,}"
    if reached == NOWHERE:
        return "reaches no minimum"
    return f"reaches {NAMES[reached % len(NAMES)]} {basins.minima[reached].label} at step {steps:,}"
