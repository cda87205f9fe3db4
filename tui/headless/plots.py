"""Curves, losses and paths as plots for a terminal, drawn by plotext; a block of lines each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.contours import contour_pixels, log_heights, resampled
from engine.events import Curve, FloatArray, SurfaceDrawn
from tui.plot import series_styles
from tui.text.clean import clean
from tui.text.glyphs import UNICODE, Glyphs

# In fewer columns a plot shows less than its numbers do.
LEAST_WIDTH = 40
MOST_WIDTH = 110

_GREY = 244
_LEVELS = 9

_BOX = str.maketrans("─│┌┐└┘├┤┬┴┼", "-|+++++++++")
_TRAILING = re.compile(r"[ ]+(?=(?:\x1b\[[0-9;]*m)*$)", re.MULTILINE)


@dataclass(frozen=True)
class TerminalLine:
    """One series: `y` over `x` float [n], named in the legend. `solid` joins points; else `every`-th have marks."""

    label: str
    x: FloatArray
    y: FloatArray
    slot: int = 0
    solid: bool = True
    every: int = 1

    @property
    def mark(self) -> str:
        """The character that distinguishes it from other series."""
        return series_styles.mark(self.slot)

    @property
    def colour(self) -> int:
        """Its number in the 256-colour palette."""
        return series_styles.PALETTE_256[self.slot % len(series_styles.PALETTE_256)]


@dataclass(frozen=True)
class Paper:
    """The output of plots: columns, colours or none, ASCII or any character."""

    width: int
    colours: bool = True
    glyphs: Glyphs = UNICODE

    @property
    def wide_enough(self) -> bool:
        """Whether there is room for a plot at all."""
        return self.width >= LEAST_WIDTH

    def spelled(self, text: str) -> str:
        """Convert `text` to the characters of the output, without any that a terminal would act on."""
        return self.glyphs.spelled(clean(text))


def curve_plot(curve: Curve, paper: Paper) -> str:
    """Plot a function and its gradient over x."""
    step = max(1, len(curve.x) // 40)
    lines = [
        TerminalLine(curve.label, curve.x, curve.y, 0),
        TerminalLine("gradient", curve.x, curve.gradient, 1, solid=False, every=step),
    ]
    return plot(lines, paper, curve.formula, rows=15)


def loss_plot(loss: FloatArray, first_step: int, paper: Paper) -> str:
    """Plot the loss of every step from `first_step` on, float [n], on a logarithmic axis: the mean of the steps in a
    column."""
    steps = np.arange(first_step, first_step + len(loss), dtype=np.float64)
    x, y = _thinned(steps, loss, 2 * paper.width)
    line = TerminalLine("train loss", x, y)
    return plot(
        [line],
        paper,
        "train loss by step",
        rows=14,
        log_y=bool((y > 0).all()),
        counted=(first_step, first_step + len(loss) - 1),
    )


def accuracy_plot(epochs: FloatArray, test: FloatArray, train: FloatArray, paper: Paper) -> str:
    """Plot test and train accuracy at each epoch's end."""
    lines = [
        TerminalLine("test accuracy", epochs, test, 0),
        TerminalLine("train accuracy", epochs, train, 1, solid=False),
    ]
    counted = (int(epochs[0]), int(epochs[-1]))
    return plot(lines, paper, "accuracy by epoch", rows=12, counted=counted)


def slope_plot(curve: Curve, labels: Sequence[str], paths: Sequence[FloatArray], paper: Paper) -> str:
    """Plot descents in one variable, `paths` float [k, 1], on the curve."""
    lines = [TerminalLine(curve.label, curve.x, curve.y)]
    for slot, (label, path) in enumerate(zip(labels, paths, strict=True), 1):
        x = path[:, 0]
        inside = (x >= curve.x[0]) & (x <= curve.x[-1])
        lines.append(TerminalLine(label, x[inside], np.interp(x[inside], curve.x, curve.y), slot, solid=False))
    return plot(lines, paper, curve.formula, rows=16)


