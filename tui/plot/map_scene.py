"""The map scene: draws all layers of a map in order, and keeps a layer that did not change from frame to frame."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.descent.basins import Basins
from engine.events import PathsOpened, SurfaceDrawn
from tui.plot import path_styles
from tui.plot.basin_picture import NAMES
from tui.plot.braille import Dash
from tui.plot.map_marks import (
    Mark,
    Places,
    arrow_length,
    draw_arrow,
    draw_cursor,
    faint,
    ghost_colour,
    lay_dots,
    path_colours,
    put_marks,
    typical_height,
)
from tui.plot.map_window import MapWindow
from tui.plot.palettes import blended
from tui.plot.raster import BOLD, REVERSE, Raster
from tui.plot.solid import PLANE_ACROSS, PLANE_DOWN, SolidShades, SolidWindow, label_axes, solid_shades
from tui.plot.surface_picture import MapLook, SurfaceShades, ground
from tui.plot.trails import Dots, Trails
from tui.views.descent_picture import DescentPicture
from tui.views.paths_picture import Ghost, Point, ghosts_alike
from tui.views.step_parts import MOMENTUM, step_parts


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """What a map shows: `step` of the picture's paths, `path` the one in the readout, and the cursor if there is one.

    `basins` colour the map if given. With `arrows`, the arrows of the momentum and of the step that was taken are drawn
    beside the gradient's.
    """

    picture: DescentPicture
    step: int = 0
    path: int = 0
    cursor: Point | None = None
    basins: Basins | None = None
    arrows: bool = True


Window = MapWindow | SolidWindow
_HIDDEN = 0.35
_GENEROUS, _LEAST_COLUMNS = 1.5, 2.0
"""The length of the longest of several arrows relative to the gradient's alone, and the columns of one that would be
too short to show its direction."""


class MapScene:
    """Draws moments. The map is drawn once per window, and each dot of a path once per part of the plane."""

    def __init__(self) -> None:
        self.arrow_names: tuple[str, ...] = ()
        """The letters of the arrows that were drawn last; empty if only the gradient's was."""
        self.momentum_name = ""
        """The name of the momentum whose arrow was drawn last, if a learner's rule gives it one."""
        self._ground: SurfaceShades | None = None
        self._ground_of: tuple[SurfaceDrawn, Window, MapLook, Basins | None] | None = None
        self._trails: Trails | None = None
        self._trails_of: tuple[PathsOpened | None, MapWindow, Any] | None = None
        self._ghosts: list[Dots] = []
        self._ghosts_of: tuple[tuple[Ghost, ...], MapWindow, Any] | None = None

    def draw(self, moment: Moment, window: Window, look: MapLook) -> Raster:
        """Draw the map of this moment. The picture must have a surface."""
        picture = moment.picture
        assert picture.surface is not None
        self.arrow_names = ()
        below = self.ground(picture.surface, window, look, moment.basins)
        places = _places(window, below)
        cells = below.cells.copy()
        self._draw_ghosts(cells, below, picture.ghosts, window, look)
        if picture.paths and picture.points.shape[2] == 2:
            self._draw_paths(cells, below, moment, window, look)
        if isinstance(below, SolidShades):
            label_axes(cells, below.solid, look)
        put_marks(cells, below, places, _visible_marks(_fixed_marks(moment, look), below, look), look)
        if picture.paths and picture.points.shape[2] == 2:
            here = _standing(picture, moment.step)
            path = min(moment.path, picture.paths - 1)
            point = (float(here[path, 0]), float(here[path, 1]))
            self._draw_arrows(cells, below, places, point, moment, look)
            put_marks(cells, below, places, _visible_marks(_path_marks(moment, here, path, look), below, look), look)
        if moment.cursor is not None:
            draw_cursor(cells, below, places, (moment.cursor[0], moment.cursor[1]), look)
        return cells

    def _draw_arrows(
        self, cells: Raster, below: SurfaceShades, places: Places, point: Point, moment: Moment, look: MapLook
    ) -> None:
        """Draw the arrows of the step from `point`, for plain descent only the gradient's; the shortest on top."""
        picture, path = moment.picture, min(moment.path, moment.picture.paths - 1)
        step, here = min(moment.step, picture.last_step), (point[0], point[1])
        parts = step_parts(picture, path, step) if moment.arrows else None
        if parts is None:
            draw_arrow(cells, below, places, here, picture.gradients[path, step], look)
            return
        self.momentum_name = "" if parts.momentum_name == MOMENTUM else parts.momentum_name
        sizes = {name: float(np.hypot(*push)) for name, push in parts.pushes().items()}
        longest = max(sizes.values(), default=0.0)
        # On one scale, to make sums visible as sums; the longest is longer than a gradient alone would be.
        whole = _GENEROUS * arrow_length(longest, places, typical_height(below))
        self.arrow_names = tuple(name for name, size in sizes.items() if whole and size > 0)
        for name in sorted(self.arrow_names, key=lambda name: -sizes[name]):
            columns = max(whole * sizes[name] / longest, _LEAST_COLUMNS)
            draw_arrow(cells, below, places, here, -parts.pushes()[name], look, name, columns)

    def place_at(self, column: int, row: int) -> tuple[float, float] | None:
        """The point of the plane at a cell of the solid drawn last; None if the cell shows none."""
        return self._ground.solid.place_at(column, row) if isinstance(self._ground, SolidShades) else None

    def ground(self, surface: SurfaceDrawn, window: Window, look: MapLook, basins: Basins | None) -> SurfaceShades:
        """The map alone, drawn again only if one of these has changed."""
        key = (surface, window, look, basins)
        known = self._ground_of
        same = known is not None and known[0] is surface and known[1:3] == key[1:3] and known[3] is basins
        if self._ground is None or not same:
            if isinstance(window, SolidWindow):
                self._ground = solid_shades(surface, window, look, basins)
            else:
                self._ground = ground(surface, window, look, basins)
            self._ground_of = key
        return self._ground

    def _draw_paths(self, cells: Raster, below: SurfaceShades, moment: Moment, window: Window, look: MapLook) -> None:
        picture = moment.picture
        dots = _seen(self._path_dots(picture, window, look), below, look)
        colours = path_colours(picture.paths, look)
        if moment.step < picture.last_step:
            lay_dots(cells, below, dots, window, look, faint(colours, look), moment.path)
            dots = dots.until(moment.step)
        lay_dots(cells, below, dots, window, look, colours, moment.path)

    def _path_dots(self, picture: DescentPicture, window: Window, look: MapLook) -> Dots:
        plane, *fineness = _tracing(window, look)
        key = (picture.opened, plane, (fineness, look.plain))
        known = self._trails_of
        same = known is not None and known[0] is picture.opened and known[1:] == key[1:]
        if self._trails is None or not same or self._trails.steps > picture.points.shape[1]:
            across, down, longer = fineness
            dashes = [_longer(path_styles.dash(slot, plain=look.plain), longer) for slot in range(picture.paths)]
            self._trails = Trails(plane, picture.paths, across, down, () if look.glyphs.ascii else dashes)
            self._trails_of = key
        if self._trails.steps < picture.points.shape[1]:
            self._trails.extend(picture.points[:, self._trails.steps :])
        return self._trails.dots()

    def _draw_ghosts(
        self, cells: Raster, below: SurfaceShades, ghosts: tuple[Ghost, ...], window: Window, look: MapLook
    ) -> None:
        plane, *fineness = _tracing(window, look)
        known = self._ghosts_of
        if known is None or known[1:] != (plane, fineness) or not ghosts_alike(known[0], ghosts):
            across, down, longer = fineness
            dashes = [None if look.glyphs.ascii else _longer((1, 1), longer)]
            self._ghosts = [
                Trails(plane, 1, across, down, dashes).extend(ghost.points[None])
                for ghost in ghosts
                if ghost.points.shape[1] == 2
            ]
            self._ghosts_of = (ghosts, plane, fineness)
        colour = np.array([ghost_colour(look)], np.int32)
        for dots in self._ghosts:
            lay_dots(cells, below, _seen(dots, below, look), window, look, colour, char=".")


