"""Histograms over the steps as ridge lines: one profile per step, the newest in front, each hiding what is behind
it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.events import FloatArray
from tui.plot import heat_strip
from tui.plot.braille import BLANK, braille
from tui.plot.cells import Cells
from tui.plot.line_plot import Frame, Look, draw_x_axis
from tui.plot.scale import Scale

Dots = npt.NDArray[np.bool_]

_ROWS_APART = 2
"""Rows of cells from one ridge to the next: closer ones could not be distinguished."""
_HIGH = 3.0
"""The height of a ridge, in distances between two of them."""
_SMOOTH = np.array([1.0, 2.0, 1.0]) / 4


@dataclass(frozen=True, slots=True)
class Ridge:
    """A profile: the index of its histogram, the row of cells of its base line, and its outline in dots."""

    place: int
    row: int
    dots: Dots


def chosen_places(count: int, rows: int, marked: int) -> list[int]:
    """Choose which of `count` histograms are drawn in `rows` rows of cells: evenly spaced, including the last and
    `marked`."""
    most = max((rows - 1) // _ROWS_APART, 1)
    places = sorted({round(place) for place in np.linspace(0, count - 1, min(most, count)).tolist()} | {count - 1})
    if marked not in places:
        nearest = min(range(len(places)), key=lambda number: abs(places[number] - marked))
        places[nearest] = marked
    return sorted(set(places))


def ridges(histograms: Sequence[FloatArray], places: Sequence[int], plot: Frame) -> list[Ridge]:
    """The profiles of these histograms along the plot's axis of values, the oldest at the top. All have the same scale,
    in which the fullest part of all has the full height."""
    wide, high = plot.dots
    if not places or not wide or not high:
        return []
    masses = [_profile(histograms[place], plot.x, wide) for place in places]
    greatest = max((float(mass.max()) for mass in masses), default=0.0) or 1.0
    per_row = high // max(plot.rows, 1)
    apart = (plot.rows - 1) / len(places)
    tallest = min(_HIGH * apart, plot.rows - 1) * per_row
    hidden = np.zeros((high, wide), bool)
    found: list[Ridge] = []
    down = np.arange(high)[:, None]
    for number in range(len(places) - 1, -1, -1):  # from the front: a ridge hides those drawn later
        row = plot.rows - 1 - round((len(places) - 1 - number) * apart)
        base = min((row + 1) * per_row - 1, high - 1)
        top = np.clip(np.rint(base - masses[number] / greatest * tallest), 0, base).astype(np.intp)
        found.append(Ridge(places[number], row, _outline(top, high) & ~hidden))
        hidden |= (down >= top[None, :]) & (down <= base)
    return found


def draw_ridges(plot: Frame, found: Sequence[Ridge], labels: Sequence[str], marked: int, look: Look) -> Cells:
    """Draw the ridges on their axis of values, that of the histogram `marked` in the cursor's style; `labels` [ridge]
    are written at the left, where the plot leaves room."""
    cells = Cells(plot.width, plot.height)
    draw_x_axis(cells, plot, look)
    for ridge, label in zip(reversed(found), reversed(labels), strict=True):
        style = look.cursor if ridge.place == marked else look.axis
        chars = np.where(ridge.dots, "*", BLANK) if plot.glyphs.ascii else braille(ridge.dots)
        cells.fill(chars != BLANK, chars, style, plot.left)
        cells.put(0, ridge.row, label.rjust(plot.left - 1)[: max(plot.left - 1, 0)], style)
    return cells


def _profile(bins: FloatArray, scale: Scale, columns: int) -> npt.NDArray[np.float64]:
    """The share of a histogram in each column, lightly smoothed."""
    mass = heat_strip.density(bins, scale, columns)[::-1]
    total = float(mass.sum())
    padded = np.pad(mass / total if total else mass, 1, mode="edge")
    return np.convolve(padded, _SMOOTH, mode="valid")


def _outline(top: npt.NDArray[np.intp], high: int) -> Dots:
    """The dots of a line through `top` [columns], without gaps."""
    before = np.concatenate([top[:1], top[:-1]])
    first, last = np.minimum(top, before), np.maximum(top, before)
    down = np.arange(high)[:, None]
    return np.asarray((down >= first[None, :]) & (down <= last[None, :]))
