"""The side view: f along the paths, step by step, with the shown step marked."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.message import Message
from textual.reactive import reactive

from engine.events import PathsOpened
from tui.plot import path_styles
from tui.plot.braille import DOTTED
from tui.plot.cells import Cells
from tui.plot.extents import Extent, determining
from tui.plot.line_plot import Cursor, Frame, Look, PlotLine, draw, frame
from tui.plot.plot_header import Header
from tui.plot.scale import Scale, fit
from tui.plot.step_buckets import StepBuckets
from tui.text.glyphs import ASCII
from tui.text.words import number
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Ghost, ghosts_alike
from tui.widgets.cell_widget import PlotWidget

PAUSE_S = 0.2
"""The curve grows by a column or two in that time."""
MOST_LINES = 12
"""More curves would be unreadable; the one in the readout is always among them."""
_DECADES = 10
"""The decades below the highest value on a logarithmic axis: float32 has no precision further down."""


class SideView(PlotWidget, can_focus=True):
    """The values f over the steps for every path. Left and right step through the run, in all panels.

    The scale is logarithmic if the values allow it: of f − f* if the known minimum f* is negative.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "scrub(-1)", "Step back", show=False),
        Binding("right,l", "scrub(1)", "Step on", show=False),
        Binding("shift+left,H", "scrub(-10)", "Ten steps back", show=False),
        Binding("shift+right,L", "scrub(10)", "Ten steps on", show=False),
        Binding("g", "toggle_log", "Log scale", show=False),
    ]
    log_scale = reactive(True)

    class ScrubRequested(Message):
        """A request to move through the run by some steps, back if negative."""

        def __init__(self, side: SideView, by: int) -> None:
            super().__init__()
            self.side = side
            self.by = by

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(pause_s=PAUSE_S, id=id, classes=classes)
        self._picture = DescentPicture()
        self._step, self._path, self._scrubbed = 0, 0, False
        self._buckets = StepBuckets(0, 1, 1)
        self._buckets_of: tuple[PathsOpened | None, int, int] | None = None
        self._ghosts: list[StepBuckets] = []
        self._ghosts_of: tuple[tuple[Ghost, ...], int, int] | None = None

    def show(
        self, picture: DescentPicture, step: int, path: int = 0, *, scrubbed: bool = False, now: bool = False
    ) -> None:
        """Show f along the paths, with a cursor at `step` if it is `scrubbed` to; `now` if it must be drawn at once."""
        if (step, path, scrubbed) == (self._step, self._path, self._scrubbed) and picture.alike(self._picture):
            return
        self._picture, self._step, self._path, self._scrubbed = picture, step, path, scrubbed
        self._canvas.changed(now=now)

    def action_scrub(self, by: int) -> None:
        """Step through the run."""
        self.post_message(self.ScrubRequested(self, by))

    def action_toggle_log(self) -> None:
        """Switch between a logarithmic and a linear scale."""
        self.log_scale = not self.log_scale

    def watch_log_scale(self) -> None:
        self._canvas.changed()

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> Cells:
        header = 1 if height >= 6 else 0
        floor = self._floor()
        self._take(2 * width)
        steps = Scale(0.0, float(self._total()))
        scale = self._scale(floor)
        plot = frame(width, height - header, steps, scale, x_name="step", glyphs=self._glyphs)
        cursor = None
        if self._scrubbed and self._picture.paths:
            cursor = Cursor(float(self._step), self._lifted(self._value(), floor, scale))
        cells = Cells(width, height)
        cells.paste(0, header, draw(plot, self._lines(plot, floor), self._look(), cursor=cursor))
        if not self._picture.paths:
            cells.put(plot.left + 2, header + plot.rows // 2, "no path yet", self._part("tick"))
        if header:
            cells.paste(0, 0, self._header(width, floor, scale).cells)
        return cells

    def _header(self, width: int, floor: float, scale: Scale) -> Header:
        sign = "+" if floor < 0 else self._glyphs.spelled("−")
        name = f"f {sign} {number(abs(floor))}" if floor else "f"
        row = Header(width, f"{name} along the path", self._part("title"), self._glyphs)
        if self._picture.paths:
            style = self._part("cursor" if self._scrubbed else "tick")
            row.say_if_room([f"step {self._step:,}", f"f {number(self._value())}"], style)
            if scale.log:
                row.say_if_room(["log"], self._part("tick"))
        return row

    def _total(self) -> int:
        return max(self._picture.total_steps, self._picture.last_step, 1)

    def _value(self) -> float:
        return float(self._picture.values[self._path, self._step])

    def _floor(self) -> float:
        """The value subtracted from all values for a logarithm: f*, if it is below 0."""
        surface = self._picture.surface
        lowest = min((minimum.value for minimum in surface.minima), default=0.0) if surface is not None else 0.0
        return lowest if self.log_scale and lowest < 0 else 0.0

    def _take(self, columns: int) -> None:
        """Update the buckets."""
        picture, total = self._picture, self._total()
        key = (picture.opened, columns, total)
        known = self._buckets_of
        same = known is not None and known[0] is picture.opened and known[1:] == key[1:]
        if not same or self._buckets.steps > picture.values.shape[1]:
            self._buckets, self._buckets_of = StepBuckets(picture.paths, columns, total), key
        self._buckets.extend(picture.values[:, self._buckets.steps :])
        if (
            self._ghosts_of is None
            or self._ghosts_of[1:] != key[1:]
            or not ghosts_alike(self._ghosts_of[0], picture.ghosts)
        ):
            self._ghosts, self._ghosts_of = [], (picture.ghosts, columns, total)
            for ghost in picture.ghosts[:MOST_LINES]:
                self._ghosts.append(StepBuckets(1, columns, total))
                self._ghosts[-1].extend(ghost.values[None, : total + 1])

    def _shown(self) -> list[int]:
        """The drawn paths, the one in the readout last, which is on top."""
        others = [path for path in range(self._picture.paths) if path != self._path][: MOST_LINES - 1]
        return [*others, self._path] if self._path < self._picture.paths else others

    def _scale(self, floor: float) -> Scale:
        extents = self._extents(floor)
        shown = determining(extents, log=True)
        log = self.log_scale and not any((part < -1e-6).any() for part in shown)
        scale = fit(shown if log else determining(extents), log=log)
        if scale is None:
            return Scale(*((0.1, 1.0) if log else (0.0, 1.0)), log)
        if log:
            lost = [each.first for each in extents if not each.ghost and each.lost]
            # A path that has exploded does not determine how far down the axis reaches for the others.
            top = max(lost) if len(lost) == len(self._shown()) and lost and 0 < max(lost) < scale.high else scale.high
            return Scale(max(scale.low, top * 10.0**-_DECADES), scale.high, log=True)
        return scale

    def _extents(self, floor: float) -> list[Extent]:
        """The data of every drawn curve for the axis."""
        buckets, picture = self._buckets, self._picture
        extents = [
            Extent(
                np.concatenate([buckets.least[path], buckets.most[path]]) - floor,
                float(picture.values[path, 0]) - floor,
                lost=not np.isfinite(picture.values[path, -1]),
            )
            for path in self._shown()
        ]
        for ghost, each in zip(picture.ghosts, self._ghosts, strict=False):
            ends = np.concatenate([each.least[0], each.most[0]]) - floor
            extents.append(Extent(ends, float(ghost.values[0]) - floor, ghost=True))
        return extents

    def _lines(self, plot: Frame, floor: float) -> list[PlotLine]:
        background = self.background_colors[1]
        dark, plain = self.app.current_theme.dark, self.app.no_color
        ghost_style = Style(color=Color.parse("white" if dark else "black").blend(background, 0.55).rich_color)
        lines = []
        for buckets in self._ghosts:
            x, y = buckets.line(0)
            lines.append(PlotLine(x, _above(y - floor, plot.y), ghost_style, DOTTED, ".", exits=True))
        for path in self._shown():
            x, y = self._buckets.line(path)
            style = Style(color=path_styles.colour(path, dark=dark))
            dash = path_styles.dash(path, plain=plain)
            mark = path_styles.head(path, ASCII)
            lines.append(PlotLine(x, _above(y - floor, plot.y), style, dash, mark, exits=True))
        return lines

    def _lifted(self, value: float, floor: float, scale: Scale) -> float:
        return float(_above(np.array([value - floor]), scale)[0])

    def _look(self) -> Look:
        return Look(self._part("axis"), self._part("tick"), self._part("cursor"), glyphs=self._glyphs)


def _above(values: npt.NDArray[np.float64], scale: Scale) -> npt.NDArray[np.float64]:
    """Move values that have no place on a logarithmic axis, or are below it, to its lower end."""
    return np.maximum(values, scale.low) if scale.log else values
