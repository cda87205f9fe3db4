"""The curve plot: a function and its gradient on one axis, the descent on it, and a cursor that reads values."""

from __future__ import annotations

from typing import ClassVar, get_args

from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from engine.events import Curve
from tui.plot import curve_axes
from tui.plot.cells import Cells
from tui.plot.curve_axes import Shown, Window
from tui.plot.curve_lines import CurveReading, names
from tui.plot.curve_scene import CurveScene, CurveStyles, draw_scene, header_rows, legend_spots, plot_frame
from tui.plot.line_plot import Frame
from tui.views.curve_picture import CurvePicture
from tui.views.paths_picture import ghosts_alike
from tui.widgets.cell_widget import PlotWidget

_OWN = ("guide", "function", "slope", "flat", "minimum", "ghost", "chosen")
_STYLED = ("title", "axis", "tick", "cursor", *_OWN)


class CurvePlot(PlotWidget, can_focus=True):
    """One curve with its gradient, or all curves at once; `path` and `step` choose what of a descent is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move_cursor(-1)", "Cursor left", show=False),
        Binding("right", "move_cursor(1)", "Cursor right", show=False),
        Binding("shift+left", "move_cursor(-10)", "Cursor far left", show=False),
        Binding("shift+right", "move_cursor(10)", "Cursor far right", show=False),
        Binding("home", "cursor_to_end(-1)", "Cursor to left end", show=False),
        Binding("end", "cursor_to_end(1)", "Cursor to right end", show=False),
        Binding("escape", "leave_cursor", "Put cursor away", show=False),
        Binding("d", "next_shown", "f or slope"),
        Binding("m", "toggle_overlay", "All curves"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom in", key_display="+"),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-"),
        Binding("0", "reset_view", "Whole curve"),
        Binding("less_than_sign", "pan(-1)", "Pan left", key_display="<", show=False),
        Binding("greater_than_sign", "pan(1)", "Pan right", key_display=">", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"cell--{part}" for part in _OWN}
    DEFAULT_CSS = """
    CurvePlot {
        & > .cell--guide { color: $foreground 22%; }
        & > .cell--function { color: $foreground; }
        & > .cell--slope { color: $foreground 45%; }
        & > .cell--flat { color: $text-quiet; background: $foreground 7%; }
        & > .cell--minimum { color: $text-success; text-style: bold; }
        & > .cell--ghost { color: $foreground 45%; }
        & > .cell--chosen { color: $foreground; text-style: bold underline; }
    }
    """

    chosen = reactive(0)
    """The curve that is drawn alone, and that the cursor reads."""
    overlay = reactive(False)
    """Whether all curves are drawn at once."""
    shown: reactive[Shown] = reactive("both")
    """Which of function and gradient is drawn: of several curves the function, or with "slope" the gradient."""
    path = reactive(0)
    step: reactive[int | None] = reactive(None)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._picture = CurvePicture()
        self._window: Window | None = None
        self._cursor: float | None = None

    def show(self, picture: CurvePicture) -> None:
        """Show the present state. Costs nothing if nothing visible has changed."""
        if _same(picture, self._picture):
            return
        whole, several = curve_axes.whole_range(self._picture.curves), len(self._picture.curves) > 1
        self._picture = picture
        if (len(picture.curves) > 1) != several:
            self.overlay = self.overlay and not several
            self.refresh_bindings()
        if curve_axes.whole_range(picture.curves) != whole:
            self._window = self._cursor = None
            self.refresh_bindings()
        self.chosen = min(self.chosen, max(len(picture.curves) - 1, 0))
        self._canvas.changed()

    @property
    def curve(self) -> Curve | None:
        """The chosen curve."""
        return self._picture.curves[self.chosen] if self.chosen < len(self._picture.curves) else None

    @property
    def window(self) -> Window | None:
        """The part of x that is zoomed to; None for all of it."""
        return self._window

    @property
    def cell_width(self) -> float:
        """The width of a column of cells in x."""
        plot = self._frame(*self.size)
        return (plot.x.high - plot.x.low) / max(plot.columns - 1, 1)

    @property
    def reading(self) -> CurveReading | None:
        """The values at the cursor; None without a cursor."""
        curve = self.curve
        if curve is None or self._cursor is None:
            return None
        at = curve_axes.nearest(curve, self._cursor)
        value, slope = float(curve.y[at]), float(curve.gradient[at])
        return CurveReading(curve.label, float(curve.x[at]), value, slope, names(curve))

    def place_cursor(self, x: float) -> None:
        """Put the cursor on the point of the chosen curve nearest to `x`."""
        curve = self.curve
        if curve is None or not len(curve.x):
            return
        self._cursor = float(curve.x[curve_axes.nearest(curve, x)])
        if self._window is not None and not self._window[0] <= self._cursor <= self._window[1]:
            wide = self._window[1] - self._window[0]
            whole = curve_axes.whole_range(self._picture.curves)
            self._window = curve_axes.panned((self._cursor - wide / 2, self._cursor + wide / 2), whole, 0.0)
        self._moved()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to draw all curves only if there are several, and the whole curve only if a part is shown."""
        if action == "reset_view":
            return self._window is not None
        return len(self._picture.curves) > 1 if action == "toggle_overlay" else True

    # --- keys and mouse -------------------------------------------------------------------------------------------

    def action_move_cursor(self, columns: int) -> None:
        """Move the cursor by columns of the picture, and by at least one point of the curve."""
        curve, plot = self.curve, self._frame(*self.size)
        if curve is None:
            return
        if self._cursor is None:
            self.place_cursor((plot.x.low + plot.x.high) / 2)
            return
        here, way = curve_axes.nearest(curve, self._cursor), 1 if columns > 0 else -1
        moved = self._cursor + columns * self.cell_width
        there = curve_axes.nearest(curve, moved)
        there = here + way if (there - here) * way < 1 else there
        self.place_cursor(float(curve.x[min(max(there, 0), len(curve.x) - 1)]))

    def action_cursor_to_end(self, direction: int) -> None:
        """Put the cursor on the left (-1) or right (1) end of the curve."""
        if self.curve is not None and len(self.curve.x):
            self.place_cursor(float(self.curve.x[0 if direction < 0 else -1]))

    def action_leave_cursor(self) -> None:
        """Remove the cursor."""
        self._cursor = None
        self._moved()

    def action_next_shown(self) -> None:
        """Show function and gradient, then only the function, then only the gradient."""
        kinds: tuple[Shown, ...] = get_args(Shown)
        kinds = kinds[1:] if self.overlay else kinds
        self.shown = kinds[(kinds.index(self.shown) + 1) % len(kinds)] if self.shown in kinds else "slope"

    def action_toggle_overlay(self) -> None:
        """Draw all curves at once, or only the chosen one."""
        self.overlay = not self.overlay

    def action_zoom(self, direction: int) -> None:
        """Show half (1) or twice (-1) as much of x, around the cursor, the ball or the middle."""
        whole = curve_axes.whole_range(self._picture.curves)
        window = self._window or whole
        ball = self._scene.ball(self.path)
        centre = self._cursor if self._cursor is not None else ball.x if ball else sum(window) / 2
        closer = curve_axes.zoomed(window, whole, centre, direction)
        if closer is None or (self.curve is not None and curve_axes.enough_points(self.curve, closer)):
            self._window = closer
            self._canvas.changed()
            self.refresh_bindings()

    def action_pan(self, direction: int) -> None:
        """Move the zoomed window by a quarter of its width."""
        if self._window is not None:
            whole = curve_axes.whole_range(self._picture.curves)
            self._window = curve_axes.panned(self._window, whole, direction / 4)
            self._canvas.changed()

    def action_reset_view(self) -> None:
        """Show the whole curve."""
        self._window = None
        self._canvas.changed()
        self.refresh_bindings()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor at the clicked place, or choose the curve whose name was clicked."""
        plot = self._frame(*self.size)
        below = event.y - header_rows(self.size.height) - plot.height
        for spot in legend_spots(self._scene, *self.size, glyphs=self._glyphs):
            if spot.row == below and spot.first <= event.x < spot.last:
                self.chosen = spot.number
                return
        if 0 <= event.x - plot.left < plot.columns:
            self.place_cursor(plot.x.value((event.x - plot.left) / max(plot.columns - 1, 1)))

    def _moved(self) -> None:
        self._canvas.changed()

    def _watch_any(self) -> None:
        self._canvas.changed()

    watch_chosen = watch_overlay = watch_shown = watch_path = watch_step = _watch_any

    # --- drawing --------------------------------------------------------------------------------------------------

    @property
    def _scene(self) -> CurveScene:
        step = self._picture.last_step if self.step is None else min(self.step, self._picture.last_step)
        return CurveScene(
            self._picture, self.chosen, self.overlay, self.shown, self._window, self.reading, self.path, step
        )

    def _frame(self, width: int, height: int) -> Frame:
        return plot_frame(self._scene, width, height, glyphs=self._glyphs)

    def draw(self, width: int, height: int) -> Cells:
        parts = {part: self._part(part) for part in _STYLED}
        styles = CurveStyles(**parts, dark=self.app.current_theme.dark, glyphs=self._glyphs)
        return draw_scene(self._scene, width, height, styles)


def _same(a: CurvePicture, b: CurvePicture) -> bool:
    """Whether two pictures look the same: the same events, as many steps, the same ghosts and starts."""
    return (
        len(a.curves) == len(b.curves)
        and all(one is other for one, other in zip(a.curves, b.curves, strict=True))
        and a.opened is b.opened
        and a.values.shape == b.values.shape
        and a.minima == b.minima
        and a.starts == b.starts
        and ghosts_alike(a.ghosts, b.ghosts)
    )
