"""The surface as a map: shades, contours, paths, and a cursor that picks starts."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from engine.events import SurfaceDrawn
from tui.descent_picture import Basins, DescentPicture, Point
from tui.drawing.basin_picture import basin_at
from tui.drawing.map_axes import MapFrame, draw_below, draw_left, gutter, map_frame
from tui.drawing.map_scene import MapScene, Moment
from tui.drawing.map_window import MapWindow, fitted, stepped, zoom_allowed
from tui.drawing.palettes import parsed
from tui.drawing.plot_header import Header
from tui.drawing.raster import RowCache
from tui.drawing.relief import value_at
from tui.drawing.surface_picture import MapLook
from tui.plain import plain
from tui.widgets.drawn import Drawn
from tui.words import number

ZOOM = 2**0.5
"""How much one press enlarges: two presses double."""


class SurfaceMap(Drawn, can_focus=True):
    """The surface from above, low dark and high bright (on a light theme: low strong, high pale), with paths on it.

    The cursor moves on round numbers, so that what it picks can be written down. Pixels are square: the window shows
    more of the longer side rather than stretch. While nothing is zoomed it is the surface's whole domain.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "move_cursor(-1, 0)", "Cursor left", show=False),
        Binding("right,l", "move_cursor(1, 0)", "Cursor right", show=False),
        Binding("up,k", "move_cursor(0, 1)", "Cursor up", show=False),
        Binding("down,j", "move_cursor(0, -1)", "Cursor down", show=False),
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

    class CursorMoved(Message):
        """The cursor is at another point; None when it was put away."""

        def __init__(self, map: SurfaceMap, point: Point | None) -> None:
            super().__init__()
            self.map = map
            self.point = point

    class StartPicked(Message):
        """A start is wanted at this point; with `remove` it is the one nearest to it that is to go."""

        def __init__(self, map: SurfaceMap, point: Point, *, remove: bool = False) -> None:
            super().__init__()
            self.map = map
            self.point = point
            self.remove = remove

    class WindowMoved(Message):
        """Another part of the plane is shown."""

        def __init__(self, map: SurfaceMap, window: MapWindow) -> None:
            super().__init__()
            self.map = map
            self.window = window

    def __init__(self, *, ascii_only: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(ascii_only=ascii_only, id=id, classes=classes)
        self._moment = Moment(DescentPicture())
        self._awaiting = False
        self._cursor: Point | None = None
        self._view: MapWindow | None = None
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
        """Show `step` of the picture's paths, `path` being read out, coloured by `basins` where there are some."""
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
        self._moment = Moment(picture, step, path, self._cursor, basins)
        self._canvas.changed()

    @property
    def cursor(self) -> Point | None:
        """Where the cursor is in the plane; None while it is put away."""
        return self._cursor

    @property
    def window(self) -> MapWindow:
        """The part of the plane that is shown."""
        return self._layout(*self.size)[0]

    # --- keys -----------------------------------------------------------------------------------------------------

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
        """Add a start where the cursor is; without a cursor, bring it."""
        if self._cursor is None:
            self.action_move_cursor(0, 0)
        else:
            self.post_message(self.StartPicked(self, self._cursor))

    def action_unpick(self) -> None:
        """Remove the start nearest to the cursor."""
        if self._cursor is not None:
            self.post_message(self.StartPicked(self, self._cursor, remove=True))

    def action_leave_cursor(self) -> None:
        """Put the cursor away."""
        self._put_cursor(None)

    def action_zoom(self, direction: int) -> None:
        """Show a smaller (1) or larger (-1) part of the plane, what is under the cursor staying where it is."""
        if self._moment.picture.surface is None:
            return
        about = None if self._cursor is None else (self._cursor[0], self._cursor[1])
        there = self.window.zoomed(ZOOM**direction, about)
        if zoom_allowed(there, self._whole(there.columns, there.rows)):
            self._look_at(there)

    def action_pan(self, right: int, up: int) -> None:
        """Show what lies beside, an eighth of the window further."""
        if self._moment.picture.surface is not None:
            self._look_at(self.window.panned(right, up))

    def action_reset_view(self) -> None:
        """Show the whole surface again."""
        self._look_at(None)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the map was clicked, on round numbers."""
        window, frame = self._layout(*self.size)
        column, row = event.x - frame.left, event.y - 1
        if self._moment.picture.surface is not None and 0 <= column < window.columns and 0 <= row < window.rows:
            x = window.x_range[0] + (column + 0.5) * window.unit
            y = window.y_range[1] - (row + 0.5) * 2 * window.unit
            self._put_cursor((stepped(x, window.unit, 0), stepped(y, window.unit, 0)))

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
        self.post_message(self.CursorMoved(self, point))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The whole surface is offered where only a part is shown."""
        return self._view is not None if action == "reset_view" else True

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
        """The window and where it lies, below the header row. Labels of the y axis take what they need."""
        frame = map_frame(width, max(height - 1, 0))
        window = self._windowed(frame)
        need = gutter(window, frame)
        if need:
            frame = map_frame(width, max(height - 1, 0), need)
            window = self._windowed(frame)
        return window, frame

    def _windowed(self, frame: MapFrame) -> MapWindow:
        if self._view is None:
            return self._whole(frame.columns, frame.rows)
        return replace(self._view, columns=frame.columns, rows=frame.rows)

    # --- drawing --------------------------------------------------------------------------------------------------

    def draw(self, width: int, height: int) -> list[Strip]:
        header = self._header(width)
        if self._moment.picture.surface is None:
            return [header]
        window, frame = self._layout(width, height)
        if frame.columns < 1 or frame.rows < 1:
            return [header]
        left, below = self._framed(window, frame)
        rows = self._rows.strips(self._scene.draw(self._moment, window, self._look()))
        return [header, *(self._join(y, *pair) for y, pair in enumerate(zip(left, rows, strict=True))), *below]

    def _join(self, y: int, left: Strip, right: Strip) -> Strip:
        """Two strips side by side; the same two are the same strip again, which Textual then need not style again."""
        known = self._joined.get(y)
        if known is None or known[0] is not left or known[1] is not right:
            known = self._joined[y] = (left, right, Strip.join([left, right]))
        return known[2]

    def _framed(self, window: MapWindow, frame: MapFrame) -> tuple[list[Strip], list[Strip]]:
        axis, tick = self._part("axis"), self._part("tick")
        key = (window, frame, axis, tick)
        if self._axes is None or self._axes[0] != key:
            plain = self._ascii_only
            left = draw_left(window, frame, axis, tick, ascii_only=plain).strips()
            below = draw_below(window, frame, axis, tick, ascii_only=plain).strips() if frame.below else []
            self._axes = (key, left, below)
        return self._axes[1], self._axes[2]

    def _header(self, width: int) -> Strip:
        surface = self._moment.picture.surface
        said = plain if self._ascii_only else str
        title = "surface" if surface is None else said(surface.label)
        row = Header(width, title, self._part("title"), self._ascii_only)
        if surface is None:
            row.say(["none yet"], self._part("tick"))
        elif self._cursor is not None:
            row.say_if_room([said(word) for word in self._reading(surface)], self._part("cursor"))
        else:
            zoomed = [] if self._view is None else ["zoomed"]
            row.say_if_room([*zoomed, *self._basin_words(), said(surface.formula)], self._part("tick"))
        return row.cells.strips()[0]

    def _basin_words(self) -> list[str]:
        if self._awaiting:
            return ["descending from everywhere ..."]
        basins = self._moment.basins
        if basins is None:
            return []
        return [f"basins of {basins.optimizer} at {basins.learning_rate:g}", "stronger is sooner"]

    def _reading(self, surface: SurfaceDrawn) -> list[str]:
        """What the cursor reads: its place and f there."""
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
            ascii_only=self._ascii_only,
        )


def color_system(app: App[object]) -> str:
    """The colour system of the terminal, by Rich's name; an app without a terminal draws all colours."""
    return "truecolor" if app.is_headless else app.console.color_system or "truecolor"