def _tracing(window: Window, look: MapLook) -> tuple[MapWindow, int, int, int]:
    """The grid for tracing paths: the plane, dots per cell across and down, and the factor by which dashes are
    longer."""
    if isinstance(window, SolidWindow):
        return window.plane, PLANE_ACROSS, PLANE_DOWN, window.dots_a_dot
    return window, *_dots_a_cell(look), 1


def _places(window: Window, below: SurfaceShades) -> Places:
    """The mapping from points of the plane to the screen."""
    if isinstance(window, SolidWindow):
        assert isinstance(below, SolidShades)
        return below.solid
    return window


def _seen(dots: Dots, below: SurfaceShades, look: MapLook) -> Dots:
    """The dots of paths as visible on the screen."""
    return below.solid.seen(dots, *_dots_a_cell(look)) if isinstance(below, SolidShades) else dots


def _visible_marks(marks: list[Mark], below: SurfaceShades, look: MapLook) -> list[Mark]:
    """The visible marks of a solid. A `followed` one that is hidden stays, faint; one outside moves to the nearest
    edge."""
    if not isinstance(below, SolidShades) or not marks:
        return marks
    placed = [
        replace(mark, x=x, y=y) if mark.followed else mark
        for mark in marks
        for x, y in [below.solid.nearest(mark.x, mark.y)]
    ]
    visible = below.solid.visible(np.array([(mark.x, mark.y) for mark in placed]))
    return [
        mark if shown else replace(mark, colour=hidden_colour(mark.colour, look))
        for mark, shown in zip(placed, visible.tolist(), strict=True)
        if shown or mark.followed
    ]


