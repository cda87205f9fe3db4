"""The loss over the steps: zoom, log scales, smoothing, several runs, and a cursor that reads values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from tui.model.series import Series
from tui.model.smoothing import HIGHEST
from tui.plot.cells import Cells
from tui.plot.line_plot import Cursor, Frame, Look, draw, frame
from tui.plot.plot_header import Header, reading_forms, state_words
from tui.plot.series_picture import Ink, Window, broken_places, ink, lines, step_scale, value_scale
from tui.plot.smoothed_series import SeriesReading, SmoothedSeries
from tui.widgets.cell_widget import PlotWidget

SMOOTHINGS = (0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98, HIGHEST)
"""The levels of smoothing: closer together where a change has more effect."""

_AHEAD = 0.75
"""The position of the newest step in a window after it has moved: the rest is room, so it moves rarely."""


class LossPlot(PlotWidget, can_focus=True):
    """Series over steps. `value_name` and `step_name` name the axes; `low` and `high` fix the value axis' ends.

    The first series is the current run. With smoothing its raw values are drawn dim too; of the other series only the
    smoothed curve is drawn, of ghosts dim. A value that is not finite is a gap, marked on the axis of steps. Each label
    keeps its colour and line style during the widget's lifetime.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move_cursor(-1)", "Cursor left", show=False),
        Binding("right", "move_cursor(1)", "Cursor right", show=False),
        Binding("shift+left", "move_cursor(-10)", "Cursor far left", show=False),
        Binding("shift+right", "move_cursor(10)", "Cursor far right", show=False),
        Binding("home", "cursor_to_end(-1)", "Cursor to first step", show=False),
        Binding("end", "cursor_to_end(1)", "Cursor to last step", show=False),
        Binding("n", "next_series", "Read next curve", show=False),
        Binding("l", "toggle_log", "Log scale"),
        Binding("L", "toggle_log_steps", "Log steps", show=False),
        Binding("less_than_sign", "smooth(-1)", "Smooth less", key_display="<"),
        Binding("greater_than_sign", "smooth(1)", "Smooth more", key_display=">"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom in", key_display="+"),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-"),
        Binding("0", "reset_view", "Whole run"),
        Binding("escape", "leave_cursor", "Put cursor away", show=False),
    ]
    FALLS: ClassVar[bool] = True
    """Whether values normally fall: then their axis ignores an explosion."""

    log_scale = reactive(False)
    log_steps = reactive(False)
    smoothing = reactive(0.6)

    class CursorMoved(Message):
        """The cursor has moved; `reading` is None when it was removed."""

        def __init__(self, plot: LossPlot, reading: SeriesReading | None) -> None:
            super().__init__()
            self.plot = plot
            self.reading = reading

        @property
        def control(self) -> LossPlot:
            return self.plot

    def __init__(
        self,
        *,
        value_name: str = "loss",
        step_name: str = "step",
        smoothing: float = 0.6,
        log_scale: bool = False,
        low: float | None = None,
        high: float | None = None,
        pause_s: float = 0.0,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(pause_s=pause_s, id=id, classes=classes)
        self._value_name, self._step_name = value_name, step_name
        self._low, self._high = low, high
        self._series: tuple[Series, ...] = ()
        self._beside = ""
        self._curves: list[SmoothedSeries] = []
        self._slots: dict[str, int] = {}
        self._window: Window | None = None
        self._cursor: float | None = None
        self._read = 0
        self.set_reactive(LossPlot.smoothing, smoothing)
        self.set_reactive(LossPlot.log_scale, log_scale)

    def show(self, series: Sequence[Series], beside: str = "") -> None:
        """Show these series, the current run first, with words `beside` the newest value. Cheap if they only grew, and
        without cost if nothing has changed."""
        if (tuple(series), beside) == (self._series, self._beside):
            return
        before = _last_step(self._series)
        self._series, self._beside = tuple(series), beside
        self._follow(before)
        known = {(curve.series.label, curve.series.ghost): curve for curve in self._curves}
        self._curves = [self._curve(known.get((one.label, one.ghost)), one) for one in self._series]
        self._read = min(self._read, max(len(self._curves) - 1, 0))
        for one in self._series:
            if one.label not in self._slots:
                self._slots[one.label] = len(self._slots)
        self._canvas.changed(now=False)

    @property
    def reading(self) -> SeriesReading | None:
        """The values at the cursor; None without a cursor."""
        if self._cursor is None or not self._curves:
            return None
        return self._curves[self._read].read(self._cursor)

    @property
    def slots(self) -> Mapping[str, int]:
        """The slot of each label shown so far, which gives its colour and line style."""
        return self._slots

    @property
    def window(self) -> Window | None:
        """The steps that are zoomed to; None for the whole run."""
        return self._window

    def _follow(self, before: float) -> None:
        """If the window shows the newest step, move it on to the latest, unless the cursor is in use."""
        last = _last_step(self._series)
        if self._window is None or self._cursor is not None:
            return
        low, high = self._window
        if low <= before <= high < last:
            wide = high - low
            self._window = (last - _AHEAD * wide, last + (1 - _AHEAD) * wide)

    def _curve(self, known: SmoothedSeries | None, series: Series) -> SmoothedSeries:
        return known if known is not None and known.grow(series) else SmoothedSeries(series, self.smoothing)

    # --- keys -----------------------------------------------------------------------------------------------------

    def action_move_cursor(self, columns: int) -> None:
        """Move the cursor by columns of the picture, and by at least one step."""
        if not self._curves:
            return
        curve = self._curves[self._read]
        if self._cursor is None:
            self.action_cursor_to_end(1)
            return
        here = curve.nearest(self._cursor)
        if here is None:
            return
        plot = self._frame(*self.size, self._inks())
        per_cell = 1 / max(plot.columns - 1, 1)
        place = float(plot.x.place(np.array([self._cursor]))[0]) + columns * per_cell
        there = curve.nearest(plot.x.value(place))
        one = 1 if columns > 0 else -1
        if there is None or (there - here) * one < 1:
            there = here + one
        self._put_cursor(min(max(there, 0), len(curve.series) - 1))

    def action_cursor_to_end(self, direction: int) -> None:
        """Put the cursor on the first (-1) or last (1) step."""
        if self._curves and len(self._curves[self._read].series):
            self._put_cursor(0 if direction < 0 else len(self._curves[self._read].series) - 1)

    def action_next_series(self) -> None:
        """Read the next curve at the same step."""
        if self._curves:
            self._read = (self._read + 1) % len(self._curves)
            self._moved()

    def action_leave_cursor(self) -> None:
        """Remove the cursor."""
        self._cursor = None
        self._moved()

    def action_toggle_log(self) -> None:
        """Switch the value axis between linear and logarithmic."""
        self.log_scale = not self.log_scale

    def action_toggle_log_steps(self) -> None:
        """Switch the axis of steps between linear and logarithmic."""
        self.log_steps = not self.log_steps

    def action_smooth(self, direction: int) -> None:
        """Smooth more (1) or less (-1), to the next level."""
        further = [s for s in SMOOTHINGS if (s - self.smoothing) * direction > 1e-9]
        if further:
            self.smoothing = min(further) if direction > 0 else max(further)

    def action_zoom(self, direction: int) -> None:
        """Halve (1) or double (-1) the number of steps shown, around the cursor or, without one, keeping the newest."""
        last = _last_step(self._series)
        if not math.isfinite(last):
            return
        whole = step_scale(self._series)
        low, high = self._window or (whole.low, whole.high)
        centre = self._cursor if self._cursor is not None else min(last, high)
        wide = (high - low) * (0.5 if direction > 0 else 2.0)
        if direction > 0 and wide < 4:
            return
        if wide >= whole.high - whole.low:
            self._window = None
        else:
            start = min(max(centre - wide / 2, whole.low), whole.high - wide)
            self._window = (start, start + wide)
        self._canvas.changed()

    def action_reset_view(self) -> None:
        """Show the whole run."""
        self._window = None
        self._canvas.changed()

    def _put_cursor(self, index: int) -> None:
        self._cursor = float(self._curves[self._read].series.steps[index])
        if self._window is not None and not self._window[0] <= self._cursor <= self._window[1]:
            wide = self._window[1] - self._window[0]
            self._window = (self._cursor - wide / 2, self._cursor + wide / 2)
        self._moved()

    def _moved(self) -> None:
        self._canvas.changed()
        self.post_message(self.CursorMoved(self, self.reading))

    def watch_log_scale(self) -> None:
        self._canvas.changed()

    def watch_log_steps(self) -> None:
        self._canvas.changed()

    def watch_smoothing(self) -> None:
        self._curves = [SmoothedSeries(curve.series, self.smoothing) for curve in self._curves]
        self._canvas.changed()

    def validate_smoothing(self, weight: float) -> float:
        return min(max(weight, 0.0), HIGHEST)

    # --- drawing --------------------------------------------------------------------------------------------------

    def _frame(self, width: int, height: int, inks: Sequence[Ink]) -> Frame:
        steps = step_scale(self._series, self._window, log=self.log_steps)
        raw_shown = [each.raw is not None or self.smoothing == 0 for each in inks]
        values = value_scale(
            self._curves,
            steps,
            raw_shown,
            log=self.log_scale,
            low=self._low,
            high=self._high,
            falls=self.FALLS,
        )
        return frame(width, height, steps, values, x_name=self._step_name, glyphs=self._glyphs)

    def _inks(self) -> list[Ink]:
        ground, dark, plain = self.background_colors[1], self.dark, self.app.no_color
        return [
            ink(
                self._slots[curve.series.label],
                ground,
                dark=dark,
                raw=place == 0 and self.smoothing > 0,
                ghost=curve.series.ghost,
                plain=plain,
            )
            for place, curve in enumerate(self._curves)
        ]

    def draw(self, width: int, height: int) -> Cells:
        header = 1 if height >= 6 else 0
        inks, look = self._inks(), self._look()
        plot = self._frame(width, height - header, inks)
        reading = self.reading
        cursor = Cursor(reading.step, reading.smoothed) if reading is not None else None
        bad = broken_places(self._curves[0], plot) if self._curves else None
        cells = Cells(width, height)
        cells.paste(0, header, draw(plot, lines(self._curves, inks, plot), look, cursor=cursor, bad=bad))
        if not any(len(curve.series) for curve in self._curves):
            cells.put(plot.left + 2, header + plot.rows // 2, f"no {self._value_name} yet", look.tick)
        if header:
            cells.paste(0, 0, self._header(width, reading, inks, look))
        return cells

    def _header(self, width: int, reading: SeriesReading | None, inks: list[Ink], look: Look) -> Cells:
        row = Header(width, self._value_name, self._part("title"), self._glyphs)
        if reading is not None:
            forms = reading_forms(reading, self._step_name, self._value_name, self.smoothing > 0, len(inks) > 1)
            row.say(row.fullest(forms), look.cursor)
            return row.cells
        newest = self._curves[0].series.values[-1:].tolist() if self._curves else []
        words = state_words(newest, self.smoothing, self.log_scale, self.log_steps, self._window is not None)
        beside = [words[0], self._beside, *words[1:]] if newest and self._beside else words
        row.say(row.fullest((beside, words)), look.tick)
        if len(inks) > 1:
            row.legend([curve.series.label for curve in self._curves], inks, look.tick)
        return row.cells

    def _look(self) -> Look:
        axis, tick, cursor, bad = (self._part(name) for name in ("axis", "tick", "cursor", "bad"))
        return Look(axis, tick, cursor, bad, self._glyphs)


def _last_step(series: Sequence[Series]) -> float:
    """The newest step of all series; −∞, which no window shows or follows, if there is none."""
    return max((float(one.steps[-1]) for one in series if len(one)), default=-math.inf)
