"""Histograms of a log over their steps, and the one at the cursor in full."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style

from engine.event_values import LoggedHistogram
from tui.drawing import heat_strip
from tui.drawing.cells import Cells
from tui.drawing.line_plot import Frame, Look, draw, frame
from tui.drawing.palettes import ramp
from tui.drawing.scale import Scale
from tui.widgets.step_view import StepView
from tui.widgets.surface_map import color_system
from tui.words import number

_SIDE = 22
_WIDE = 64
"""Cells from which on the histogram at the cursor stands beside the strip."""
_LEVELS = 12
_SHADES = " ░▒▓█"
_ASCII = " .:-=+*#%@"
_EIGHTHS = " ▏▎▍▌▋▊▉█"

Float64 = npt.NDArray[np.float64]


class HistogramPlot(StepView):
    """A column a step, bright where much of the tensor lies; the arrow keys choose the step that is told in full."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"drawn--bar"}
    DEFAULT_CSS = "HistogramPlot > .drawn--bar { color: $primary; }"

    def tracks_changed(self, *, moved: bool) -> None:
        self._canvas.changed(now=moved and self.index != -1)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        entry = self.shown
        said: list[str] = []
        if self.track is not None and isinstance(entry, LoggedHistogram):
            said = _words(entry)
            wide = width >= _WIDE
            entries: tuple[LoggedHistogram, ...] = tuple(self.track.entries)
            plot = self._plot(entries, width - (_SIDE + 1 if wide else 0), height - 1)
            cells.paste(0, 1, self._strip(plot, entries))
            if wide:
                cells.paste(width - _SIDE, 1, self._side(plot, entry))
        cells.paste(0, 0, self.header(width, said))
        return cells

    def _plot(self, entries: tuple[LoggedHistogram, ...], width: int, height: int) -> Frame:
        low, high = heat_strip.reach([entry.step for entry in entries])
        low = 0.0 if -0.5 <= low <= high / 2 else low
        steps = Scale(low, max(high, low + 1))
        values = heat_strip.value_scale([entry.bins for entry in entries])
        return frame(width, height, steps, values, ascii_only=self._ascii_only)

    def _strip(self, plot: Frame, entries: tuple[LoggedHistogram, ...]) -> Cells:
        axis, tick, cursor = (self._part(part) for part in ("axis", "tick", "cursor"))
        cells = draw(plot, (), Look(axis, tick, cursor, tick, self._ascii_only))
        inked = self._ascii_only or self.app.no_color
        steps = [entry.step for entry in entries]
        shown = heat_strip.columns_of(steps, plot.x, plot.columns)
        known: dict[int, Float64] = {}
        here = plot.column(steps[self.place])
        for x, place in enumerate(shown.tolist()):
            if place < 0:
                continue
            if place not in known:
                rows = plot.rows if inked else 2 * plot.rows
                known[place] = np.sqrt(heat_strip.density(entries[place].bins, plot.y, rows))
            self._column(cells, plot.left + x, known[place], inked, marked=x == here)
        if here < plot.columns:
            cells.put(plot.left + here, plot.rows, "^" if self._ascii_only else "▲", cursor)
        return cells

    def _column(self, cells: Cells, x: int, levels: Float64, inked: bool, *, marked: bool) -> None:
        if inked:
            shades = _ASCII if self._ascii_only else _SHADES
            for y, level in enumerate(np.ceil(levels * (len(shades) - 1)).astype(int).tolist()):
                cells.put(x, y, shades[level], self._part("cursor" if marked else "tick"))
            return
        colours = ramp(self.app.current_theme.dark, color_system(self.app), _LEVELS)
        places = np.ceil(levels * (len(colours) - 1)).astype(int).tolist()
        for y in range(len(places) // 2):
            top, bottom = places[2 * y], places[2 * y + 1]
            if top or bottom:
                style = Style(color=_colour(int(colours[top])), bgcolor=_colour(int(colours[bottom])))
                cells.put(x, y, "▀", style)

    def _side(self, plot: Frame, entry: LoggedHistogram) -> Cells:
        """The histogram at the cursor as bars along the strip's own axis of values."""
        cells = Cells(_SIDE, plot.height)
        levels = heat_strip.density(entry.bins, plot.y, max(plot.rows, 1))
        for y, level in enumerate(levels.tolist()):
            cells.put(0, y, _bar(level * _SIDE, ascii_only=self._ascii_only), self._part("bar"))
        found = heat_strip.summary(entry.bins)
        if found is not None and plot.rows + 1 < plot.height:
            cells.put(0, plot.rows, f"median {number(found.median)}", self._part("tick"))
            middle = f"50% {number(found.lower)} to {number(found.upper)}"
            cells.put(0, plot.rows + 1, middle[:_SIDE], self._part("tick"))
        return cells


def _words(entry: LoggedHistogram) -> list[str]:
    found = heat_strip.summary(entry.bins)
    if found is None:
        return ["empty"]
    return [f"{number(found.least)} to {number(found.most)}", f"{found.count:,.0f} values"]


def _bar(length: float, *, ascii_only: bool) -> str:
    if ascii_only:
        return "#" * round(length)
    whole, rest = divmod(round(length * 8), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _colour(code: int) -> Color:
    return Color.from_rgb(code >> 16, code >> 8 & 255, code & 255)
