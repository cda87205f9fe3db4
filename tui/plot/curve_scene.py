"""The picture of a curve plot: header, axes, curves, what lies on them, legend."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from rich.style import Style

from engine.events import Curve
from tui.plot import path_styles, series_styles
from tui.plot.braille import DASHED
from tui.plot.cells import NO_STYLE, Cells
from tui.plot.curve_axes import Shown, Window, flat_ends, leaves, tangent, value_axis, whole_range
from tui.plot.curve_lines import MARKS, QUIET_MARKS, CurveReading, names, one_curve, several, zero_lines
from tui.plot.curve_marks import Ball, draw_ball, draw_flat, draw_minima, draw_stair, draw_trail, place
from tui.plot.legend import Entry, Spot, draw_legend, spots
from tui.plot.line_plot import Cursor, Frame, Look, PlotLine, draw, frame
from tui.plot.plot_header import Header
from tui.plot.scale import Scale
from tui.text.clean import clean
from tui.text.glyphs import UNICODE, Glyphs
from tui.views.curve_picture import CurvePicture

_MOST_LEGEND_ROWS = 2


@dataclass(frozen=True, slots=True)
class CurveStyles:
    """The styles of everything but the data, and what the terminal can do."""

    title: Style = NO_STYLE
    axis: Style = NO_STYLE
    guide: Style = NO_STYLE
    tick: Style = NO_STYLE
    cursor: Style = NO_STYLE
    function: Style = NO_STYLE
    slope: Style = NO_STYLE
    flat: Style = NO_STYLE
    minimum: Style = NO_STYLE
    ghost: Style = NO_STYLE
    chosen: Style = NO_STYLE
    dark: bool = True
    glyphs: Glyphs = UNICODE

    def text(self, text: str) -> str:
        """Make untrusted text safe to show."""
        return self.glyphs.spelled(clean(text))


@dataclass(frozen=True, slots=True, eq=False)
class CurveScene:
    """What is drawn: of `picture` the curve `chosen` (or all), the paths at `step`, the one called `path` in the
    readout."""

    picture: CurvePicture
    chosen: int = 0
    overlay: bool = False
    shown: Shown = "both"
    window: Window | None = None
    reading: CurveReading | None = None
    path: int = 0
    step: int = 0

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The curves that are drawn."""
        return self.picture.curves if self.overlay else self.picture.curves[self.chosen : self.chosen + 1]

    @property
    def parts(self) -> Shown:
        """Which of each curve is drawn: function, slope or both; of several curves one line each."""
        return "function" if self.overlay and self.shown == "both" else self.shown

    @property
    def descends(self) -> bool:
        """Whether paths lie on the curve, or will."""
        return bool(self.picture.paths or self.picture.starts)

    @property
    def marks(self) -> tuple[str, str]:
        """The ASCII characters of the function and its gradient."""
        return QUIET_MARKS if self.descends else MARKS

    def ball(self, path: int) -> Ball | None:
        """A path's ball at the shown step; if the path has diverged, at its last finite step."""
        picture = self.picture
        if not 0 <= path < picture.paths:
            return None
        values = picture.values[path, : self.step + 1]
        finite = np.flatnonzero(np.isfinite(values))
        if not len(finite):
            return None
        at = int(finite[-1])
        xs = picture.points[path, :, 0]
        before = (float(xs[at - 1]), float(values[at - 1])) if at else None
        return Ball(float(xs[at]), float(values[at]), before, "", NO_STYLE)


def plot_frame(scene: CurveScene, width: int, height: int, *, glyphs: Glyphs = UNICODE) -> Frame:
    """The layout of a picture of this size, whose first row of cells is below the header."""
    low, high = scene.window or whole_range(scene.picture.curves)
    x = Scale(low, high)
    inner = height - header_rows(height) - legend_rows(scene, width, height, glyphs=glyphs)
    return frame(width, inner, x, value_axis(scene.curves, scene.parts, x), x_name="x", glyphs=glyphs)


def header_rows(height: int) -> int:
    """The height of the header: one row, if there is room for it."""
    return 1 if height >= 6 else 0


def legend_rows(scene: CurveScene, width: int, height: int, *, glyphs: Glyphs = UNICODE) -> int:
    """The number of rows for the names of the curves below the plot; 0 for one curve."""
    lying = legend_spots(scene, width, height, glyphs=glyphs)
    return lying[-1].row + 1 if lying else 0


def legend_spots(scene: CurveScene, width: int, height: int, *, glyphs: Glyphs = UNICODE) -> list[Spot]:
    """The positions of the curves' names, in rows from the first of the legend."""
    if len(scene.picture.curves) < 2 or height < 10:
        return []
    return spots(_entries(scene, CurveStyles(glyphs=glyphs)), width, _MOST_LEGEND_ROWS)