def surface_plot(surface: SurfaceDrawn, labels: Sequence[str], paths: Sequence[FloatArray], paper: Paper) -> str:
    """Plot the surface's level lines, its minima, and the paths float [k, 2] on it."""
    width = min(paper.width, MOST_WIDTH)
    rows = max(12, round(width * 0.3))
    x, y = level_points(surface, (width - 8) * 2, (rows - 4) * 4)
    lines = [
        TerminalLine(label, path[:, 0], path[:, 1], slot, every=max(1, len(path) // 25))
        for slot, (label, path) in enumerate(zip(labels, (_inside(path, surface) for path in paths), strict=True))
    ]
    minima = np.array([minimum.point for minimum in surface.minima]).reshape(-1, 2)
    limits = (float(surface.x[0]), float(surface.x[-1]), float(surface.y[0]), float(surface.y[-1]))
    return plot(lines, paper, surface.formula, rows=rows, levels=(x, y), minima=minima, limits=limits)


def level_points(surface: SurfaceDrawn, columns: int, rows: int) -> tuple[FloatArray, FloatArray]:
    """The points on the surface's level lines, on a grid of `columns` by `rows`: x [n] and y [n].

    The levels are evenly spaced on a logarithmic scale above the lowest value, so basins are visible as well as walls.
    """
    x = np.linspace(surface.x[0], surface.x[-1], columns)
    y = np.linspace(surface.y[0], surface.y[-1], rows)
    heights = log_heights(resampled(surface.z, rows, columns))
    at_row, at_column = np.nonzero(contour_pixels(heights, _LEVELS))
    return x[at_column], y[at_row]


def plot(
    lines: Sequence[TerminalLine],
    paper: Paper,
    title: str,
    *,
    rows: int,
    log_y: bool = False,
    levels: tuple[FloatArray, FloatArray] | None = None,
    minima: FloatArray | None = None,
    limits: tuple[float, float, float, float] | None = None,
    counted: tuple[int, int] | None = None,
) -> str:
    """Draw lines on one pair of axes, with the legend below. Points that are not finite are gaps.

    `levels` are points [n] of level lines to draw below the lines, `minima` places [m, 2] to mark; `limits` are the
    least and greatest x, then y. With `counted`, x are whole numbers from its first to its last.
    """
    import plotext

    figure = plotext.figure
    figure.clear()
    plotext.terminal.limit(False, False)
    figure.plot_size(min(paper.width, MOST_WIDTH), rows)
    figure.theme("colorless")
    figure.title(paper.spelled(title))
    if log_y:
        figure.ruler("y", 0).scale("log")
    if limits is not None:
        figure.ruler("x", 0).lim(*limits[:2])
        figure.ruler("y", 0).lim(*limits[2:])
    if counted is not None:
        ticks = sorted({round(float(tick)) for tick in np.linspace(*counted, 6)})
        figure.ruler("x", 0).ticks(ticks, [f"{tick:,}" for tick in ticks])
    legend: list[tuple[str, str, int | None]] = [(line.label, line.mark, line.colour) for line in lines]
    if levels is not None and not paper.glyphs.ascii:
        _draw(figure, paper, levels[0], levels[1], "braille", _GREY, joined=False)
    if minima is not None and len(minima):
        _draw(figure, paper, minima[:, 0], minima[:, 1], "X", None, joined=False)
        legend.append(("minima", "X", None))
    for line in lines:
        if line.solid and not paper.glyphs.ascii:
            _draw(figure, paper, line.x, line.y, "braille", line.colour, joined=True)
            if len(lines) == 1 and levels is None:
                continue
        every = max(line.every, len(line.x) // 25) if line.solid else line.every
        _draw(figure, paper, line.x[::every], line.y[::every], line.mark, line.colour, joined=False)
    text: str = figure.build().string(colorless=not paper.colours)
    text = _TRAILING.sub("", text.translate(_BOX) if paper.glyphs.ascii else text).rstrip("\n")
    return text + "\n" + _legend(legend, paper) if len(legend) > 1 else text


def _draw(
    figure: Any, paper: Paper, x: FloatArray, y: FloatArray, symbol: str, colour: int | None, *, joined: bool
) -> None:
    import plotext

    finite = np.isfinite(x) & np.isfinite(y)
    if not finite.any():
        return
    pixel = plotext.pixel(foreground=colour) if colour is not None and paper.colours else plotext.pixel()
    signal = figure.signal(x[finite].tolist(), y[finite].tolist(), marker=plotext.marker(symbol, pixel))
    if joined:
        signal.lines(True)
        for gap in np.flatnonzero(np.diff(np.flatnonzero(finite)) > 1):
            signal.line(int(gap) + 1, False)
    figure.draw(signal)


def _legend(entries: Sequence[tuple[str, str, int | None]], paper: Paper) -> str:
    """The mark and label of each series, as many per line as fit."""
    rows: list[list[str]] = [[]]
    used = 0
    for label, mark, colour in entries:
        text = paper.spelled(label)[: paper.width - 4]
        if used and used + len(text) + 4 > paper.width:
            rows.append([])
            used = 0
        used += len(text) + 4
        shown = mark if colour is None or not paper.colours else f"\x1b[38;5;{colour}m{mark}\x1b[0m"
        rows[-1].append(f"  {shown} {text}")
    return "\n".join("".join(row) for row in rows)


def _inside(path: FloatArray, surface: SurfaceDrawn) -> FloatArray:
    """The path with NaN where it is outside the surface's domain."""
    x, y = path[:, 0], path[:, 1]
    out = (x < surface.x[0]) | (x > surface.x[-1]) | (y < surface.y[0]) | (y > surface.y[-1])
    return np.where(out[:, None], np.nan, path)


def _thinned(x: FloatArray, y: FloatArray, most: int) -> tuple[FloatArray, FloatArray]:
    """Reduce to at most `most` points by averaging neighbours."""
    size = -(-len(x) // most)
    if size <= 1:
        return x, y
    edges = np.arange(0, len(x), size)
    counts = np.diff([*edges, len(x)])
    return np.add.reduceat(x, edges) / counts, np.add.reduceat(y.astype(np.float64), edges) / counts
