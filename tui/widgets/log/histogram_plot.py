"""Histograms of a log over their steps, and the one at the cursor in full."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from rich.color import Color
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.log.event_values import LoggedHistogram
from tui.plot import heat_strip, ridges
from tui.plot.cells import Cells
from tui.plot.line_plot import Frame, Look, draw, frame
from tui.plot.palettes import ramp
from tui.plot.scale import Scale
from tui.text.glyphs import Glyphs
from tui.text.words import number
from tui.widgets.descent.surface_map import color_system
from tui.widgets.log.step_view import StepView

_SIDE = 22
_WIDE = 64
"""The width in cells from which the histogram at the cursor is beside the strip."""
_LEVELS = 12
_SHADES = " ░▒▓█"
_ASCII = " .:-=+*#%@"
_EIGHTHS = " ▏▎▍▌▋▊▉█"

Float64 = npt.NDArray[np.float64]


class HistogramPlot(StepView):
    """One column per step, bright where the density is high; or one ridge line per step, the newest in front. The arrow
    keys choose the step that is shown in full."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("h", "toggle_ridges", "Heat or ridges")]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"cell--bar"}
    DEFAULT_CSS = "HistogramPlot > .cell--bar { color: $primary; }"

    as_ridges = reactive(False)
    """Whether steps are drawn as ridge lines instead of heat columns."""

    def action_toggle_ridges(self) -> None:
        """Draw heat columns, or ridge lines."""
        self.as_ridges = not self.as_ridges

    def watch_as_ridges(self) -> None:
        self._canvas.changed()

    def tracks_changed(self, *, moved: bool) -> None:
        self._canvas.changed(now=moved and self.index != -1)

    # --- drawing ------------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        cells = Cells(width, height)
        entry = self.shown
        said: list[str] = []
        if self.track is not None and isinstance(entry, LoggedHistogram):
            said = histogram_words(entry)
            entries: tuple[LoggedHistogram, ...] = tuple(self.track.entries)
            if self.as_ridges:
                cells.paste(0, 1, self._ridges(entries, width, height - 1))
            else:
                self._draw_heat(cells, entries, entry)
        cells.paste(0, 0, self.header(width, said))
        return cells

    def _draw_heat(self, cells: Cells, entries: tuple[LoggedHistogram, ...], entry: LoggedHistogram) -> None:
        wide = cells.width >= _WIDE
        plot = self._plot(entries, cells.width - (_SIDE + 1 if wide else 0), cells.height - 1)
        cells.paste(0, 1, self._strip(plot, entries))
        if wide:
            cells.paste(cells.width - _SIDE, 1, self._side(plot, entry))

    def _ridges(self, entries: tuple[LoggedHistogram, ...], width: int, height: int) -> Cells:
        bins = [entry.bins for entry in entries]
        places = ridges.chosen_places(len(entries), max(height - 2, 1), self.place)
        labels = [f"{entries[place].step:,}" for place in places]
        left = max(map(len, labels)) + 1
        # The steps stand where a plot has its axis of values.
        axis = frame(width, max(height, 1), heat_strip.value_scale(bins), Scale(0.0, 1.0), glyphs=self._glyphs)
        plot = replace(axis, left=left, columns=max(width - left, 0), rows=max(height - 2, 0))
        tick, bad = self._part("tick"), self._part("bad")
        look = Look(tick, tick, self._part("cursor"), bad, self._glyphs)
        found = ridges.ridges(bins, places, plot)
        shown = [f"{entries[ridge.place].step:,}" for ridge in found]
        return ridges.draw_ridges(plot, found, shown, self.place, look)

    def _plot(self, entries: tuple[LoggedHistogram, ...], width: int, height: int) -> Frame:
        low, high = heat_strip.reach([entry.step for entry in entries])
        low = 0.0 if -0.5 <= low <= high / 2 else low
        steps = Scale(low, max(high, low + 1))
        values = heat_strip.value_scale([entry.bins for entry in entries])
        return frame(width, height, steps, values, glyphs=self._glyphs)

    def _strip(self, plot: Frame, entries: tuple[LoggedHistogram, ...]) -> Cells:
        axis, tick, cursor = (self._part(part) for part in ("axis", "tick", "cursor"))
        cells = draw(plot, (), Look(axis, tick, cursor, tick, self._glyphs))
        inked = self._glyphs.ascii or self.app.no_color
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
            cells.put(plot.left + here, plot.rows, self._glyphs.edges[2], cursor)
        return cells

    def _column(self, cells: Cells, x: int, levels: Float64, inked: bool, *, marked: bool) -> None:
        if inked:
            shades = _ASCII if self._glyphs.ascii else _SHADES
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
        """Draw the histogram at the cursor as bars along the strip's axis of values."""
        cells = Cells(_SIDE, plot.height)
        levels = heat_strip.density(entry.bins, plot.y, max(plot.rows, 1))
        for y, level in enumerate(levels.tolist()):
            cells.put(0, y, _bar(level * _SIDE, self._glyphs), self._part("bar"))
        found = heat_strip.summary(entry.bins)
        if found is not None and plot.rows + 1 < plot.height:
            cells.put(0, plot.rows, f"median {number(found.median)}", self._part("tick"))
            middle = f"50% {number(found.lower)} to {number(found.upper)}"
            cells.put(0, plot.rows + 1, middle[:_SIDE], self._part("tick"))
        return cells


def histogram_words(entry: LoggedHistogram) -> list[str]:
    """Describe a histogram's range and count."""
    found = heat_strip.summary(entry.bins)
    if found is None:
        counts = entry.bins[:, 2]
        held = float(counts[np.isfinite(counts) & (counts > 0)].sum())
        return [f"{held:,.0f} values", "range not finite"] if held else ["empty"]
    return [f"{number(found.least)} to {number(found.most)}", f"{found.count:,.0f} values"]


def _bar(length: float, glyphs: Glyphs) -> str:
    if glyphs.ascii:
        return "#" * round(length)
    whole, rest = divmod(round(length * 8), 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


def _colour(code: int) -> Color:
    return Color.from_rgb(code >> 16, code >> 8 & 255, code & 255)
