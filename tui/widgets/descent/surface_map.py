"""The surface map: shades, contours, paths, and a cursor that picks starts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from engine.descent.basins import Basins
from engine.descent.relief import value_at
from engine.descent.view3d import Camera
from engine.events import SurfaceDrawn
from tui.plot.basin_picture import basin_at
from tui.plot.line_plot import Look
from tui.plot.map_axes import MapFrame, draw_below, draw_left, gutter, map_frame
from tui.plot.map_scene import MapScene, Moment
from tui.plot.map_window import MapWindow, fitted, stepped, zoom_allowed
from tui.plot.palettes import parsed
from tui.plot.plot_header import Header
from tui.plot.raster_strips import RowCache
from tui.plot.solid import SolidWindow
from tui.plot.surface_picture import MapLook
from tui.text.words import number
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Point
from tui.widgets.cell_widget import PlotWidget

ARROW_WORDS = (
    {"g": "g against the gradient", "m": "m momentum", "s": "s step taken"},
    {"g": "g downhill", "m": "m momentum", "s": "s step"},
    {"g": "g down", "m": "m mom.", "s": "s step"},
)
"""The names of the arrows, by the letters at their heads, from long to short."""
ZOOM = 2**0.5
"""The zoom factor of one press: two presses double."""
TURN, TILT = 10.0, 5.0
"""The angles in degrees by which one press turns and tilts the 3D view."""


class SurfaceMap(PlotWidget, can_focus=True):
    """The surface from above, low dark and high bright (on a light theme: low strong, high pale), with paths on it.

    The cursor moves on round numbers, which can be written down. Pixels are square: the window shows more of the longer
    side instead of stretching. Without zoom it is the surface's whole domain.

    `toggle_solid` shows it in three dimensions instead, and the arrow keys then turn it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "arrow(-1, 0)", "Cursor left; turns 3D", show=False),
        Binding("right", "arrow(1, 0)", "Cursor right; turns 3D", show=False),
        Binding("up", "arrow(0, 1)", "Cursor up; turns 3D", show=False),
        Binding("down", "arrow(0, -1)", "Cursor down; turns 3D", show=False),
        Binding("h", "move_cursor(-1, 0)", "Cursor left", show=False),
        Binding("l", "move_cursor(1, 0)", "Cursor right", show=False),
        Binding("k", "move_cursor(0, 1)", "Cursor up", show=False),
        Binding("j", "move_cursor(0, -1)", "Cursor down", show=False),
        Binding("enter", "pick", "Add start", show=False),
        Binding("delete,backspace", "unpick", "Remove start", show=False),
        Binding("escape", "leave_cursor", "Put cursor away", show=False),
        Binding("plus,equals_sign", "zoom(1)", "Zoom in", key_display="+"),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-"),
        Binding("0", "reset_view", "Whole surface"),
        Binding("shift+left,H", "pan(-1, 0)", "Pan left", show=False),
        Binding("shift+right,L", "pan(1, 0)", "Pan right", show=False),
        Binding("shift+up,K", "pan(0, 1)", "Pan up", show=False),
        Binding("shift+down,J", "pan(0, -1)", "Pan down", show=False),
    ]

    class StartPicked(Message):
        """A request for a start at this point; with `remove`, to remove the nearest start."""

        def __init__(self, map: SurfaceMap, point: Point, *, remove: bool = False) -> None:
            super().__init__()
            self.map = map
            self.point = point
            self.remove = remove

    class WindowMoved(Message):
        """The shown part of the plane has changed."""

        def __init__(self, map: SurfaceMap, window: MapWindow) -> None:
            super().__init__()
            self.map = map
            self.window = window

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._moment = Moment(DescentPicture())
        self._awaiting = False
        self._cursor: Point | None = None
        self._view: MapWindow | None = None
        self._solid = False
        self._camera = Camera()
        self._scene = MapScene()
        self._rows = RowCache()
        self._axes: tuple[object, list[Strip], list[Strip]] | None = None
        self._joined: dict[int, tuple[Strip, Strip, Strip]] = {}

    def show(
        self,
        picture: DescentPicture,
        step: int,
        path: int = 0,
        basins: Basins | None = None,
        *,
        awaiting_basins: bool = False,
    ) -> None:
        """Show `step` of the picture's paths, with `path` in the readout, coloured by `basins` if given."""
        before, awaited = self._moment, self._awaiting
        self._awaiting = awaiting_basins
        if (
            (step, path, awaiting_basins) == (before.step, before.path, awaited)
            and basins is before.basins
            and picture.alike(before.picture)
        ):
            return
        if picture.surface is not before.picture.surface:
            self._view, self._cursor = None, None
            self.refresh_bindings()
        self._moment = Moment(picture, step, path, self._cursor, basins, before.arrows)
        self._canvas.changed()

    @property
    def cursor(self) -> Point | None:
        """The cursor's position in the plane; None without a cursor."""
        return self._cursor

    @property
    def window(self) -> MapWindow:
        """The shown part of the plane."""
        return self._layout(*self.size)[0]

    @property
    def solid(self) -> bool:
        """Whether the surface is shown in three dimensions."""
        return self._solid

    def toggle_arrows(self) -> None:
        """Show or hide the arrows of momentum and step."""
        self._moment = replace(self._moment, arrows=not self._moment.arrows)
        self._canvas.changed()

    @property
    def camera(self) -> Camera:
        """The camera of the 3D view."""
        return self._camera

    def toggle_solid(self) -> None:
        """Show the surface in three dimensions, or as a map again."""
        self._solid = not self._solid
        self.refresh_bindings()
        self._canvas.changed()

    # --- keys -----------------------------------------------------------------------------------------------------

    def action_arrow(self, right: int, up: int) -> None:
        """Move the cursor; in three dimensions, turn the surface in that direction."""
        if not self._solid:
            self.action_move_cursor(right, up)
            return
        self._camera = self._camera.turned(-right * TURN, up * TILT)
        self.refresh_bindings()
        self._canvas.changed()

    def action_move_cursor(self, right: int, up: int) -> None:
        """Move the cursor to the next round numbers; it starts in the middle, and the window follows it."""
        if self._moment.picture.surface is None:
            return
        window = self.window
        x, y = self._cursor or (window.x, window.y)
        if self._cursor is None:
            right = up = 0
        self._put_cursor((stepped(x, window.unit, right), stepped(y, window.unit, up)))

    def action_pick(self) -> None:
        """Add a start at the cursor; without a cursor, show it."""
        if self._cursor is None:
            self.action_move_cursor(0, 0)
        else:
            self.post_message(self.StartPicked(self, self._cursor))

    def action_unpick(self) -> None:
        """Remove the start nearest to the cursor."""
        if self._cursor is not None:
            self.post_message(self.StartPicked(self, self._cursor, remove=True))

    def action_leave_cursor(self) -> None:
        """Remove the cursor."""
        self._put_cursor(None)

    def action_zoom(self, direction: int) -> None:
        """Show a smaller (1) or larger (-1) part of the plane; the point under the cursor stays in place."""
        if self._moment.picture.surface is None:
            return
        about = None if self._cursor is None else (self._cursor[0], self._cursor[1])
        there = self.window.zoomed(ZOOM**direction, about)
        if zoom_allowed(there, self._whole(there.columns, there.rows)):
            self._look_at(there)

    def action_pan(self, right: int, up: int) -> None:
        """Move the window by an eighth of its size."""
        if self._moment.picture.surface is None:
            return
        window = self.window
        if self._solid:
            view = self._solid_window(*self.size).view
            (x, y), (x0, y0) = (view.plane(*(np.array([each]) for each in way)) for way in ((right, up), (0, 0)))
            self._look_at(replace(window, x=window.x + float(x[0] - x0[0]) / 4, y=window.y + float(y[0] - y0[0]) / 4))
        else:
            self._look_at(window.panned(right, up))

    def action_reset_view(self) -> None:
        """Show the whole surface again, in three dimensions from the initial camera."""
        self._camera = Camera()
        self._look_at(None)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor at the clicked place, on round numbers."""
        if self._solid:
            self._click_solid(event.x, event.y - 1)
            return
        window, frame = self._layout(*self.size)
        column, row = event.x - frame.left, event.y - 1
        if self._moment.picture.surface is not None and 0 <= column < window.columns and 0 <= row < window.rows:
            x = window.x_range[0] + (column + 0.5) * window.unit
            y = window.y_range[1] - (row + 0.5) * 2 * window.unit
            self._put_cursor((stepped(x, window.unit, 0), stepped(y, window.unit, 0)))

    def _click_solid(self, column: int, row: int) -> None:
        """Put the cursor on the point of the surface that a cell shows."""
        surface = self._moment.picture.surface
        if surface is None or row < 0:
            return
        seen = self._scene.place_at(column, row)
        if seen is not None:
            unit = self.window.unit
            self._put_cursor((stepped(seen[0], unit, 0), stepped(seen[1], unit, 0)))

    def _put_cursor(self, point: Point | None) -> None:
        if point == self._cursor:
            return
        self._cursor = point
        self._moment = replace(self._moment, cursor=point)
        if point is not None:
            there = self.window.showing(point[0], point[1])
            if there != self.window:
                self._look_at(there)
        self._canvas.changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show the whole surface only if a part is shown."""
        turned = self._solid and self._camera != Camera()
        return self._view is not None or turned if action == "reset_view" else True

    def _look_at(self, window: MapWindow | None) -> None:
        other = (self._view is None) != (window is None)
        self._view = window
        if other:
            self.refresh_bindings()
        self._canvas.changed()
        self.post_message(self.WindowMoved(self, self.window))

    # --- layout ---------------------------------------------------------------------------------------------------

    def _whole(self, columns: int, rows: int) -> MapWindow:
        surface = self._moment.picture.surface
        if surface is None:
            return MapWindow(0.0, 0.0, 1.0, columns, rows)
        ranges = [(float(axis[0]), float(axis[-1])) for axis in (surface.x, surface.y)]
        return fitted(ranges[0], ranges[1], columns, rows)

    def _layout(self, width: int, height: int) -> tuple[MapWindow, MapFrame]:
        """The window and its position, below the header row. Labels of the y axis get the width they need."""
        frame = map_frame(width, max(height - 1, 0))
        window = self._windowed(frame)
        need = gutter(window, frame) if frame.columns > 0 and frame.rows > 0 else 0
        if need:
            frame = map_frame(width, max(height - 1, 0), need)
            window = self._windowed(frame)
        return window, frame

    def _windowed(self, frame: MapFrame) -> MapWindow:
        if self._view is None:
            return self._whole(frame.columns, frame.rows)
        return replace(self._view, columns=frame.columns, rows=frame.rows)

    def _solid_window(self, width: int, height: int) -> SolidWindow:
        """The window of the 3D view, below the header row: the domain, or the same part as on the map."""
        surface, rows = self._moment.picture.surface, max(height - 1, 1)
        assert surface is not None
        window, frame = self._layout(width, height)
        part = window.unit / self._whole(frame.columns, frame.rows).unit
        ranges = []
        for axis, centre in ((surface.x, window.x), (surface.y, window.y)):
            half = float(axis[-1] - axis[0]) / 2 * part
            ranges.append((centre - half, centre + half))
        return SolidWindow(ranges[0], ranges[1], self._camera, max(width, 1), rows)

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Strip]:
        if self._moment.picture.surface is None:
            return [self._header(width)]
        if self._solid and height > 1:
            solid = self._solid_window(width, height)
            rows = self._rows.strips(self._scene.draw(self._moment, solid, self._look()))
            return [self._header(width), *rows]
        window, frame = self._layout(width, height)
        if frame.columns < 1 or frame.rows < 1:
            return [self._header(width)]
        left, below = self._framed(window, frame)
        rows = self._rows.strips(self._scene.draw(self._moment, window, self._look()))
        return [
            self._header(width),
            *(self._join(y, *pair) for y, pair in enumerate(zip(left, rows, strict=True))),
            *below,
        ]

    def _join(self, y: int, left: Strip, right: Strip) -> Strip:
        """Join two strips; the same two give the same object again, which Textual then need not style again."""
        known = self._joined.get(y)
        if known is None or known[0] is not left or known[1] is not right:
            known = self._joined[y] = (left, right, Strip.join([left, right]))
        return known[2]

    def _framed(self, window: MapWindow, frame: MapFrame) -> tuple[list[Strip], list[Strip]]:
        look = Look(self._part("axis"), self._part("tick"), glyphs=self._glyphs)
        key = (window, frame, look)
        if self._axes is None or self._axes[0] != key:
            left = draw_left(window, frame, look).strips()
            below = draw_below(window, frame, look).strips() if frame.below else []
            self._axes = (key, left, below)
        return self._axes[1], self._axes[2]

    def _header(self, width: int) -> Strip:
        surface = self._moment.picture.surface
        said = self._glyphs.spelled
        title = "surface" if surface is None else said(surface.label)
        row = Header(width, title, self._part("title"), self._glyphs)
        if surface is None:
            row.say(["none yet"], self._part("tick"))
        elif self._cursor is not None:
            row.say_if_room([said(word) for word in self._reading(surface)], self._part("cursor"))
        else:
            zoomed = [] if self._view is None else ["zoomed"]
            if self._solid:
                degrees = "" if self._glyphs.ascii else "°"
                azimuth, elevation = (
                    f"{round(angle)}{degrees}" for angle in (self._camera.azimuth, self._camera.elevation)
                )
                zoomed += [said(f"azimuth {azimuth}".replace("-", "−")), f"elevation {elevation}"]
            words = [*self._arrow_words(row), *zoomed, *self._basin_words()]
            row.say_if_room([*words, said(surface.formula)], self._part("tick"))
        return row.cells.strips()[0]

    def _basin_words(self) -> list[str]:
        if self._awaiting:
            return ["descending from everywhere ..."]
        basins = self._moment.basins
        if basins is None:
            return []
        return [f"basins of {basins.optimizer} at {basins.learning_rate:g}", "stronger is sooner"]

    def _arrow_words(self, row: Header) -> Sequence[str]:
        """The names of the arrows, if there are others than the gradient's."""
        own = {"m": f"m {self._scene.momentum_name}"} if self._scene.momentum_name else {}
        return row.fullest([{**words, **own}[name] for name in self._scene.arrow_names] for words in ARROW_WORDS)

    def _reading(self, surface: SurfaceDrawn) -> list[str]:
        """The values at the cursor: its position and f there."""
        x, y = self._cursor or (0.0, 0.0)
        words = [f"x {number(x)}", f"y {number(y)}", f"f {number(value_at(surface, x, y))}"]
        return [*words, *filter(None, [basin_at(self._moment.basins, x, y)])]

    def _look(self) -> MapLook:
        dark = self.app.current_theme.dark
        return MapLook(
            dark=dark,
            system=color_system(self.app),
            background=parsed(self.background_colors[1].hex6),
            ink=0xFFFFFF if dark else 0x000000,
            plain=self.app.no_color,
            glyphs=self._glyphs,
        )


def color_system(app: App[object]) -> str:
    """The colour system of the terminal, by Rich's name; an app without a terminal draws all colours."""
    return "truecolor" if app.is_headless else app.console.color_system or "truecolor"
