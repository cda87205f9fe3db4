"""Many small plots side by side: their layout, and the drawing of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.style import Style

from tui.plot.cells import Cells
from tui.plot.line_plot import Look, draw, frame
from tui.plot.series_picture import Ink, broken_places, lines, step_scale, value_scale
from tui.plot.smoothed_series import SmoothedSeries
from tui.text.fit import cut
from tui.text.words import number

_LEAST_WIDTH, _LEAST_HEIGHT = 25, 8
_BEST_WIDTH, _BEST_HEIGHT = 40, 11
_GAP = 2


@dataclass(frozen=True, slots=True)
class PlotLayout:
    """`across` by `down` plots of `width` by `height` cells each, a gap of two cells between columns."""

    across: int
    down: int
    width: int
    height: int

    @property
    def count(self) -> int:
        """The number of plots in the layout."""
        return self.across * self.down

    def place(self, number: int) -> tuple[int, int]:
        """The upper left cell of plot `number`."""
        return number % self.across * (self.width + _GAP), number // self.across * self.height


def laid_out(width: int, height: int, count: int) -> PlotLayout:
    """A layout for `count` plots: as large as all fit, but not too small to read."""
    across_most = max((width + _GAP) // (_LEAST_WIDTH + _GAP), 1)
    down_most = max(height // _LEAST_HEIGHT, 1)
    best = (across_most, down_most)
    choices = [(a, -(-count // a)) for a in range(1, min(across_most, max(count, 1)) + 1) if a * down_most >= count > 0]
    if choices:
        best = min(choices, key=lambda choice: _distance(width, height, *choice))
    across, down = best
    return PlotLayout(across, down, (width - (across - 1) * _GAP) // across, height // down)


def _distance(width: int, height: int, across: int, down: int) -> float:
    """Measure how far plots are from the best shape; at the best shape more plots count as further."""
    wide, high = (width - (across - 1) * _GAP) / across, height / down
    return abs(wide / high - _BEST_WIDTH / _BEST_HEIGHT) + 2.0 * across * down / 10


def small_plot(
    width: int,
    height: int,
    title: str,
    curves: Sequence[SmoothedSeries],
    inks: Sequence[Ink],
    title_style: Style,
    look: Look,
) -> Cells:
    """Draw one plot with its name and its newest value above."""
    cells = Cells(width, height)
    series = [curve.series for curve in curves]
    newest = number(float(series[0].values[-1])) if series and len(series[0]) else ""
    room = width - len(newest) - 3
    cells.put(0, 0, f" {cut(title, max(room, 4), look.glyphs.more)} ", title_style)
    cells.put(width - len(newest), 0, newest, look.tick)
    steps = step_scale(series)
    values = value_scale(curves, steps, [ink.raw is not None for ink in inks])
    plot = frame(width, height - 1, steps, values, glyphs=look.glyphs)
    bad = broken_places(curves[0], plot) if curves else None
    cells.paste(0, 1, draw(plot, lines(curves, inks, plot), look, bad=bad))
    return cells