def hidden_colour(colour: int, look: MapLook) -> int:
    """The colour of a mark that is hidden by a part of the surface."""
    return int(blended(np.array(colour, np.int32), look.background, _HIDDEN))


def _longer(dash: Dash, times: int) -> Dash:
    return None if dash is None else (dash[0] * times, dash[1] * times)


def _dots_a_cell(look: MapLook) -> tuple[int, int]:
    return (1, 1) if look.glyphs.ascii else (2, 4)


def _standing(picture: DescentPicture, step: int) -> npt.NDArray[np.float64]:
    """The position of each path at `step`, float64 [p, 2]; NaN after it diverged."""
    return np.asarray(picture.points[:, min(step, picture.last_step)], np.float64)


def _fixed_marks(moment: Moment, look: MapLook) -> list[Mark]:
    """Known minima, starts of the next run, and the starts of the paths."""
    picture = moment.picture
    marks: list[Mark] = []
    minima = moment.basins.minima if moment.basins is not None else picture.surface.minima if picture.surface else ()
    for place, minimum in enumerate(minima):
        char = NAMES[place % len(NAMES)] if moment.basins is not None else look.glyphs.minimum
        marks.append(Mark(minimum.point[0], minimum.point[1], char, look.ink))
    began = set() if picture.opened is None else set(map(tuple, picture.opened.starts.tolist()))
    for start in picture.starts:
        if len(start) == 2 and tuple(np.array(start, np.float32).tolist()) not in began:
            marks.append(Mark(start[0], start[1], look.glyphs.ring, look.ink))
    return marks


def _path_marks(moment: Moment, here: npt.NDArray[np.float64], path: int, look: MapLook) -> list[Mark]:
    """The start and the head of every path, those of the path in the readout last."""
    starts = np.asarray(moment.picture.points[:, 0], np.float64)
    colours = path_colours(moment.picture.paths, look).tolist()
    order = [slot for slot in range(len(here)) if slot != path] + [path]
    began = [
        Mark(float(starts[slot, 0]), float(starts[slot, 1]), path_styles.start(slot, look.glyphs), colours[slot])
        for slot in order
    ]
    now = [
        Mark(
            float(here[slot, 0]),
            float(here[slot, 1]),
            path_styles.head(slot, look.glyphs),
            colours[slot],
            _head_attributes(look),
            followed=True,
        )
        for slot in order
        if np.isfinite(here[slot]).all()
    ]
    return began + now if moment.step else now


def _head_attributes(look: MapLook) -> int:
    return BOLD | REVERSE if look.glyphs.ascii else BOLD
