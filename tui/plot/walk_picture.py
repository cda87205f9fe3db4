"""The pictures of the first five minutes: a curve with a ball, and a map with four minima."""

from __future__ import annotations

import numpy as np
from rich.style import Style

from engine.events import FloatArray, IntArray
from tui.model.walk import FAST, HIMMELBLAU, PLACE, RATES, SLOW, START, WELL, Walk, basins, surface_path, well_path
from tui.plot.braille import braille, trace
from tui.plot.cells import NO_STYLE, Cells
from tui.text.glyphs import UNICODE, Glyphs

_SHADES = np.array(list(" ·:-=+*#"))
_PLAIN_SHADES = np.array(list(" .:-=+*#"))
_BASINS = np.array(list(" 1234"))
_HIGHEST = 300.0


def walk_cells(
    walk: Walk, width: int, height: int, line: Style = NO_STYLE, ball: Style = NO_STYLE, *, glyphs: Glyphs = UNICODE
) -> Cells:
    """Draw the picture of the walk's present moment, in `width` by `height` cells."""
    if walk.stage in ("slope", "steps", "rate", "code"):
        return _curve(walk, width, height, line, ball, glyphs)
    return _map(walk, width, height, line, ball, glyphs)


def _curve(walk: Walk, width: int, height: int, line: Style, ball: Style, glyphs: Glyphs) -> Cells:
    cells = Cells(width, height)
    low, high = WELL.x_range
    x = np.linspace(low, high, 4 * width)
    y = np.asarray(WELL.f(x, np), np.float64)
    bottom, top = float(y.min()) - 0.5, float(WELL.f(np.array(START), np)) + 2.0
    columns, rows = 2 * width, 4 * height

    def place(px: float) -> tuple[int, int]:
        py = float(WELL.f(np.array(px), np))
        return int((px - low) / (high - low) * (width - 1)), int((top - py) / (top - bottom) * (height - 1))

    dots = trace((x - low) / (high - low) * (columns - 1), (top - y) / (top - bottom) * (rows - 1), columns, rows)
    if glyphs.ascii:
        filled = np.asarray(dots.reshape(height, 4, width, 2).any(axis=(1, 3)), np.bool_)
        cells.fill(filled, np.where(filled, "*", " "), line)
    else:
        cells.fill(np.ones((height, width), np.bool_), braille(dots), line)
    path = well_path(RATES[walk.rate])[: walk.step + 1]
    for n, px in enumerate(path):
        if low <= px <= high:
            column, row = place(px)
            if 0 <= row < height:
                cells.put(column, row, _ball(n == len(path) - 1, glyphs), ball)
    return cells


def _map(walk: Walk, width: int, height: int, line: Style, ball: Style, glyphs: Glyphs) -> Cells:
    cells = Cells(width, height)
    _, _, z = HIMMELBLAU.grid(width, height)
    level = np.clip(np.log1p(z) / np.log1p(_HIGHEST), 0.0, 1.0)[::-1]
    shades = _PLAIN_SHADES if glyphs.ascii else _SHADES
    chars = _BASINS[basins(FAST, width, height)] if walk.basins else shades[_indices(level, len(shades))]
    cells.fill(np.ones_like(level, np.bool_), chars, line)

    def put(point: tuple[float, float], text: str) -> None:
        (left, right), (low, high) = HIMMELBLAU.x_range, HIMMELBLAU.y_range
        column = round((point[0] - left) / (right - left) * (width - 1))
        row = round((high - point[1]) / (high - low) * (height - 1))
        if 0 <= column < width and 0 <= row < height:
            cells.put(column, row, text, ball)

    shown = walk.step if walk.stage == "shown" else 0 if walk.stage == "minimum" else None
    path = surface_path(FAST if walk.stage in ("why", "end") else SLOW)[: None if shown is None else shown + 1]
    for x, y in path[:-1]:
        put((float(x), float(y)), "." if glyphs.ascii else "∙")
    for number, minimum in enumerate(HIMMELBLAU.minima, 1):
        put((minimum.point[0], minimum.point[1]), str(number))
    if shown is not None:
        x, y = path[-1] if len(path) else PLACE
        put((float(x), float(y)), _ball(True, glyphs))
    return cells


def _indices(level: FloatArray, count: int) -> IntArray:
    """The index of each level's shade, of `count` shades."""
    return np.asarray(np.rint(level * (count - 1)), np.intp)


def _ball(newest: bool, glyphs: Glyphs) -> str:
    return glyphs.ball if newest else "o" if glyphs.ascii else "∘"