def draw_scene(scene: CurveScene, width: int, height: int, styles: CurveStyles) -> Cells:
    """Draw the picture in `width` by `height` cells."""
    cells = Cells(width, height)
    plot = plot_frame(scene, width, height, glyphs=styles.glyphs)
    top = header_rows(height)
    if not scene.curves:
        cells.put(1, height // 2, "no curve yet", styles.tick)
        return cells
    cells.paste(0, top, _plot(scene, plot, styles))
    if top:
        cells.paste(0, 0, _header(scene, plot, width, styles))
    lying = legend_spots(scene, width, height, glyphs=styles.glyphs)
    draw_legend(cells, _entries(scene, styles), lying, top + plot.height, styles.glyphs)
    return cells


# --- the plot -----------------------------------------------------------------------------------------------------


def _plot(scene: CurveScene, plot: Frame, styles: CurveStyles) -> Cells:
    reading, picture = scene.reading, scene.picture
    if plot.columns <= 0 or plot.rows <= 0:
        return Cells(plot.width, plot.height)
    balls = _balls(scene, styles)
    lines = zero_lines(plot, styles.guide, reading.x if reading else None) + _curve_lines(scene, styles)
    for number, ball in enumerate(balls):
        if ball is not None and number == scene.path and reading is None:
            slope = float(picture.gradients[number, _last_finite(scene, number), 0])
            lines.append(PlotLine(*tangent(ball.x, ball.y, slope, plot), ball.style, DASHED, "-"))
    cursor = None
    if reading is not None:
        if scene.parts != "slope":
            lines.append(PlotLine(*tangent(reading.x, reading.value, reading.slope, plot), styles.cursor, DASHED, "-"))
        cursor = Cursor(reading.x, reading.slope if scene.parts == "slope" else reading.value)
    look = Look(styles.axis, styles.tick, styles.cursor, styles.cursor, styles.glyphs)
    cells = draw(plot, lines, look, cursor=cursor)
    if reading is not None and scene.parts == "both":
        at = place(plot, reading.x, reading.slope)
        if at is not None:
            cells.put(*at, styles.glyphs.ring, styles.cursor)
    if not scene.overlay:
        tint = Style(bgcolor=styles.flat.bgcolor)
        draw_flat(cells, plot, flat_ends(scene.curves[0]), tint, styles.flat, _flat_word(scene, styles))
    draw_minima(cells, plot, picture.minima, styles.minimum)
    if scene.parts != "slope":
        _draw_paths(cells, scene, plot, balls, styles)
    return cells


def _curve_lines(scene: CurveScene, styles: CurveStyles) -> list[PlotLine]:
    if scene.overlay:
        return several(scene.curves, scene.parts, _colours(scene, styles), scene.chosen)
    function, slope = _pair(scene, styles)
    return one_curve(scene.curves[0], scene.parts, function, slope, scene.marks)


def _colours(scene: CurveScene, styles: CurveStyles) -> list[Style]:
    """One style per curve, the chosen one's bold."""
    return [
        Style(color=series_styles.colour(slot, dark=styles.dark), bold=slot == scene.chosen or None)
        for slot in range(len(scene.picture.curves))
    ]


def _pair(scene: CurveScene, styles: CurveStyles) -> tuple[Style, Style]:
    """The styles of a curve drawn alone and of its gradient: grey if coloured paths lie on it."""
    if scene.descends:
        return styles.function, styles.slope
    colour = partial(series_styles.colour, dark=styles.dark)
    return Style(color=colour(scene.chosen)), Style(color=colour(scene.chosen + 1))


def _flat_word(scene: CurveScene, styles: CurveStyles) -> str:
    return styles.text(f"{names(scene.curves[0])[1]} ≈ 0")


# --- the descent --------------------------------------------------------------------------------------------------


def _last_finite(scene: CurveScene, path: int) -> int:
    return int(np.flatnonzero(np.isfinite(scene.picture.values[path, : scene.step + 1]))[-1])


def _balls(scene: CurveScene, styles: CurveStyles) -> list[Ball | None]:
    """Every path's ball, with its colour and mark; that of the path in the readout is bold."""
    balls: list[Ball | None] = []
    for path in range(scene.picture.paths):
        ball = scene.ball(path)
        style = Style(color=path_styles.colour(path, dark=styles.dark), bold=path == scene.path or None)
        head = path_styles.head(path, styles.glyphs)
        balls.append(None if ball is None else Ball(ball.x, ball.y, ball.before, head, style))
    return balls


def _draw_paths(cells: Cells, scene: CurveScene, plot: Frame, balls: list[Ball | None], styles: CurveStyles) -> None:
    """Draw ghosts first, then trails, the last step of the path in the readout, and all balls, its own on top."""
    picture, dot = scene.picture, styles.glyphs.trail
    for ghost in picture.ghosts:
        draw_trail(cells, plot, ghost.points[:, 0], ghost.values, styles.glyphs.ghost_trail, styles.ghost)
    for path, ball in enumerate(balls):
        if ball is not None:
            xs, ys = picture.points[path, : scene.step + 1, 0], picture.values[path, : scene.step + 1]
            draw_trail(cells, plot, xs, ys, dot, Style(color=ball.style.color))
    chosen = balls[scene.path] if scene.path < len(balls) else None
    if chosen is not None:
        draw_stair(cells, plot, chosen)
        if chosen.before is not None and (at := place(plot, *chosen.before)):
            cells.put(*at, path_styles.start(scene.path, styles.glyphs), chosen.style)
    _draw_starts(cells, scene, plot, styles)
    for ball in [ball for path, ball in enumerate(balls) if path != scene.path] + [chosen]:
        if ball is not None:
            draw_ball(cells, plot, ball)


def _draw_starts(cells: Cells, scene: CurveScene, plot: Frame, styles: CurveStyles) -> None:
    """Draw the starts of the next run that differ from this one's, on the curve."""
    curve = scene.curves[0]
    ran = {round(float(x), 6) for x in scene.picture.points[:, 0, 0]}
    for number, point in enumerate(scene.picture.starts or ()):
        if round(point[0], 6) not in ran:
            value = float(np.interp(point[0], curve.x, curve.y))
            if (at := place(plot, point[0], value)) is not None:
                colour = path_styles.colour(number, dark=styles.dark)
                cells.put(*at, path_styles.start(number, styles.glyphs), Style(color=colour, bold=True))


# --- words --------------------------------------------------------------------------------------------------------


def _header(scene: CurveScene, plot: Frame, width: int, styles: CurveStyles) -> Cells:
    curve = scene.picture.curves[min(scene.chosen, len(scene.picture.curves) - 1)]
    row = Header(width, styles.text(curve.label), styles.title, styles.glyphs)
    reading = scene.reading
    if reading is not None:
        function, slope = (styles.text(name) for name in reading.names)
        said = [f"x {reading.x:.6g}", f"{function}(x) {reading.value:.6g}", f"{slope}(x) {reading.slope:.6g}"]
        row.say(said, styles.cursor)
        return row.cells
    row.say([styles.text(curve.formula)], styles.tick)
    if not scene.overlay:
        for entry in _pair_entries(scene, styles):
            row.add(entry.sample, entry.sample_style, entry.label, entry.style)
    state = []
    if scene.overlay:
        state.append(f"{'slopes of all' if scene.parts == 'slope' else 'all'} {len(scene.curves)} curves")
    if scene.window is not None:
        state.append("zoomed")
    if scene.parts == "both" and leaves(scene.curves, plot.x, plot.y):
        state.append(styles.text(f"{names(curve)[1]} cut off"))
    row.say_if_room(state, styles.tick)
    return row.cells


def _pair_entries(scene: CurveScene, styles: CurveStyles) -> list[Entry]:
    function, slope = names(scene.curves[0])
    samples = tuple(mark * 2 for mark in scene.marks) if styles.glyphs.ascii else styles.glyphs.lines[:2]
    pair = list(zip((function, slope), samples, _pair(scene, styles), strict=True))
    kept = {"both": pair, "function": pair[:1], "slope": pair[1:]}[scene.shown]
    return [Entry(styles.text(name), styles.tick, sample, style) for name, sample, style in kept]


def _entries(scene: CurveScene, styles: CurveStyles) -> list[Entry]:
    """The curves' names, the chosen one marked; with a sample of their line if all are drawn."""
    entries = []
    for slot, (curve, style) in enumerate(zip(scene.picture.curves, _colours(scene, styles), strict=True)):
        sample = series_styles.sample(slot, styles.glyphs) if scene.overlay else ""
        own = styles.chosen if slot == scene.chosen else styles.tick
        marker = f"{styles.glyphs.chosen} " if slot == scene.chosen else "  "
        function, slope = names(curve)
        # If derivatives are drawn, each is labelled with the derivative's own name.
        label = (slope if scene.parts == "slope" else function) if scene.overlay and function != "f" else curve.label
        entries.append(Entry(styles.text(label), own, sample, style, marker))
    return entries
