"""Basins on a map: each place in the colour of the minimum that a descent from there reaches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.basins import DIVERGED, NOWHERE
from engine.events import IntArray
from tui.descent_picture import Basins
from tui.drawing.map_window import MapWindow
from tui.drawing.palettes import Colours, basin_hues, blended

NAMES = "123456789abcdefghijklmnopqrstuvwxyz"
"""What names a basin where there is no colour, and its minimum wherever basins are shown."""
_SHADES = 8
_FAR = 0.95
"""The share of places whose steps the shades tell apart; the slowest few are one."""


@dataclass(frozen=True, slots=True, eq=False)
class BasinPixels:
    """For each pixel intp [2·rows, columns]: the minimum reached, NOWHERE or DIVERGED, and how soon, in _SHADES."""

    reached: IntArray
    shade: IntArray


def basin_pixels(basins: Basins, window: MapWindow) -> BasinPixels:
    """The basins at a window's pixels, from the nearest start there is; NOWHERE beyond the edges of what is known."""
    columns, rows = (_nearest(axis, at) for axis, at in zip((basins.x, basins.y), window.pixels(), strict=True))
    grid = np.ix_(np.maximum(rows, 0), np.maximum(columns, 0))
    known = (rows >= 0)[:, None] & (columns >= 0)
    reached = np.where(known, basins.reached[grid], NOWHERE)
    arrived = basins.steps[basins.reached >= 0]
    far = float(np.quantile(arrived, _FAR)) if arrived.size else 1.0
    shade = np.clip(basins.steps[grid] / max(far, 1.0) * _SHADES, 0, _SHADES - 1).astype(np.intp)
    return BasinPixels(reached.astype(np.intp), shade)


def _nearest(axis: npt.NDArray[np.floating], at: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The index of the nearest number of an evenly spaced axis; -1 where that is more than half a step away."""
    step = float(axis[-1] - axis[0]) / max(len(axis) - 1, 1) or 1.0
    place = (at - float(axis[0])) / step
    index = np.rint(place).astype(np.intp)
    return np.where((place >= -0.5) & (place <= len(axis) - 0.5), np.clip(index, 0, len(axis) - 1), -1)


def basin_colours(pixels: BasinPixels, dark: bool, background: int) -> Colours:
    """A hue a minimum, the stronger the sooner it is reached; grey where a descent diverges, empty where it is lost."""
    end = 0x000000 if dark else 0xFFFFFF
    parts = np.linspace(0.42, 0.74, _SHADES) if dark else np.linspace(0.45, 0.78, _SHADES)
    hues = basin_hues(dark)
    table = np.stack([blended(hues, end, float(part)) for part in parts])
    colours = table[pixels.shade, pixels.reached % len(hues)]
    colours = np.where(pixels.reached == NOWHERE, np.int32(background), colours)
    return np.where(pixels.reached == DIVERGED, np.int32(0x3A3A3A if dark else 0xC4C4C4), colours)


def basin_chars(pixels: BasinPixels) -> npt.NDArray[np.str_]:
    """The same without colour, '<U1' [rows, columns]: the minimum's name, `-` where a descent diverges."""
    names = np.array([*NAMES])
    reached = pixels.reached[::2]
    chars = names[np.maximum(reached, 0) % len(names)]
    chars = np.where(reached == NOWHERE, " ", chars)
    return np.asarray(np.where(reached == DIVERGED, "-", chars))


def basin_at(basins: Basins | None, x: float, y: float) -> str:
    """What becomes of a descent from a point, in a few words; empty where that is not known."""
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
